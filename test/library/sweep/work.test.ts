import {
  existsSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { takeLock } from "../../../src/files/lock-file.ts";
import { type Host, hostFor, type Progress } from "../../../src/library/host.ts";
import { plannedSweep, writePlanned } from "../../../src/library/sweep/begin.ts";
import { workOn } from "../../../src/library/sweep/work.ts";
import { readLines } from "../../../src/record/read.ts";
import { placesIn } from "../../../src/sweep/folder.ts";
import type { Shard } from "../../../src/sweep/shard.ts";
import { ShardFiles } from "../../../src/sweep/states.ts";
import { onAnyProcessor } from "../../commands/on-any-processor.ts";
import { scratchFolder } from "../../input/scratch-folder.ts";

const scratch = scratchFolder();
/** Four cases, and a line for each in each of its rounds. */
const CASES = 4;
const ROUNDS = 3;
const ALL = CASES * (1 + ROUNDS);

/** A folder with a sweep of one shard, of which nothing is measured. */
async function sweepFolder(name: string, more = ""): Promise<{ folder: string; shard: Shard }> {
  const path = scratch.write(
    `${name}.yaml`,
    `name: work\ngrid: { variants: local, lengths: [8, 16], kernel: js${more} }\nsettings: { rounds: ${ROUNDS} }\n`,
  );
  const planned = await plannedSweep(path, hostFor({}));
  const folder = join(scratch.path, name);
  writePlanned(folder, planned);
  return { folder, shard: planned.sweep.shards[0] };
}

/** Works until so many measurements are under way, if that is said; what it warns of is kept. */
async function work(folder: string, name: string, until = Number.POSITIVE_INFINITY) {
  const controller = new AbortController();
  const warnings: string[] = [];
  let seen = 0;
  const onProgress = ({ phase }: Progress): void => {
    if (phase === "measure" && ++seen > until) controller.abort();
  };
  const host: Host = hostFor({
    signal: controller.signal,
    onWarning: (text) => warnings.push(text),
    onProgress,
  });
  const worked = await onAnyProcessor(() => workOn(folder, name, host));
  return { ...worked, warnings };
}

const shardFiles = (folder: string): readonly string[] => readdirSync(placesIn(folder).shards).sort();

let turn = 0;
let folder: string;
let shard: Shard;
beforeEach(async () => {
  ({ folder, shard } = await sweepFolder(`w${turn++}`));
});

describe("work on a shard", () => {
  test("measures it, says whose results these are, and leaves nothing else", async () => {
    expect(await work(folder, shard.name)).toMatchObject({
      end: "done",
      outcomes: new Map([["measured", CASES]]),
    });
    expect(shardFiles(folder)).toEqual([`${shard.name}.jsonl`]);
    const { run, lines } = readLines(placesIn(folder).done(shard.name));
    expect(run.shard).toEqual({ sweep: "work", name: shard.name, machine: "here", repeat: 0 });
    expect(run.plan).toMatchObject({ rounds: ROUNDS, budget_s: 900 });
    expect(lines).toHaveLength(ALL);
  });

  test("that is done does nothing", async () => {
    await work(folder, shard.name);
    const path = placesIn(folder).done(shard.name);
    const before = readFileSync(path);
    expect(await work(folder, shard.name)).toMatchObject({ end: "already" });
    expect(readFileSync(path)).toEqual(before);
  });

  test("whose results are damaged measures it anew, and keeps those apart", async () => {
    await work(folder, shard.name);
    const path = placesIn(folder).done(shard.name);
    const damaged = readFileSync(path).subarray(0, -20);
    writeFileSync(path, damaged);
    const { end, warnings } = await work(folder, shard.name);
    expect(end).toBe("done");
    expect(warnings.join("\n")).toMatch(
      /ends within a line; it is kept as .*\.other-1\.jsonl, and measured anew/,
    );
    expect(readFileSync(placesIn(folder).other(shard.name, 1))).toEqual(damaged);
    expect(readLines(path).lines).toHaveLength(ALL);
  });

  test("that is interrupted keeps what was measured, and goes on with it, each line once", async () => {
    expect(await work(folder, shard.name, 5)).toMatchObject({
      end: "again",
      reason: expect.stringMatching(/kept/),
    });
    expect(shardFiles(folder)).toEqual([`${shard.name}.part.jsonl`]);
    const part = readFileSync(placesIn(folder).part(shard.name));
    expect(await work(folder, shard.name)).toMatchObject({
      end: "done",
      outcomes: new Map([["measured", CASES]]),
      warnings: [],
    });
    const done = placesIn(folder).done(shard.name);
    expect(readFileSync(done).subarray(0, part.length)).toEqual(part);
    expect(readLines(done).lines).toHaveLength(ALL);
  });

  test("that was killed anywhere in a line goes on from there", async () => {
    await work(folder, shard.name);
    const { done, part } = placesIn(folder);
    const whole = readFileSync(done(shard.name));
    const head = whole.indexOf("\n") + 1;
    for (const at of [
      1,
      head - 1,
      head,
      head + 1,
      Math.floor((head + whole.length) / 2),
      whole.length - 1,
      whole.length,
    ]) {
      rmSync(done(shard.name));
      writeFileSync(part(shard.name), whole.subarray(0, at));
      expect(await work(folder, shard.name)).toMatchObject({ end: "done" });
      expect(readLines(done(shard.name))).toMatchObject({ truncated: false, lines: { length: ALL } });
      expect(shardFiles(folder)).toEqual([`${shard.name}.jsonl`]);
    }
  });

  test("that was begun on another machine begins anew, and keeps what that measured apart", async () => {
    await work(folder, shard.name, 5);
    const part = placesIn(folder).part(shard.name);
    const foreign = readFileSync(part, "utf8").replace(/"cpu":"[^"]*"/, '"cpu":"Another 9000"');
    for (const nth of [1, 2]) {
      rmSync(placesIn(folder).done(shard.name), { force: true });
      writeFileSync(part, foreign);
      const { end, warnings } = await work(folder, shard.name);
      expect(end).toBe("done");
      expect(warnings.join("\n")).toMatch(
        new RegExp(
          `part\\.jsonl: it began with cpu Another 9000, this is .*; it is kept as .*\\.other-${nth}\\.jsonl, and measured anew`,
        ),
      );
      expect(readFileSync(placesIn(folder).other(shard.name, nth), "utf8")).toBe(foreign);
      expect(readLines(placesIn(folder).done(shard.name)).lines).toHaveLength(ALL);
    }
  });

  test.each([
    ["is damaged", (text: string) => text.replace('"type":"case"', '"type":"cave"'), /line 2/],
    [
      "is another shard's",
      (text: string) => text.replaceAll(/"name":"[0-9a-f]{16}"/g, '"name":"0123456789abcdef"'),
      /it is of 0123456789abcdef, not of this one/,
    ],
    [
      "is of no sweep",
      (text: string) => text.replace(/,"shard":\{[^}]*\}/, ""),
      /it is of no shard, not of this one/,
    ],
  ])("of which what is there %s begins anew, and keeps that apart", async (_, change, says) => {
    await work(folder, shard.name, 5);
    const part = placesIn(folder).part(shard.name);
    const before = readFileSync(part, "utf8");
    const changed = change(before);
    expect(changed).not.toBe(before);
    writeFileSync(part, changed);
    const { end, warnings } = await work(folder, shard.name);
    expect(end).toBe("done");
    expect(warnings.join("\n")).toMatch(says);
    expect(readFileSync(placesIn(folder).other(shard.name, 1), "utf8")).toBe(changed);
  });

  test("that someone else measures on this machine is left to them", async () => {
    const taken = takeLock(placesIn(folder).lock(shard.name));
    expect(await work(folder, shard.name)).toMatchObject({
      end: "again",
      reason: expect.stringMatching(new RegExp(`^it is being measured, by process ${process.pid} on `)),
    });
    if ("lock" in taken) taken.lock.release();
    expect(await work(folder, shard.name)).toMatchObject({ end: "done" });
  });

  test("whose process here is dead is taken over at once", async () => {
    const { lock } = placesIn(folder);
    const taken = takeLock(lock(shard.name));
    expect(taken).toHaveProperty("lock");
    // No process has it.
    writeFileSync(
      lock(shard.name),
      readFileSync(lock(shard.name), "utf8").replace(/"pid":\d+/, '"pid":4194301'),
    );
    expect(await work(folder, shard.name)).toMatchObject({ end: "done" });
  });

  test("of which no kernel supports anything is done when that is written down", async () => {
    const { folder: other, shard: reduced } = await sweepFolder("reduced", ", dtype: float16");
    expect(await work(other, reduced.name)).toMatchObject({
      end: "done",
      outcomes: new Map([["skipped", CASES]]),
    });
  });

  test("that fails says why, in the folder as well, until it is begun again", async () => {
    const text = "Of all the words that are here, a few are enough to measure anything at all.";
    const read = scratch.write("read.txt", text);
    const { folder: other, shard: own } = await sweepFolder(
      "reads",
      `, input: ${JSON.stringify(`text:${read}`)}`,
    );
    rmSync(read);
    await expect(work(other, own.name)).rejects.toThrow(/read\.txt: no such file/);
    const reason = expect.stringMatching(/read\.txt: no such file/);
    expect(new ShardFiles(other).of(own)).toEqual({ state: "failed", begun: false, reason });
    writeFileSync(read, text);
    expect(await work(other, own.name)).toMatchObject({ end: "done" });
    expect(shardFiles(other)).toEqual([`${own.name}.jsonl`]);
  });

  test.each([
    ["of no sweep", "", "", /must be the folder of a sweep, got none/],
    [
      "that the sweep has not",
      "here",
      "0123456789abcdef",
      /--shard: must be one of the 1 of the sweep, got '0123456789abcdef'/,
    ],
    ["with a path for a name", "here", "../../etc/passwd", /--shard: must be one of the 1 of the sweep/],
  ])("on a shard %s is refused", async (_, where, name, says) => {
    await expect(work(where === "here" ? folder : join(scratch.path, "none"), name)).rejects.toThrow(says);
    expect(shardFiles(folder)).toEqual([]);
  });

  test("never follows a link out of the folder", async () => {
    const outside = scratch.write("outside.jsonl", "precious\n");
    symlinkSync(outside, placesIn(folder).part(shard.name));
    await expect(work(folder, shard.name)).rejects.toThrow(/part\.jsonl must be a regular file, got a link/);
    expect(readFileSync(outside, "utf8")).toBe("precious\n");
  });

  test.each([
    ["half of it", (path: string) => truncateSync(path, 200), /sweep\.json must be JSON/],
    [
      "another form of it",
      (path: string) => writeFileSync(path, readFileSync(path, "utf8").replace('"schema": 1', '"schema": 2')),
      /the schema must be 1, got 2; use the version/,
    ],
    [
      "names with paths",
      (path: string) =>
        writeFileSync(
          path,
          readFileSync(path, "utf8").replace(/"name":"[0-9a-f]{16}"/, '"name":"../../../../tmp/x1"'),
        ),
      /shards\.0\.name: must be 16 hexadecimal digits/,
    ],
  ])("by a sweep.json with %s is refused", async (_, damage, says) => {
    damage(placesIn(folder).sweep);
    await expect(work(folder, shard.name)).rejects.toThrow(says);
    expect(existsSync(placesIn(folder).done(shard.name))).toBe(false);
  });
});
