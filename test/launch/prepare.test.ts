import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";
import { PARTS, type Part } from "../../src/launch/build-parts.js";

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "attnbench-prepare-"));
  cpSync(resolve(import.meta.dirname, "../../src/launch"), join(root, "src/launch"), { recursive: true });
  writeFileSync(join(root, "package.json"), '{"type":"module"}');
});
afterEach(() => rmSync(root, { recursive: true }));

const prepare = () =>
  spawnSync(process.execPath, [join(root, "src/launch/prepare.js")], { encoding: "utf8" });

/** What is said while a command would start. */
function missing(): string {
  const module = JSON.stringify(pathToFileURL(join(root, "src/launch/build-parts.js")).href);
  const code = `(await import(${module})).buildWhereMissing(${JSON.stringify(root)})`;
  return spawnSync(process.execPath, ["--input-type=module", "--eval", code], { encoding: "utf8" }).stderr;
}

/** A tool that is there, and a build that does what `code` says. */
function plantBuild(code: string, { tool, script }: Part): void {
  for (const folder of [`node_modules/${tool}`, dirname(script)]) {
    mkdirSync(join(root, folder), { recursive: true });
  }
  writeFileSync(join(root, `node_modules/${tool}/package.json`), "{}");
  writeFileSync(join(root, script), code);
}

test("preparing a checkout before its tools are there leaves it as it is and ends well, or npx would never recover", () => {
  const before = readdirSync(root, { recursive: true });
  const { status, stderr } = prepare();
  expect({ status, stderr }).toEqual({
    status: 0,
    stderr:
      "prepare: assemblyscript is not installed, so the wasm kernels are not built\nprepare: rolldown is not installed, so the report's scripts are not built\nprepare: rolldown is not installed, so the page's scripts are not built\n",
  });
  expect(readdirSync(root, { recursive: true })).toEqual(before);
});

test("with the tools there it builds each part, and fails where one of them fails", () => {
  for (const part of PARTS) plantBuild("process.exit(0)", part);
  expect(prepare().status).toBe(0);
  for (const part of PARTS) {
    plantBuild("process.exit(3)", part);
    expect(prepare().status).toBe(1);
    plantBuild("process.exit(0)", part);
  }
});

test("what a checkout lacks is built once, before a command runs", () => {
  for (const part of PARTS) {
    const made = JSON.stringify(join(root, part.built));
    plantBuild(
      `import fs from "node:fs"; fs.mkdirSync(${made}, { recursive: true }); console.error("made");`,
      part,
    );
  }
  const first = missing();
  for (const { name } of PARTS) expect(first).toContain(`building ${name}, once\nmade\n`);
  expect(missing()).toBe("");
});
