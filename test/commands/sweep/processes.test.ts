import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { describe, expect, test } from "vitest";
import { isRunning } from "../../../src/files/process-of.ts";
import { readLines } from "../../../src/record/read.ts";
import { measureShard } from "../../../src/sweep/engines/local/measure-shard.ts";
import { placesIn } from "../../../src/sweep/folder.ts";
import { readSweep } from "../../../src/sweep/sweep-file.ts";
import { scratchFolder } from "../../input/scratch-folder.ts";
import { launch, launcher } from "../launched.ts";

const scratch = scratchFolder();
/** Two shards of two cases, which take some seconds each. */
const ROUNDS = 40;
const plan = (rounds: number) =>
  `name: killed\ngrid: { variants: local, lengths: 64, head-dim: [8, 16], kernel: js }\nsettings: { rounds: ${rounds} }\n`;
scratch.write("plan.yaml", plan(ROUNDS));
/** Longer than any other command takes, on any machine: rounds take their time by the clock, and the start of a process does not. */
scratch.write("long.yaml", plan(100 * ROUNDS));
const started = (words: string) => launch(words.split(" "), scratch.path);

/** Waits for something; gives up if the process ends before. */
async function until(isSo: () => boolean, child: { readonly exitCode: number | null }): Promise<void> {
  while (!isSo() && child.exitCode === null) await new Promise((resolve) => setTimeout(resolve, 5));
  expect(isSo()).toBe(true);
}

/** Every shard with every case and every round once. */
function expectComplete(folder: string): void {
  for (const { name, cases } of readSweep(folder).shards) {
    const { lines, truncated } = readLines(placesIn(folder).done(name));
    expect({ lines: lines.length, truncated }).toEqual({ lines: cases * (1 + ROUNDS), truncated: false });
  }
  expect(readdirSync(placesIn(folder).shards).filter((name) => !/^[0-9a-f]{16}\.jsonl$/.test(name))).toEqual(
    [],
  );
}

const filesOf = (folder: string) =>
  existsSync(join(folder, "shards")) ? readdirSync(join(folder, "shards")) : [];
/** The shard that is being measured, once rounds of it are in its file. */
function underWay(folder: string): string | undefined {
  const part = filesOf(folder).find((name) => name.endsWith(".part.jsonl"));
  if (part === undefined) return undefined;
  return readFileSync(join(folder, "shards", part), "utf8").includes('"round":3,')
    ? part.slice(0, 16)
    : undefined;
}
const pidIn = (lock: string): number => Number(/"pid":(\d+)/.exec(readFileSync(lock, "utf8"))?.[1]);

describe("a sweep of which", () => {
  test("the process is killed leaves its shard to end, and goes on after it when it is resumed", async () => {
    const folder = join(scratch.path, "parent");
    const { child, ended } = started("sweep plan.yaml --out parent");
    await until(() => underWay(folder) !== undefined, child);
    const name = underWay(folder) ?? "";
    const worker = pidIn(placesIn(folder).lock(name));
    child.kill("SIGKILL");
    expect(await ended).toMatchObject({ signal: "SIGKILL" });
    const { code, stderr } = await started("sweep resume parent").ended;
    // Two at once would disturb one another.
    if (isRunning(worker))
      expect(stderr).toContain(`${name} is still being measured, by process ${worker} on `);
    expect(code).toBe(0);
    expectComplete(folder);
  });

  test("a shard is killed goes on with the others, says so, and measures the rest of it when it is resumed", async () => {
    const folder = join(scratch.path, "shard");
    const { child, ended } = started("sweep plan.yaml --out shard");
    await until(() => underWay(folder) !== undefined, child);
    const name = underWay(folder) ?? "";
    process.kill(pidIn(placesIn(folder).lock(name)), "SIGKILL");
    const { code, stderr } = await ended;
    expect(code).toBe(1);
    expect(stderr).toMatch(new RegExp(`^failed: ${name}: it was killed by SIGKILL$`, "m"));
    expect(filesOf(folder).filter((file) => /^[0-9a-f]{16}\.jsonl$/.test(file))).toHaveLength(1);
    const part = readFileSync(placesIn(folder).part(name));
    const kept = part.subarray(0, part.lastIndexOf("\n") + 1);
    expect((await started("sweep resume shard").ended).code).toBe(0);
    expect(readFileSync(placesIn(folder).done(name)).subarray(0, kept.length)).toEqual(kept);
    expectComplete(folder);
  });

  test.each(["SIGINT", "SIGTERM"] as const)(
    "the process is ended by %s ends its shard, keeps all, and says how to go on",
    async (signal) => {
      const folder = join(scratch.path, signal);
      const { child, ended } = started(`sweep plan.yaml --out ${signal}`);
      await until(() => underWay(folder) !== undefined, child);
      const name = underWay(folder) ?? "";
      const worker = pidIn(placesIn(folder).lock(name));
      child.kill(signal);
      const { code, stderr } = await ended;
      expect(code).toBe(1);
      expect(isRunning(worker)).toBe(false);
      expect(stderr).toContain(
        `interrupted; what was measured is kept: go on with attnbench sweep resume ${signal}\n`,
      );
      expect(filesOf(folder)).toContain(`${name}.part.jsonl`);
      expect(filesOf(folder).filter((file) => !file.endsWith(".jsonl"))).toEqual([]);
      const words = `sweep resume ${signal}`;
      expect((await started(words).ended).code).toBe(0);
      expectComplete(folder);
    },
  );

  test("is cancelled from elsewhere ends in the same way", async () => {
    const folder = join(scratch.path, "cancelled");
    const { child, ended } = started("sweep long.yaml --out cancelled");
    await until(() => underWay(folder) !== undefined, child);
    expect(await started("sweep status cancelled").ended).toMatchObject({
      stdout: expect.stringMatching(/; it is being measured here\n(.*\n)*here +\d +1 +0 +[01] +0 /),
    });
    const { stdout } = await started("sweep cancel cancelled").ended;
    expect(stdout).toMatch(new RegExp(`^ended process ${child.pid} on `));
    expect(await ended).toMatchObject({ code: 1, signal: null });
    expect(await started("sweep cancel cancelled").ended).toMatchObject({
      stdout: "nothing measures it that could be reached from here\n",
    });
  });

  test("another is begun in the same folder on the same machine refuses it, and is not disturbed", async () => {
    const folder = join(scratch.path, "twice");
    const { child, ended } = started("sweep plan.yaml --out twice");
    await until(() => existsSync(placesIn(folder).here(hostname())), child);
    const second = await started("sweep resume twice").ended;
    expect(second).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(
        new RegExp(`^attnbench: sweep: twice is in use, by process ${child.pid} on .*\n$`),
      ),
    });
    expect((await ended).code).toBe(0);
    expectComplete(folder);
  });
});

