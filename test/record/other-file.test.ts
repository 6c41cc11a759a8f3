import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { readLines } from "../../src/record/read.ts";
import { readBlocks } from "../../src/record/read-blocks.ts";
import { scratchFolder } from "../input/scratch-folder.ts";
import { fileOf, sampleLines } from "./sample-lines.ts";

const folder = scratchFolder();

test.each([
  [
    "gate.jsonl",
    '{"type":"gate","plan":{"runs":1}}\n',
    /results: \S*gate\.jsonl line 1: the file is a gate's file of blocks, which attnbench gate --from \S+ reads; give/,
  ],
  [
    "calibration.jsonl",
    '{"type":"gate","plan":{"runs":10}}\n',
    /is a calibration's file of blocks, which attnbench calibrate --from/,
  ],
  ["mine.csv", "variant,kernel,length,batch\n", /is a table of results; the results themselves/],
  ["index.html", "<!DOCTYPE html>\n<html>\n", /is a page or a picture/],
  ["comparison.json", '{\n  "kind": "gate"\n}\n', /holds one JSON text over several lines/],
  [
    "packed.jsonl",
    gzipSync(fileOf(sampleLines()), { level: 0 }),
    /is compressed with gzip, so its name must end in \.gz/,
  ],
])("%s given for results is called what it is, with what reads it", (name, content, says) => {
  expect(() => readLines(folder.write(name, content))).toThrow(says);
});

test("a name that a shell would take apart is quoted in what can be pasted", () => {
  expect(() => readLines(folder.write("my gate.jsonl", '{"type":"gate","plan":{"runs":1}}\n'))).toThrow(
    /attnbench gate --from '\S*my gate\.jsonl' reads/,
  );
});

test("results given for a gate's file are called so", () => {
  expect(() => readBlocks(folder.write("run.jsonl", fileOf(sampleLines())))).toThrow(
    /blocks: \S*run\.jsonl line 1: the file is a results file of attnbench run, which attnbench report/,
  );
});
