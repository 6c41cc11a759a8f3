import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import process from "node:process";
import { beforeAll, describe, expect, test } from "vitest";
import type { PluginCode } from "../../src/plugins/import-plugin.ts";
import { scratchFolder } from "../input/scratch-folder.ts";

const cwd = join(scratchFolder().path, "plug");
function write(files: Readonly<Record<string, string | Uint8Array>>): void {
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(cwd, name)), { recursive: true });
    writeFileSync(join(cwd, name), content);
  }
}

/** What came of loading each of these, one after the other, by Node itself, which a process of its own is for. */
function loaded(names: readonly string[]): readonly (PluginCode | string)[] {
  const module = join(import.meta.dirname, "../../src/plugins/load-plugin.ts");
  const script = `const { loadPlugin } = await import(${JSON.stringify(module)});
    const found = [];
    for (const name of ${JSON.stringify(names)}) {
      found.push(await loadPlugin(name).then(({ code }) => code, (error) => error.message));
    }
    console.log(JSON.stringify(found));`;
  const words = ["--input-type=module", "-e", script];
  const { stdout, stderr } = spawnSync(process.execPath, words, { cwd, encoding: "utf8" });
  // Of what a plug-in does Node may warn, such as of WebAssembly; of what is done for it, not.
  expect(stderr).not.toMatch(/stripTypeScriptTypes/);
  return JSON.parse(stdout);
}

const kernel = (more: string) => `import { simpleKernel } from "attnbench";
  ${more}
  export const kernels = [simpleKernel({ id: "mine", prepare: () => () => {} })];`;
const wasm = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0);
const hash = expect.stringMatching(/^[0-9a-f]{64}$/);

describe("a plug-in", () => {
  beforeAll(() => {
    write({
      "mine.ts": kernel(`
        import { scale } from "../lib/scale.ts";
        import table from "./table.json" with { type: "json" };
        import * as module from "./module.wasm";
        import * as named from "@s/esm/deep";
        import { createRequire } from "node:module";
        // Names that are put together are known once they are loaded.
        const [late, old] = [await import("./la" + "te.ts"), createRequire(import.meta.url)("./o" + "ld.cjs")];`),
      "../lib/scale.ts": "export const scale: number = 1;",
      "table.json": "{}",
      "module.wasm": wasm,
      "late.ts": `import "./later.ts"; export {};`,
      "later.ts": "export {};",
      "old.cjs": "module.exports = 1;",
      "node_modules/@s/esm/package.json":
        '{"version":"2.0.0","type":"module","exports":{"./deep":{"import":"./deep.mts"}},"dependencies":{"dep":"1"}}',
      "node_modules/@s/esm/deep.mts": kernel("const one: number = 1;"),
      "node_modules/dep/package.json": '{"version":"3.1.4"}',
      "node_modules/typed/package.json": '{"version":"1.0.0","main":"index.ts"}',
      "node_modules/typed/index.ts": kernel(`import { x, type Y } from "./lib/x.ts"; const y: Y = x;`),
      "node_modules/typed/lib/x.ts": "export type Y = number; export const x: Y = 1;",
      "node_modules/enums/index.ts": kernel("enum A { B }"),
      "node_modules/enums/package.json": '{"main":"index.ts"}',
      "plain/package.json": "{}",
      "none.mjs": "throw null",
      "silent.mjs": "throw new Error()",
    });
  });

  test("is told with all that it loads; one of a package is found by name, in TypeScript too", () => {
    const names = ["mine.ts", "typed", "./node_modules/typed/index.ts", "@s/esm/deep"];
    const [mine, typed, byPath, scoped] = loaded(names);
    expect(mine).toEqual({
      name: "mine.ts",
      code: {
        "../lib/scale.ts": hash,
        "late.ts": hash,
        "later.ts": hash,
        "mine.ts": hash,
        "module.wasm": hash,
        "npm:@s/esm": expect.stringMatching(/^2\.0\.0 [0-9a-f]{16}$/),
        "npm:dep": expect.stringMatching(/^3\.1\.4 [0-9a-f]{16}$/),
        "old.cjs": hash,
        "table.json": hash,
      },
    });
    expect(typed).toEqual({ name: "index.ts", code: { "index.ts": hash, "lib/x.ts": hash } });
    expect(byPath).toEqual(typed);
    expect(scoped).toEqual({ name: "deep.mts", code: { "deep.mts": hash } });
  });

  test("that is none is refused in one line", () => {
    const found = loaded([
      "gone.ts",
      "./gone",
      "plain",
      "fs",
      "@s/esm/other",
      "enums",
      "../lib",
      "none.mjs",
      "silent.mjs",
    ]);
    expect(found).toEqual([
      expect.stringMatching(
        /^plug-in gone.ts: there is no such file, nor a package .*; name a path, or install it$/,
      ),
      "plug-in ./gone: there is no such file",
      "plug-in plain: must be a file, got a folder, pipe or device",
      expect.stringMatching(/^plug-in fs: there is no such file, nor a package/),
      expect.stringMatching(/^plug-in @s\/esm\/other: cannot be loaded, .*other.*not defined/),
      expect.stringMatching(/^plug-in enums: cannot be loaded, .*enum/),
      "plug-in ../lib: must be a file, got a folder, pipe or device",
      "plug-in none.mjs: cannot be loaded, it threw null; throw an Error that says why",
      "plug-in silent.mjs: cannot be loaded, it threw an error without a message; throw an Error that says why",
    ]);
  });
});
