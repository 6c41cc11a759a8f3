import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { continueLines } from "../../src/record/append.ts";
import { RESULTS } from "../../src/record/line-kind.ts";
import { readLines } from "../../src/record/read.ts";
import { refusal } from "../input/refusal.ts";
import { scratchFolder } from "../input/scratch-folder.ts";
import { fileOf, sampleLines } from "./sample-lines.ts";

const folder = scratchFolder();

test("a packed file reads as the file that was packed", () => {
  const packed = join(folder.path, "packed.jsonl.gz");
  const plain = join(folder.path, "plain.jsonl");
  writeFileSync(plain, fileOf(sampleLines()));
  writeFileSync(packed, gzipSync(readFileSync(plain)));
  expect(readLines(packed)).toEqual(readLines(plain));
});

test("what is not packed, or cut off, or swells beyond bounds, is refused in one line", () => {
  const path = join(folder.path, "wrong.jsonl.gz");
  const whole = gzipSync(fileOf(sampleLines()));
  const bomb = gzipSync(Buffer.alloc(2 ** 30 + 1), { level: 1 });
  for (const content of [Buffer.from("{}\n"), whole.subarray(0, -9), bomb]) {
    writeFileSync(path, content);
    expect(refusal(() => readLines(path))).toMatch(
      /must be compressed with gzip and hold at most 1073741824 bytes, got /,
    );
  }
});

test("a packed file cannot be gone on with", () => {
  const path = join(folder.path, "packed.jsonl.gz");
  expect(refusal(() => continueLines(RESULTS, path, 0))).toMatch(
    /is compressed and cannot be resumed; decompress it first/,
  );
});