test("a shard that two measure at once is measured by one of them, and the other is told to come again", async () => {
  const folder = join(scratch.path, "both");
  expect((await started("sweep long.yaml --out both --files-only").ended).code).toBe(0);
  const [{ name }] = readSweep(folder).shards;
  const both = [1, 2].map(() => started(`sweep work both --shard ${name}`));
  const first = await Promise.race(both.map(async ({ ended }, at) => ({ at, ...(await ended) })));
  expect(first).toMatchObject({
    code: 75,
    stderr: expect.stringMatching(/: it is being measured, by process \d+ on /),
  });
  const { child, ended } = both[1 - first.at];
  expect(first.stderr).toContain(`by process ${child.pid} on `);
  await until(() => underWay(folder) === name, child);
  child.kill("SIGTERM");
  expect(await ended).toMatchObject({
    code: 75,
    stderr: expect.stringContaining("what was measured is kept"),
  });
  expect(readLines(placesIn(folder).part(name)).truncated).toBe(false);
});

test("a shard that SIGTERM ends keeps what was measured, and ends with the code for being called again", async () => {
  const folder = join(scratch.path, "term");
  expect((await started("sweep plan.yaml --out term --files-only").ended).code).toBe(0);
  const [{ name }] = readSweep(folder).shards;
  const { child, ended } = started(`sweep work term --shard ${name}`);
  await until(() => underWay(folder) === name, child);
  child.kill("SIGTERM");
  expect(await ended).toMatchObject({
    code: 75,
    stderr: expect.stringContaining(
      `${name}: interrupted; what was measured is kept; the same command goes on with it\n`,
    ),
  });
  expect(filesOf(folder)).toEqual([`${name}.part.jsonl`]);
});

test("a shard for which the disk is full says so, keeps what was measured, and is done when there is room", async () => {
  const folder = join(scratch.path, "full");
  expect((await started("sweep plan.yaml --out full --files-only").ended).code).toBe(0);
  const [{ name }] = readSweep(folder).shards;
  const words = ["-c", `ulimit -f 12; trap '' XFSZ; exec "$@"`, "bash", process.execPath, launcher];
  const { status, stderr } = spawnSync("bash", [...words, "sweep", "work", "full", "--shard", name], {
    cwd: scratch.path,
    encoding: "utf8",
  });
  expect(status).toBe(1);
  expect(stderr).toMatch(
    /^attnbench: results: cannot write .*part\.jsonl, .*; what was measured so far is in it/m,
  );
  expect(readLines(placesIn(folder).part(name))).toMatchObject({ truncated: false });
  expect((await started(`sweep work full --shard ${name}`).ended).code).toBe(0);
  expect(readLines(placesIn(folder).done(name)).lines).toHaveLength(2 * (1 + ROUNDS));
});

test("a shard for which the disk is full, its log's as well, tells whoever had it measured why it ended", async () => {
  const folder = join(scratch.path, "fuller");
  expect((await started("sweep plan.yaml --out fuller --files-only").ended).code).toBe(0);
  const [{ name }] = readSweep(folder).shards;
  const log = placesIn(folder).log(name);
  writeFileSync(log, `${"before ".repeat(4000)}\n`);
  const { size } = statSync(log);
  // Nothing that is longer than that can be written to.
  const program = ["bash", "-c", `ulimit -f 12; trap '' XFSZ; exec "$@"`, "bash", process.execPath, launcher];
  const { signal } = new AbortController();
  const heard: string[] = [];
  const hear = (line: string) => heard.push(line);
  const how = await measureShard({ folder, shard: name, settings: {}, program, signal, hear });
  expect(how).toEqual({
    end: "failed",
    reason: expect.stringMatching(
      /^results: cannot write \P{Cc}*part\.jsonl, \P{Cc}*; what was measured so far/u,
    ),
  });
  expect(heard).toEqual([]);
  expect(statSync(log).size).toBe(size);
});
