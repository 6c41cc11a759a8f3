import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { takeLock } from "../../../src/files/lock-file.ts";
import { hostFor, type ProgressHearing } from "../../../src/library/host.ts";
import { type CollectOptions, collectSweep } from "../../../src/library/sweep/collect.ts";
import { readRuns } from "../../../src/record/collection/read-runs.ts";
import { placesIn } from "../../../src/sweep/folder.ts";
import { refusalOf } from "../../input/refusal.ts";
import { scratchFolder } from "../../input/scratch-folder.ts";
import { sampleShard, shardName } from "../../record/collection/sample-shards.ts";
import { fileOf, sampleLines } from "../../record/sample-lines.ts";
import { putDone, sampleSweep, shardText } from "./sample-sweep.ts";

const scratch = scratchFolder();
let outs = 0;
const newOut = () => join(scratch.path, `out-${outs++}.jsonl`);
const collect = (options: CollectOptions, hearing: ProgressHearing = {}) =>
  collectSweep(options, hostFor(hearing));
const textOf = (...indices: readonly number[]) => indices.map((index) => shardText(index)).join("");

test("a collection has the shards that are done in the order of their names, whatever that in which they were", async () => {
  await fc.assert(
    fc.asyncProperty(fc.shuffledSubarray([0, 1, 2, 3, 4], { minLength: 1 }), async (order) => {
      const { folder } = sampleSweep(scratch.path, 5);
      for (const index of order) putDone(folder, index);
      const out = newOut();
      const collected = await collect({ folder, out });
      const content = readFileSync(out, "utf8");
      expect(content).toBe(textOf(...order.toSorted()));
      const missing = [0, 1, 2, 3, 4].filter((index) => !order.includes(index));
      const ofClass = (rest: number) => missing.filter((index) => index % 2 === rest).length;
      expect(collected).toEqual({
        written: true,
        shards: order.length,
        cases: order.length,
        rounds: 2 * order.length,
        bytes: content.length,
        kept: 0,
        parts: 0,
        short: { shards: 0, cases: 0 },
        broken: [],
        missing: new Map(
          [["epyc", ofClass(0)] as const, ["xeon", ofClass(1)] as const].filter(([, count]) => count > 0),
        ),
        strays: [],
      });
      expect((await Array.fromAsync(readRuns(out))).map(({ run }) => run.shard?.name)).toEqual(
        order.toSorted().map(shardName),
      );
    }),
    { numRuns: 20 },
  );
});

test("a collection that is extended is the one that had been made at once", async () => {
  const { folder } = sampleSweep(scratch.path, 4);
  const out = newOut();
  for (const index of [3, 1, 0, 2]) {
    putDone(folder, index);
    await collect({ folder, out });
  }
  expect(readFileSync(out, "utf8")).toBe(textOf(0, 1, 2, 3));
});

test("what an earlier collection has and the folder has not stays; what both have is the folder's", async () => {
  const { folder } = sampleSweep(scratch.path, 3);
  const out = newOut();
  for (const index of [0, 1, 2]) putDone(folder, index);
  await collect({ folder, out });
  rmSync(placesIn(folder).done(shardName(1)));
  putDone(folder, 2, shardText(2, 5));
  expect(await collect({ folder, out })).toMatchObject({
    shards: 3,
    kept: 1,
    missing: new Map([["xeon", 1]]),
  });
  expect(readFileSync(out, "utf8")).toBe(textOf(0, 1) + shardText(2, 5));
});

