import { mkdirSync, rmSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { identifyModules, inParts, UNREADABLE } from "../../src/identity/module-graph.ts";
import { checkoutCode } from "../../src/identity/own-code.ts";
import { preloadedCode } from "../../src/identity/preloads.ts";
import { scratchFolder } from "../input/scratch-folder.ts";

const scratch = scratchFolder();

function folder(name: string, files: Readonly<Record<string, string>>): string {
  for (const [file, content] of Object.entries(files)) {
    mkdirSync(dirname(join(scratch.path, name, file)), { recursive: true });
    writeFileSync(join(scratch.path, name, file), content);
  }
  return join(scratch.path, name);
}

const identify = (base: string, entry: string, deep = false) =>
  identifyModules(new Map([[entry, join(base, entry)]]), { base, deep });

test.each([
  ["imported", `import { x } from "./led/to.js";`],
  ["imported for what it does", `import './led/to.js'`],
  ["imported later", "const later = () => import(`./led/to.js`);"],
  ["exported again", `export * from "./led/to.js";`],
  ["imported with attributes", `import x from "./led/to.js" with { type: "json" };`],
  ["required", `require("./led/to.js")`],
  ["required without its ending", `require("./led/to")`],
  ["read beside the module", `readFileSync(new URL("./led/to.js", import.meta.url))`],
  ["read by a name without a dot before", `readFileSync(join(import.meta.dirname, "led/to.js"))`],
  ["asked for with a query", `import("./led/to.js?worker")`],
  ["named after an apostrophe", `/* don't */ import x from './led/to.js'; // isn't`],
  ["in minified code", `var a="x";import{b}from"./led/to.js";var c='y'`],
])("what is %s is told, and what that leads to", (_, source) => {
  const base = folder("kinds", {
    "entry.ts": source,
    "led/to.js": 'import "../further.json"',
    "further.json": "1",
  });
  const before = identify(base, "entry.ts");
  expect(Object.keys(before)).toEqual(["entry.ts", "further.json", "led/to.js"]);
  for (const hash of Object.values(before)) expect(hash).toMatch(/^[0-9a-f]{64}$/);
  folder("kinds", { "further.json": "2" });
  const after = identify(base, "entry.ts");
  expect({ ...after, "further.json": "" }).toEqual({ ...before, "further.json": "" });
  expect(after["further.json"]).not.toBe(before["further.json"]);
});

test("modules that lead to one another are told once, those above the folder by their way", () => {
  folder("circle", { "lib/b.ts": `import "../plug/a.ts"` });
  const base = folder("circle/plug", { "a.ts": `import "../lib/b.ts"; import "./gone.ts"` });
  expect(Object.keys(identify(base, "a.ts"))).toEqual(["../lib/b.ts", "a.ts"]);
});

test("packages are told by name and version, by content and with those that they need where that is asked for", () => {
  const base = folder("packages", {
    "entry.ts": `import a from "a"; import b from "@s/b/deep"; import fs from "node:fs"; import "attnbench";`,
    "node_modules/a/package.json": '{"version":"1.2.3","main":"index.js","dependencies":{"c":"*","d":"*"}}',
    "node_modules/a/index.js": "",
    // Of modules alone: not to be found by require.
    "node_modules/@s/b/package.json": '{"version":"2.0.0","exports":{"./deep":{"import":"./deep.js"}}}',
    "node_modules/c/package.json": "{}",
    "node_modules/a/node_modules/d/package.json": '{"version":"4.0.0"}',
  });
  const { "entry.ts": _, ...direct } = identify(base, "entry.ts");
  expect(direct).toEqual({ "npm:a": "1.2.3", "npm:@s/b": "2.0.0" });
  const { "entry.ts": __, ...all } = identify(base, "entry.ts", true);
  const told = (version: string) => expect.stringMatching(new RegExp(`^${version} [0-9a-f]{16}$`));
  expect(all).toEqual({
    "npm:a": told("1.2.3"),
    "npm:@s/b": told("2.0.0"),
    "npm:c": told("without a version"),
    "npm:d": told("4.0.0"),
  });
});

test("an edited file of a package is another package where its content is asked for, however deep, but no prose", () => {
  const base = folder("edited", {
    "entry.ts": `import a from "a"`,
    "node_modules/a/package.json": '{"version":"1.0.0","peerDependencies":{"d":"*"}}',
    "node_modules/a/lib/far.js": "1",
    "node_modules/a/far.d.ts": "1",
    "node_modules/d/package.json": '{"version":"1.0.0"}',
    "node_modules/d/table.bin": "1",
  });
  const before = identify(base, "entry.ts", true);
  folder("edited", { "node_modules/a/far.d.ts": "2", "node_modules/a/README.md": "2" });
  expect(identify(base, "entry.ts", true)).toEqual(before);
  folder("edited", { "node_modules/d/table.bin": "2" });
  const data = identify(base, "entry.ts", true);
  expect({ ...data, "npm:d": "" }).toEqual({ ...before, "npm:d": "" });
  expect(data["npm:d"]).not.toBe(before["npm:d"]);
  folder("edited", { "node_modules/a/lib/far.js": "2" });
  expect(identify(base, "entry.ts", true)["npm:a"]).not.toBe(before["npm:a"]);
});

test("a package of too much to look at is told by its version, and a small one beside it by its content", () => {
  const base = folder("huge", {
    "entry.ts": `import a from "a"; import b from "b"`,
    "node_modules/a/package.json": '{"version":"1.0.0"}',
    "node_modules/b/package.json": '{"version":"2.0.0"}',
  });
  truncateSync(join(folder("huge", { "node_modules/a/model.bin": "" }), "node_modules/a/model.bin"), 2 ** 26);
  const { "npm:a": large, "npm:b": small } = identify(base, "entry.ts", true);
  expect([large, small]).toEqual(["1.0.0", expect.stringMatching(/^2\.0\.0 [0-9a-f]{16}$/)]);
});

test("a package that is linked from elsewhere is told by its files", () => {
  const linked = folder("linked/elsewhere", { "package.json": '{"main":"index.js"}', "index.js": "1" });
  const base = folder("linked/plug", { "entry.ts": 'import "mine"', "node_modules/here": "" });
  symlinkSync(linked, join(base, "node_modules/mine"));
  expect(Object.keys(identify(base, "entry.ts"))).toEqual(["../elsewhere/index.js", "entry.ts"]);
});

test("of a checkout every file is told, known to git or not, and what lies outside and is imported", () => {
  const base = folder("checkout/own", {
    "src/kernels/index.ts": "",
    "variants/mine.ts": `import "../../beside/fast.ts"`,
    "README.md": "",
  });
  folder("checkout/beside", { "fast.ts": "" });
  symlinkSync("nowhere", join(base, "src/link.ts"));
  const told = checkoutCode(base);
  expect(Object.keys(told)).toEqual([
    "../beside/fast.ts",
    "src/kernels/index.ts",
    "src/link.ts",
    "variants/mine.ts",
  ]);
  expect(told["src/link.ts"]).toBe(UNREADABLE);
  rmSync(join(base, "src/link.ts"));
  symlinkSync("..", join(base, "src/around"));
  expect(Object.keys(checkoutCode(base))).toContain("variants/mine.ts");
});

test("a part's hash tells of each of its files, and what has no part stays as it is", () => {
  const partOf = (name: string) => (name.startsWith("src/") ? "src" : null);
  const parts = inParts({ "src/a": "1", "src/b": "2", "npm:zod": "4" }, partOf);
  expect(parts).toEqual({ src: expect.stringMatching(/^[0-9a-f]{64}$/), "npm:zod": "4" });
  expect(inParts({ "src/a": "1", "src/c": "2" }, partOf).src).not.toBe(parts.src);
  expect(inParts({ "src/a": "1", "src/b": "3" }, partOf).src).not.toBe(parts.src);
});

test("modules that Node's flags load before are told, by whatever flag", () => {
  const base = folder("flags", { "hook.mjs": 'import "./deep.mjs"', "deep.mjs": "1" });
  const path = join(base, "hook.mjs");
  const [before] = [["--import", path], [`--require=${path}`], ["-r", path], [`--import=file://${path}`]].map(
    (flags) => {
      const told = Object.values(preloadedCode(["--no-warnings", ...flags]));
      expect(told).toHaveLength(2);
      return told;
    },
  );
  folder("flags", { "deep.mjs": "2" });
  expect(Object.values(preloadedCode(["--import", path]))).not.toEqual(before);
  expect(preloadedCode(["--no-warnings", "--import", "zod"])).toEqual({ "npm:zod": expect.any(String) });
  expect(preloadedCode(["--import"])).toEqual({});
});
