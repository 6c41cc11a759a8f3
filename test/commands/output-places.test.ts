import { mkdirSync, readdirSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { fileLines } from "../compare/two-files.ts";
import { scratchFolder } from "../input/scratch-folder.ts";
import { fileOf, sampleLines } from "../record/sample-lines.ts";
import { commandLine } from "./command-line.ts";

const folder = scratchFolder();
const home = process.cwd();
beforeAll(() => {
  process.chdir(folder.path);
  folder.write("file", "");
  folder.write("mine.jsonl", fileOf(sampleLines()));
  folder.write("base.jsonl", fileOf(fileLines({})));
  folder.write("slow.jsonl", fileOf(fileLines({ seed: 2, slow: () => 1.5 })));
  folder.write("same.jsonl", fileOf(fileLines({ seed: 2 })));
});
afterAll(() => process.chdir(home));

// Each could not do its work either, which is found out later.
test.each([
  [
    "apply full --input missing.safetensors --output missing/x.safetensors",
    /missing\/x\.safetensors: .*its folder does not exist/,
  ],
  ["apply full --input missing.safetensors --output file/x.safetensors", /its folder is a file/],
  [
    "compare missing.jsonl gone.jsonl --report file",
    /^attnbench: file: cannot be made, a file is in its place/,
  ],
  [
    "compare missing.jsonl gone.jsonl --report file/deep/er",
    /file\/deep\/er: cannot be made, a file is in its place/,
  ],
  ["gate --base nowhere --head nowhere --report file/x", /file\/x: cannot be made/],
  ["gate --from missing.jsonl --report file/x", /file\/x: cannot be made/],
  ["report mine.jsonl --out file/x --format png", /file\/x: cannot be made/],
  ["run --lengths 8 --variants local --out file/x.jsonl", /file\/x\.jsonl: cannot be written/],
  [
    "run --lengths 8 --variants local --out x.jsonl --samples-csv missing/s.csv",
    /missing\/s\.csv: cannot be written/,
  ],
])("%s is refused for where it would write, before its work", async (words, says) => {
  const before = readdirSync(".", { recursive: true });
  const { code, stdout, stderr } = await commandLine(words);
  expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
  expect(stderr).toMatch(says);
  expect(readdirSync(".", { recursive: true })).toEqual(before);
});

test("a run whose report has no place is refused before it measures", async () => {
  folder.write("reports", "");
  const { code, stderr } = await commandLine("run --report --lengths 8 --variants local --out y.jsonl");
  expect({ code, stderr }).toEqual({
    code: 1,
    stderr: "attnbench: reports/y: cannot be made, a file is in its place; name a folder\n",
  });
  expect(readdirSync(".")).not.toContain("y.jsonl");
});

test("a report that fails in the end takes no verdict back, and fails a command that had none", async () => {
  mkdirSync("taken/index.html", { recursive: true });
  const told = /^attnbench: taken\/index\.html: must be a regular file/m;
  for (const [words, expected] of [
    ["slow.jsonl --fail-on slower", 4],
    ["same.jsonl", 2],
  ] as const) {
    const { code, stdout, stderr } = await commandLine(
      `compare base.jsonl ${words} --report taken --format html`,
    );
    expect({ words, code }).toEqual({ words, code: expected });
    expect(stdout).not.toBe("");
    expect(stderr).toMatch(told);
  }
});
