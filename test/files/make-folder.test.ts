import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { makeFolder } from "../../src/files/make-folder.ts";
import { writeFolder } from "../../src/files/write-folder.ts";

test("makes all folders that are missing, and leaves those that are there", () => {
  const root = mkdtempSync(join(tmpdir(), "attnbench-folders-"));
  try {
    const deep = join(root, "a", "b", "c");
    makeFolder(deep);
    makeFolder(deep);
    expect(statSync(deep).isDirectory()).toBe(true);
  } finally {
    rmSync(root, { recursive: true });
  }
});

// Node's own way never returns here.
test.runIf(existsSync("/proc/self"))("gives up where the system makes no folders", () => {
  expect(() => makeFolder("/proc/attnbench/report")).toThrow(/ENOENT|EACCES|EPERM/);
});

test("folders that were made for files of which one cannot be written are removed, others are kept", () => {
  const root = mkdtempSync(join(tmpdir(), "attnbench-folders-"));
  try {
    mkdirSync(join(root, "mine"));
    const contents = new Map([
      ["first", "1"],
      // Its folder does not exist.
      ["none/second", "2"],
    ]);
    for (const folder of ["mine", "mine/a/b"]) {
      expect(() => writeFolder(join(root, folder), contents)).toThrow("its folder does not exist");
      expect(readdirSync(root, { recursive: true })).toEqual(["mine"]);
    }
    writeFileSync(join(root, "mine", "first"), "0");
    expect(() => writeFolder(join(root, "mine"), contents)).toThrow("its folder does not exist");
    expect(readdirSync(join(root, "mine"))).toEqual(["first"]);
  } finally {
    rmSync(root, { recursive: true });
  }
});
