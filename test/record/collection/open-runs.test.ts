import { writeFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { openRuns } from "../../../src/record/collection/open-runs.ts";
import { readRuns } from "../../../src/record/collection/read-runs.ts";
import { refusalOf } from "../../input/refusal.ts";
import { scratchFolder } from "../../input/scratch-folder.ts";
import { fileOf, sampleLines } from "../sample-lines.ts";
import { sampleShard } from "./sample-shards.ts";

const folder = scratchFolder();
const shards = [0, 1, 2, 3].map((index) => sampleShard(index, { cases: 1 + (index % 2) }));
const whole = shards.map(fileOf).join("");
const path = folder.write("collection.jsonl", whole);
const packed = folder.write("collection.jsonl.gz", gzipSync(whole));

const read = async (file: string) => {
  const runs = await Array.fromAsync(readRuns(file));
  return runs.map(({ run, lines, learned }) => ({ run, lines, learned }));
};

test("the runs that are found are those that a reader of all has, each by itself, in any order", async () => {
  const all = await read(path);
  const runs = await openRuns(path);
  expect(runs.index.map(({ head, cases }) => [head.shard, cases])).toEqual(
    all.map(({ run }) => [run.shard, run.plan.cases.length]),
  );
  for (const { from, to, number } of runs.index) {
    const lines = whole.slice(from, to);
    expect(lines).toBe(
      whole
        .split("\n")
        .slice(number - 1)
        .join("\n")
        .slice(0, lines.length),
    );
  }
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(shards.length - 1), { maxLength: 6 }), async (order) => {
      for (const at of order) expect(await runs.read(runs.index[at])).toMatchObject(all[at]);
    }),
  );
  await runs.close();
});

test("a mark at the start, blank lines and lines written otherwise change nothing", async () => {
  const spaced = `\ufeff\n${whole.replaceAll('{"type":"round",', '{ "type" : "round", ')}\n\n`;
  const other = folder.write("spaced.jsonl", spaced);
  const runs = await openRuns(other);
  const all = await read(path);
  for (const [at, run] of runs.index.entries()) expect(await runs.read(run)).toMatchObject(all[at]);
  await runs.close();
});

test("a file of one run has that", async () => {
  const one = folder.write("one.jsonl", fileOf(sampleLines()));
  const runs = await openRuns(one);
  expect(runs.index).toHaveLength(1);
  expect(await runs.read(runs.index[0])).toMatchObject((await read(one))[0]);
  await runs.close();
});

test("a packed file is read in its own order, some of it left out, and refused in another", async () => {
  const all = await read(path);
  const runs = await openRuns(packed);
  for (const at of [0, 2]) expect(await runs.read(runs.index[at])).toMatchObject(all[at]);
  expect(await refusalOf(() => runs.read(runs.index[1]))).toMatch(
    /is compressed, and can only be read in its own order; decompress it first/,
  );
  await runs.rewind();
  expect(await runs.read(runs.index[1])).toMatchObject(all[1]);
  await runs.close();
});

test.each([
  ["without a line", "", /must hold a whole line, got 0 bytes/],
  ["without a run", fileOf(sampleLines().slice(1)), /line 1 must be of type run, got case/],
  ["with a shard twice", whole + fileOf(shards[0]), /a shard must appear once/],
  [
    "with half a line in it",
    `${fileOf(shards[0])}{"type":"ru\n${fileOf(shards[1])}`,
    /line \d+ must be JSON/,
  ],
])("a file %s is refused", async (_, content, says) => {
  expect(await refusalOf(() => openRuns(folder.write("wrong.jsonl", content)))).toMatch(says);
});

test("what only a reader of all lines can find wrong is found when the run is read", async () => {
  const [head, ...lines] = shards[1];
  const wrong = [head, ...lines.map((line) => (line.type === "round" ? { ...line, calls: 0 } : line))];
  const runs = await openRuns(folder.write("late.jsonl", fileOf(shards[0]) + fileOf(wrong)));
  expect(await runs.read(runs.index[0])).toMatchObject({ run: shards[0][0] });
  expect(await refusalOf(() => runs.read(runs.index[1]))).toMatch(/line \d+: calls: must be more than 0/);
  await runs.close();
});

test("a second run behind the word of another type, and a file that changes, are not taken for what was found", async () => {
  const hidden = fileOf([{ ...shards[1][0] }]).replace('{"type":"run"', '{"type":"round","type":"run"');
  const twice = await openRuns(folder.write("hidden.jsonl", fileOf(shards[0]) + hidden));
  expect(twice.index).toHaveLength(1);
  expect(await refusalOf(() => twice.read(twice.index[0]))).toMatch(
    /line 1: must begin one run, .* got several/,
  );
  await twice.close();

  const changing = folder.write("changing.jsonl", fileOf(shards[0]));
  const runs = await openRuns(changing);
  writeFileSync(changing, fileOf(shards[2]));
  expect(await refusalOf(() => runs.read(runs.index[0]))).toMatch(
    /line 1: must begin one run, .* got another/,
  );
  await runs.close();
});

test("a stream, which can be read only once, is refused", async () => {
  expect(await refusalOf(() => openRuns("-"))).toMatch(
    /standard input: must be a file, to be read more than once/,
  );
});
