import { existsSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { makeFolder } from "../../src/files/make-folder.ts";

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