describe("a broken file is left out and told, and nothing else is touched by it", () => {
  const [head, ...lines] = sampleShard(1, { machine: "xeon" });
  test.each<[string, string | Uint8Array, RegExp]>([
    ["that ends within a line", shardText(1).slice(0, -5), /: ends within a line$/],
    ["that is empty", "", /must hold a whole line, got 0 bytes/],
    ["that holds no results", "variant,kernel\n", /line 1 must be JSON/],
    ["with a fault in its last line", `${shardText(1)}{"type":"round"}\n`, /line 5: case: must be a text/],
    ["of another shard", shardText(3), /the shard's name must be [0-9a-f]{16}, got [0-9a-f]{16}$/],
    [
      "of another class",
      fileOf(sampleShard(1, { machine: "epyc" })),
      /the shard's machine must be xeon, got epyc$/,
    ],
    [
      "of another sweep",
      fileOf(sampleShard(1, { machine: "xeon", sweep: "x" })),
      /must be of the sweep zoo, got one of x$/,
    ],
    [
      "of no shard",
      fileOf(sampleLines({ cases: 1 })),
      /must be a shard's results, got those of a run that is no shard/,
    ],
    ["of two shards", textOf(1, 3), /must hold one run, got 2/],
    [
      "without the outcomes of its cases",
      fileOf([head]),
      /must have an outcome of every case, got none of 1 case; it was cut off/,
    ],
  ])("%s", async (_, content, says) => {
    expect(lines).not.toHaveLength(0);
    const { folder } = sampleSweep(scratch.path, 3);
    for (const index of [0, 2]) putDone(folder, index);
    const path = putDone(folder, 1, content);
    const out = newOut();
    const { broken, ...collected } = await collect({ folder, out });
    expect(collected).toMatchObject({ shards: 2, missing: new Map(), kept: 0 });
    expect(readFileSync(out, "utf8")).toBe(textOf(0, 2));
    expect(broken).toHaveLength(1);
    expect(broken[0]).toMatch(says);
    expect(broken[0]).toContain(path);
    expect(broken[0]).toMatch(/^\P{Cc}+$/u);
  });

  test("of which an earlier collection has a whole one, which stays", async () => {
    const { folder } = sampleSweep(scratch.path, 2);
    const out = newOut();
    for (const index of [0, 1]) putDone(folder, index);
    await collect({ folder, out });
    putDone(folder, 1, shardText(1).slice(0, 40));
    expect(await collect({ folder, out })).toMatchObject({
      shards: 2,
      kept: 1,
      broken: [expect.stringMatching(/./)],
    });
    expect(readFileSync(out, "utf8")).toBe(textOf(0, 1));
  });

  test("that is a link, to wherever", async () => {
    const { folder } = sampleSweep(scratch.path, 2);
    putDone(folder, 0);
    symlinkSync(scratch.write("elsewhere.jsonl", shardText(1)), placesIn(folder).done(shardName(1)));
    const { broken } = await collect({ folder, out: newOut() });
    expect(broken).toEqual([
      expect.stringMatching(/must be a regular file, got a link, a folder or a device$/),
    ]);
  });

  test("where it is the only one, nothing is written", async () => {
    const { folder } = sampleSweep(scratch.path, 1);
    putDone(folder, 0, "{}\n");
    const out = newOut();
    expect(await collect({ folder, out })).toMatchObject({ written: false, shards: 0, bytes: 0 });
    expect(existsSync(out)).toBe(false);
  });
});

test("whatever is cut off a file, all of its shard is in the collection, or nothing of it", async () => {
  const { folder } = sampleSweep(scratch.path, 3);
  for (const index of [0, 2]) putDone(folder, index);
  const whole = shardText(1);
  await fc.assert(
    fc.asyncProperty(fc.nat(whole.length), async (end) => {
      putDone(folder, 1, whole.slice(0, end));
      const out = newOut();
      const { broken } = await collect({ folder, out });
      // Rounds that are missing as a whole are as if they had been left out for time.
      const kept = whole.slice(0, end).trimEnd();
      const taken = broken.length === 0 ? `${kept}\n` : "";
      expect(readFileSync(out, "utf8")).toBe(textOf(0) + taken + textOf(2));
      if (broken.length === 0) expect(["", "\n"]).toContain(whole.slice(kept.length, kept.length + 1));
    }),
  );
});

test("a byte-order mark and a missing newline at the ends of files leave no trace", async () => {
  const { folder } = sampleSweep(scratch.path, 2);
  putDone(folder, 0, `\ufeff${shardText(0).trimEnd()}`);
  putDone(folder, 1, `\ufeff${shardText(1)}`);
  const out = newOut();
  expect(await collect({ folder, out })).toMatchObject({ broken: [], shards: 2 });
  expect(readFileSync(out, "utf8")).toBe(textOf(0, 1));
});

describe("parts of shards under way", () => {
  const begun = () => {
    const { folder } = sampleSweep(scratch.path, 4);
    putDone(folder, 0);
    const part = (index: number, content: string) =>
      writeFileSync(placesIn(folder).part(shardName(index)), content);
    part(1, shardText(1).slice(0, -5));
    part(2, shardText(2).slice(0, 20));
    part(3, "");
    return { folder, part };
  };

  test("are left out unless asked for", async () => {
    const { folder } = begun();
    const out = newOut();
    expect(await collect({ folder, out })).toMatchObject({
      shards: 1,
      parts: 0,
      missing: new Map([
        ["epyc", 1],
        ["xeon", 2],
      ]),
    });
    expect(readFileSync(out, "utf8")).toBe(textOf(0));
  });

  test("are taken up to their last whole line, where they have one", async () => {
    const { folder } = begun();
    const out = newOut();
    expect(await collect({ folder, out, partial: true })).toMatchObject({ shards: 2, parts: 1, broken: [] });
    const lines = shardText(1).split("\n").slice(0, -2);
    expect(readFileSync(out, "utf8")).toBe(`${textOf(0)}${lines.join("\n")}\n`);
  });

  test("give way to more of the same, and to what is done", async () => {
    const { folder, part } = begun();
    const out = newOut();
    await collect({ folder, out, partial: true });
    part(1, fileOf(sampleShard(1, { machine: "xeon" }).slice(0, 2)));
    expect(await collect({ folder, out, partial: true })).toMatchObject({ shards: 2, parts: 0, kept: 1 });
    part(1, shardText(1));
    expect(await collect({ folder, out, partial: true })).toMatchObject({ shards: 2, parts: 1, kept: 0 });
    expect(readFileSync(out, "utf8")).toBe(textOf(0, 1));
    putDone(folder, 1, shardText(1, 1));
    await collect({ folder, out, partial: true });
    expect(readFileSync(out, "utf8")).toBe(textOf(0) + shardText(1, 1));
  });
});

describe("where it may not be written", () => {
  const { folder } = sampleSweep(scratch.path, 1);
  putDone(folder, 0);

  test("is refused for what is none of its collections, which stays as it is", async () => {
    for (const [content, says] of [
      [
        "mine\n",
        /must be a collection to be extended, got another file \(results: .*\); remove it, or name another/,
      ],
      ["", /must be a collection to be extended/],
      [fileOf(sampleLines()), /must be a collection of zoo to be extended, got a run that is no shard/],
      [
        fileOf(sampleShard(0, { sweep: "other" })),
        /must be a collection of zoo to be extended, got one of other/,
      ],
      [
        fileOf(sampleShard(0, { baseline: "local" })),
        /must have the plan's baseline full to be extended, got local; remove it, or name another$/,
      ],
    ] as const) {
      const out = newOut();
      writeFileSync(out, content);
      expect(await refusalOf(() => collect({ folder, out }))).toMatch(says);
      expect(readFileSync(out, "utf8")).toBe(content);
    }
  });

  test("is refused among the shards, as anything but .jsonl, and where there is no folder", async () => {
    const refused = (out: string) => refusalOf(() => collect({ folder, out }));
    expect(await refused(placesIn(folder).done(shardName(0)))).toMatch(
      /--out: must not lie among the shards/,
    );
    expect(await refused(join(placesIn(folder).shards, "all.jsonl"))).toMatch(
      /--out: must not lie among the shards/,
    );
    expect(await refused(join(scratch.path, "all.csv"))).toMatch(/--out: must be a file ending in \.jsonl/);
    expect(await refused(join(scratch.path, "none/all.jsonl"))).toMatch(/its folder does not exist/);
    mkdirSync(join(scratch.path, "folder.jsonl"));
    expect(await refused(join(scratch.path, "folder.jsonl"))).toMatch(/folder/);
  });
});

test("a second collector into the same file is refused in a line, and the lock goes with the first", async () => {
  const { folder } = sampleSweep(scratch.path, 1);
  putDone(folder, 0);
  const out = newOut();
  const taken = takeLock(`${out}.lock`);
  expect(await refusalOf(() => collect({ folder, out }))).toMatch(
    /^sweep: \S+ is in use, by process \d+ on .*; wait until it has ended, and try again$/,
  );
  if ("lock" in taken) taken.lock.release();
  const both = await Promise.allSettled([collect({ folder, out }), collect({ folder, out })]);
  expect(both.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
  expect(readFileSync(out, "utf8")).toBe(textOf(0));
  expect(existsSync(`${out}.lock`)).toBe(false);
});

test("an interrupt leaves what was there, whenever it comes, and nothing else", async () => {
  const { folder } = sampleSweep(scratch.path, 3);
  const place = join(scratch.path, `place-${outs++}`);
  mkdirSync(place);
  const out = join(place, "all.jsonl");
  putDone(folder, 1);
  await collect({ folder, out });
  const before = readFileSync(out, "utf8");
  for (const index of [0, 2]) putDone(folder, index);
  for (let shard = 0; shard < 3; shard++) {
    const controller = new AbortController();
    const heard: number[] = [];
    const hearing: ProgressHearing = {
      signal: controller.signal,
      onProgress({ done }) {
        heard.push(done);
        if (done === shard) controller.abort();
      },
    };
    expect(await refusalOf(() => collect({ folder, out }, hearing))).toMatch(
      /interrupted; nothing was written$/,
    );
    expect(heard.at(-1)).toBe(shard);
    expect(readFileSync(out, "utf8")).toBe(before);
    expect(readdirSync(place)).toEqual(["all.jsonl"]);
  }
});

test("what a collector left that was killed is cleared away by the next", async () => {
  const { folder } = sampleSweep(scratch.path, 1);
  putDone(folder, 0);
  const place = join(scratch.path, `place-${outs++}`);
  mkdirSync(place);
  for (const name of [
    ".all.jsonl-11111111-2222-3333-4444-555555555555.draft",
    ".all.jsonl-mine.draft",
    ".other.jsonl-x.draft",
  ])
    writeFileSync(join(place, name), "x");
  await collect({ folder, out: join(place, "all.jsonl") });
  expect(readdirSync(place).sort()).toEqual([".all.jsonl-mine.draft", ".other.jsonl-x.draft", "all.jsonl"]);
});

test("results of shards that the plan no longer has are told and left out", async () => {
  const { folder } = sampleSweep(scratch.path, 1);
  for (const index of [0, 7]) putDone(folder, index);
  const out = newOut();
  expect(await collect({ folder, out })).toMatchObject({ shards: 1, strays: [`${shardName(7)}.jsonl`] });
  expect(readFileSync(out, "utf8")).toBe(textOf(0));
});

test("a sweep of which nothing is done gives no file", async () => {
  const { folder } = sampleSweep(scratch.path, 2);
  const out = newOut();
  expect(await collect({ folder, out })).toMatchObject({
    written: false,
    broken: [],
    missing: new Map([
      ["epyc", 1],
      ["xeon", 1],
    ]),
  });
  expect(existsSync(out)).toBe(false);
});
