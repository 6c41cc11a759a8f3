import { execFileSync, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { isStream, readWhole, refuseStream, refuseTwice, shownName } from "../../src/files/read-whole.ts";
import { readLines } from "../../src/record/read.ts";
import { refusal } from "../input/refusal.ts";
import { scratchFolder } from "../input/scratch-folder.ts";
import { fileOf, sampleLines } from "../record/sample-lines.ts";

const folder = scratchFolder();

/** A named pipe into which another process writes this. */
function piped(content: string | Uint8Array): string {
  const path = join(folder.path, `pipe-${randomUUID()}`);
  execFileSync("sh", ["-c", 'mkfifo "$1"', "sh", path]);
  const from = folder.write("content", content);
  spawn("sh", ["-c", 'cat "$1" > "$2"', "sh", from, path], { stdio: "ignore" });
  return path;
}

test("a regular file and a pipe are read whole, however much is in them", () => {
  const content = Buffer.alloc(300_000, "abc");
  expect(readWhole(folder.write("file", content))).toEqual(content);
  expect(readWhole(piped(content))).toEqual(content);
});

test("results may come in a pipe, packed too", () => {
  const whole = readLines(folder.write("whole.jsonl", fileOf(sampleLines())));
  expect(readLines(piped(gzipSync(fileOf(sampleLines()))))).toEqual(whole);
});

test("a folder and a device are neither", () => {
  expect(refusal(() => readWhole(folder.path))).toMatch(/must be a regular file, got a folder/);
  expect(refusal(() => readWhole("/dev/zero"))).toMatch(/must be a regular file, got a pipe or device/);
});

describe("standard input", () => {
  const names = ["-", "/dev/stdin", "/dev/fd/0", "/proc/self/fd/0"];

  test("is called so, by whichever name", () => {
    for (const name of names) {
      expect(shownName(name)).toBe("standard input");
      expect(isStream(name)).toBe(true);
    }
    expect(shownName("./-")).toBe("./-");
  });

  test("cannot be gone on with, and is read once", () => {
    for (const name of names) {
      expect(refusal(() => refuseStream("--resume", name, "save it"))).toBe(
        "--resume: must be a file that can be appended to, got standard input; save it",
      );
      expect(refusal(() => refuseTwice("compare", [name, "x", "-"]))).toMatch(
        /^compare: standard input can be read only once, got it 2 times; save it/,
      );
      refuseTwice("compare", [name, "x", undefined]);
    }
  });
});
