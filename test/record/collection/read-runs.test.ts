import { gzipSync } from "node:zlib";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readRuns } from "../../../src/record/collection/read-runs.ts";
import { type ReadResults, readLines } from "../../../src/record/read.ts";
import { commandLine } from "../../commands/command-line.ts";
import { refusal, refusalOf } from "../../input/refusal.ts";
import { scratchFolder } from "../../input/scratch-folder.ts";
import { fileOf, sampleLines } from "../sample-lines.ts";
import { sampleShard, shardName } from "./sample-shards.ts";

const folder = scratchFolder();
const shards = [0, 1, 2].map((index) => sampleShard(index));
const whole = shards.map(fileOf).join("");

async function runsIn(content: string | Uint8Array, name = "collection.jsonl"): Promise<ReadResults[]> {
  return Array.fromAsync(readRuns(folder.write(name, content)));
}

const refused = (content: string | Uint8Array, name?: string) => refusalOf(() => runsIn(content, name));

test("a file of one run has that run, as a reader of one gives it", async () => {
  const content = fileOf(sampleLines());
  const one = readLines(folder.write("one.jsonl", content));
  expect(await runsIn(content)).toEqual([{ ...one, number: 1, from: 0 }]);
});

test("a collection has the runs of its files, in order", async () => {
  const runs = await runsIn(whole);
  expect(runs.map(({ run, lines }) => [run, ...lines])).toEqual(shards);
  let [from, number] = [0, 1];
  for (const [index, one] of runs.entries()) {
    const validBytes = from + fileOf(shards[index]).length;
    expect(one).toMatchObject({ from, number, validBytes, truncated: false, learned: null });
    from = validBytes;
    number += shards[index].length;
  }
});

test("a packed collection reads as the one that was packed, also where its files were packed one by one", async () => {
  const plain = await runsIn(whole);
  expect(await runsIn(gzipSync(whole), "packed.jsonl.gz")).toEqual(plain);
  const members = Buffer.concat(shards.map((lines) => gzipSync(fileOf(lines))));
  expect(await runsIn(members, "members.jsonl.gz")).toEqual(plain);
});

test("a packed collection that is cut off or not packed is refused in one line", async () => {
  for (const content of [gzipSync(whole).subarray(0, -9), Buffer.from(whole)]) {
    expect(await refused(content, "wrong.jsonl.gz")).toMatch(
      /^results: \S+ must be compressed with gzip, got .*; give a file that attnbench/,
    );
  }
});

test("of a file that ends within a line only the last run is truncated, wherever it ends", async () => {
  const first = fileOf(shards[0]).length;
  const ends = fc.integer({ min: fileOf(shards[0].slice(0, 1)).length, max: whole.length });
  await fc.assert(
    fc.asyncProperty(ends, async (end) => {
      const runs = await runsIn(whole.slice(0, end), "cut.jsonl");
      expect(runs.slice(0, -1).every(({ truncated }) => !truncated)).toBe(true);
      const read = runs.flatMap(({ run, lines }) => [run, ...lines]);
      expect(read).toEqual(shards.flat().slice(0, read.length));
      if (end < first) expect(runs).toHaveLength(1);
      // What is not counted as whole is what was cut off.
      const { validBytes, truncated } = runs[runs.length - 1];
      expect(whole.slice(validBytes, end).trim() !== "").toBe(truncated);
      expect(fileOf(read).length - validBytes).toBeLessThanOrEqual(1);
    }),
  );
});

describe("a file of several runs is refused", () => {
  const plain = sampleLines({ cases: 1, rounds: 1 });

  test.each([
    [
      "where one of them is no shard",
      [sampleShard(0), plain],
      /line 5: several runs must all be shards of a sweep, got a second run that is none/,
    ],
    [
      "where the first is no shard",
      [plain, sampleShard(0)],
      /line 4: .* got a shard after a run that is none/,
    ],
    ["where none is", [plain, plain], /line 4: .* got a second run that is none; split the file there/],
    [
      "where a shard comes again",
      [sampleShard(0), sampleShard(1), sampleShard(0)],
      /line 9: a shard must appear once, got [0-9a-f]{16} of line 1 again/,
    ],
    [
      "where two sweeps meet",
      [sampleShard(0), sampleShard(1, { sweep: "other" })],
      /line 5: all shards must be of one sweep, got one of other after those of zoo/,
    ],
    [
      "where two baselines meet",
      [sampleShard(0), sampleShard(1, { baseline: "local" })],
      /line 5: all shards must name one baseline, got local after full; keep those of each plan/,
    ],
  ])("%s", async (_, runs, says) => {
    expect(await refused(runs.map(fileOf).join(""))).toMatch(says);
  });

  test("where a line is of another run than the one above it", async () => {
    const [head, ...lines] = sampleShard(1);
    const [stray] = sampleLines({ cases: 2 }).filter((one) => one.type === "case" && one.case === "case-1");
    expect(await refused(fileOf([...shards[0], head, stray, ...lines]))).toMatch(
      /line 6: a case must be one of the plan, got 'case-1'; remove the line/,
    );
  });

  test("by the line's number, blank ones counted", async () => {
    expect(await refused(`\n${fileOf(shards[0])}\n\n{}\n`)).toMatch(/line 8: type: /);
  });
});

test("whatever reads one run says what it was given, in one line", async () => {
  const path = folder.write("several.jsonl", whole);
  const said =
    /several\.jsonl line 5: one run is needed here, and the file is a sweep's collection of several; give the file of one shard/;
  expect(refusal(() => readLines(path))).toMatch(said);
  for (const words of [
    ["run", "--resume", path],
    ["run", "--replay", path],
    ["train", "--resume", path],
  ]) {
    const { code, stdout, stderr } = await commandLine(words);
    expect({ code, stdout, lines: stderr.trim().split("\n").length }).toEqual({
      code: 1,
      stdout: "",
      lines: 1,
    });
    expect(stderr).toMatch(said);
  }
});

test("reading may stop after any run, and lets go of the file", async () => {
  const packed = folder.write("many.jsonl.gz", gzipSync(whole));
  for (const path of [packed, folder.write("many.jsonl", whole)]) {
    for await (const { run } of readRuns(path)) {
      expect(run.shard?.name).toBe(shardName(0));
      break;
    }
  }
});
