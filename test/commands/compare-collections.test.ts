import { existsSync } from "node:fs";
import { expect, test } from "vitest";
import type { Comparison } from "../../src/compare/comparison.ts";
import { type FileOptions, fileLines } from "../compare/two-files.ts";
import { scratchFolder } from "../input/scratch-folder.ts";
import { shardName } from "../record/collection/sample-shards.ts";
import { fileOf } from "../record/sample-lines.ts";
import { commandLine } from "./command-line.ts";

const folder = scratchFolder();

/** A collection of two shards, one on each of two classes of machines. */
function collection(name: string, seed: number, options: FileOptions = {}): string {
  const shards = ["epyc", "xeon"].map((machine, index) => {
    const shard = { sweep: "zoo", name: shardName(index), machine, repeat: 0 };
    return fileOf(
      fileLines({ ...options, seed: seed + index, run: { shard }, environment: { cpu: machine } }),
    );
  });
  return folder.write(name, shards.join(""));
}

const base = collection("base.jsonl", 1);
const head = collection("head.jsonl", 11, {
  slow: ({ variant, length }) => (variant === "local" && length === 1024 ? 1.3 : 1),
});

test("two collections are compared by one command, which fails on what became slower", async () => {
  const { code, stdout, stderr } = await commandLine(["compare", base, head, "--fail-on", "slower"]);
  expect({ code, stderr }).toEqual({ code: 4, stderr: "" });
  expect(stdout).toMatch(
    /^Regressed\. 2 of 12 cells slower, 10 unchanged; most: local · (epyc|xeon) at 1k, \+3/,
  );
  expect(stdout).toMatch(/^geometric mean of 12 cells: /m);
  expect(stdout).toMatch(/^epyc {2,}6 /m);
  expect(stdout).toMatch(/^note: 2 shards compared, each with the same on the same class of machines$/m);
});

test("classes are chosen by name, and every output is made of the comparison", async () => {
  const out = `${folder.path}/out`;
  const words = ["compare", base, head, "--cells", "xeon", "--json", "--report", out];
  const { code, stdout } = await commandLine(words);
  expect(code).toBe(0);
  const { cells } = JSON.parse(stdout) as Comparison;
  expect(new Set(cells.map(({ machine }) => machine))).toEqual(new Set(["xeon"]));
  expect(cells).toHaveLength(6);
  for (const file of ["index.html", "comparison.md", "comparison.csv", "junit.xml", "head.txt"]) {
    expect(existsSync(`${out}/${file}`)).toBe(true);
  }
});

test("a collection and a file of one run are not compared", async () => {
  const one = folder.write("one.jsonl", fileOf(fileLines()));
  for (const files of [
    [base, one],
    [one, base],
  ]) {
    const { code, stderr } = await commandLine(["compare", ...files]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^attnbench: compare: a collection must be compared with a collection, .*\n$/);
  }
});
