import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "attnbench-prepare-"));
  cpSync(resolve(import.meta.dirname, "../../src/launch"), join(root, "src/launch"), { recursive: true });
  writeFileSync(join(root, "package.json"), '{"type":"module"}');
});
afterEach(() => rmSync(root, { recursive: true }));

const prepare = () =>
  spawnSync(process.execPath, [join(root, "src/launch/prepare.js")], { encoding: "utf8" });

/** A compiler that is there, and a build that does what `code` says. */
function plantBuild(code: string): void {
  for (const folder of ["node_modules/assemblyscript", "src/kernels/wasm/modules"]) {
    mkdirSync(join(root, folder), { recursive: true });
  }
  writeFileSync(join(root, "node_modules/assemblyscript/package.json"), "{}");
  writeFileSync(join(root, "src/kernels/wasm/modules/build.ts"), code);
}

test("preparing a checkout before its tools are there leaves it as it is and ends well, or npx would never recover", () => {
  const before = readdirSync(root, { recursive: true });
  const { status, stderr } = prepare();
  expect({ status, stderr }).toEqual({
    status: 0,
    stderr: "prepare: assemblyscript is not installed, so the wasm kernels are not built\n",
  });
  expect(readdirSync(root, { recursive: true })).toEqual(before);
});

test("with the tools there it builds, and fails where the build fails", () => {
  plantBuild("process.exit(0)");
  expect(prepare().status).toBe(0);
  plantBuild("process.exit(3)");
  expect(prepare().status).toBe(1);
});
