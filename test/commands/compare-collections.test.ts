import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { basename } from "node:path";
import { describe, expect, test } from "vitest";
import type { Comparison } from "../../src/compare/comparison.ts";
import { readOne } from "../../src/library/results.ts";
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

describe.each(["parquet", "sqlite"])("collections exported as %s", (format) => {
  /** The store of some files, and its path. */
  async function stored(name: string, ...files: readonly string[]): Promise<string> {
    const out = `${folder.path}/${name}.${format}`;
    expect((await commandLine(["export", ...files, "--format", format, "--out", out])).code).toBe(0);
    return out;
  }
  const json = async (...files: readonly string[]) => {
    const { code, stdout, stderr } = await commandLine([
      "compare",
      ...files,
      "--json",
      "--fail-on",
      "slower",
    ]);
    expect(stderr).toBe("");
    const { base: before, head: after, ...rest } = JSON.parse(stdout) as Comparison;
    // A store knows its files by their names alone.
    const named = ({ name, ...side }: Comparison["base"]) => ({ name: basename(name), ...side });
    return { code, base: named(before), head: named(after), ...rest };
  };

  test("compare as their files do, from a store each, from one of both, and beside a file", async () => {
    const [before, after] = [await stored("base", base), await stored("head", head)];
    const both = await stored("both", base, head);
    const asFiles = await json(base, head);
    expect(asFiles.code).toBe(4);
    for (const files of [[before, after], [before, head], [base, after], [both]]) {
      expect(await json(...files)).toEqual(asFiles);
    }
  });

  test("compare as their files do if their shards lie in other orders", async () => {
    const shards = readFileSync(head, "utf8").split(/(?=\{"type":"run")/);
    expect(shards).toHaveLength(2);
    mkdirSync(`${folder.path}/turned`, { recursive: true });
    const turned = folder.write("turned/head.jsonl", shards.toReversed().join(""));
    const after = await stored("other-order", turned);
    expect(await json(await stored("straight", base), after)).toEqual(await json(base, turned));
  });

  test("are refused alone, and beside a run", async () => {
    const before = await stored("alone", base);
    expect(await commandLine(["compare", before])).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/^attnbench: compare: two or more results files must be named, /),
    });
    await expect(readOne(before)).rejects.toThrow(
      "base.jsonl must hold one run, got a second; give the file of one shard",
    );
    const one = await stored("one", folder.write("one.jsonl", fileOf(fileLines())));
    const { code, stderr } = await commandLine(["compare", before, one]);
    expect({ code, stderr }).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^attnbench: compare: a collection must be compared with a collection, /),
    });
  });
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
