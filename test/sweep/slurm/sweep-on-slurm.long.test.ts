import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readRuns } from "../../../src/record/collection/read-runs.ts";
import { readSweep } from "../../../src/sweep/sweep-file.ts";
import { launcher } from "../../commands/launched.ts";
import { noSlurm, type OneNode, startOneNode, whyNoSlurm } from "./one-node.ts";
import { until } from "./stand-in-work.ts";

/** Each shard starts a Node of its own, on a machine that may be busy. */
const MOST_MS = 1_800_000;

let root = "";
let node: OneNode;
beforeAll(async () => {
  if (noSlurm) return;
  root = mkdtempSync(join(tmpdir(), "attnbench-sweep-"));
  node = await startOneNode();
});
afterAll(async () => {
  if (noSlurm) return;
  await node.stop();
  rmSync(root, { recursive: true, force: true });
});

/** Three dozen shards of some seconds at the most, on one class of machines. */
const PLAN = `name: small
engine: slurm
grid:
  variants: full, local, linear, stride
  lengths: 64,128
  head-dim: [16, 32, 48]
  causal: [true, false]
  kernel: [js, wasm]
settings: { rounds: 2, set: [local.window=16] }
shard: { cases: 4 }
repeats: 1
machines:
  here:
    slurm: { partition: cpu, cpus-per-task: 1 }
`;

/** A command of attnbench, as a user of this Slurm types it. */
function begun(...words: readonly string[]) {
  const child = spawn(process.execPath, [launcher, "sweep", ...words], { cwd: root, env: node.environment });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (chunk: string) => {
      said += chunk;
    });
  }
  const { promise, resolve, reject } = Promise.withResolvers<{ code: number | null; said: string }>();
  child.once("error", reject).once("close", (code) => resolve({ code, said }));
  return { child, ended: promise };
}

const typed = (...words: readonly string[]) => begun(...words).ended;

test.skipIf(noSlurm)(
  `a sweep outlives its engine's death, a shard's, a collector's and a cancel, and has every case once${whyNoSlurm}`,
  async () => {
    const folder = join(root, "sweeps/small");
    const inShards = (ending: string) =>
      readdirSync(join(folder, "shards")).filter((one) => one.endsWith(ending));
    const done = () => inShards(".jsonl").filter((one) => /^[0-9a-f]{16}\.jsonl$/.test(one)).length;
    const nothingQueued = async () => (await node.ask("squeue", "--noheader")).trim() === "";
    writeFileSync(join(root, "plan.yaml"), PLAN);
    expect(await typed("plan.yaml")).toMatchObject({
      code: 0,
      said: expect.stringContaining("handed to slurm"),
    });
    const { shards } = readSweep(folder);
    expect(shards.length).toBe(36);

    // The controller dies, and is away for a while, in which shards go on and status still tells what is done.
    await until(() => done() >= 3);
    await node.killController();
    const away = await typed("status", folder);
    expect(away).toMatchObject({ code: 0, said: expect.stringContaining("controller does not answer") });
    expect(away.said).toMatch(new RegExp(`\\d+ of ${shards.length} shards done`));
    await node.startController();

    // A process that measures is killed.
    const killed = await killOne(folder, async () => {
      // A controller that died within seconds of a task's start has forgotten it and drains the node on which it finds it, or
      // has it running although it ended: an operator has the node tell anew what runs on it, and go on, and whoever began the
      // sweep hands over what was lost.
      await node.ask("scontrol", "reconfigure").catch(() => {});
      await node.ask("scontrol", "update", "nodename=one", "state=resume").catch(() => {});
      await typed("resume", folder);
    });
    await until(() => done() >= 6);

    // All is cancelled, what was measured is kept, and nothing comes back.
    expect(await typed("cancel", folder)).toMatchObject({
      code: 0,
      said: expect.stringContaining("ended slurm"),
    });
    expect(await nothingQueued()).toBe(true);
    const before = done();
    await sleep(5000);
    expect(await nothingQueued()).toBe(true);
    expect(done()).toBe(before);
    expect(before).toBeLessThan(shards.length);

    // A collector is killed while it is at it: there is no collection, or a whole one.
    const out = join(root, "small.jsonl");
    const collector = begun("collect", folder, "--out", out);
    await Promise.race([until(() => existsSync(`${out}.lock`)), collector.ended]);
    collector.child.kill("SIGKILL");
    await collector.ended;
    if (existsSync(out)) await shardsIn(out);

    // What is left goes on, the killed one with it.
    expect(await typed("resume", folder)).toMatchObject({ code: 0 });
    await until(nothingQueued, MOST_MS);
    expect(done()).toBe(shards.length);
    expect(existsSync(join(folder, `shards/${killed}.jsonl`))).toBe(true);
    expect((await typed("status", folder)).said).toContain(
      `${shards.length} of ${shards.length} shards done`,
    );
    expect(await typed("resume", folder)).toMatchObject({
      said: expect.stringContaining("nothing to hand over"),
    });

    // Two collectors at once.
    const both = await Promise.all([1, 2].map(() => typed("collect", folder, "--out", out)));
    expect(both.map(({ code }) => code)).toContain(0);
    const { names, cases } = await shardsIn(out);
    expect(names.toSorted()).toEqual(shards.map(({ name }) => name).toSorted());
    expect(cases.length).toBe(shards.reduce((sum, one) => sum + one.cases, 0));
    expect(new Set(cases).size).toBe(cases.length);
    expect(inShards(".lock").concat(inShards(".part.jsonl"))).toEqual([]);
  },
  MOST_MS,
);

/**
 * Kills a process that measures a shard, and returns the shard's name. `goOn` is called now and then while there is none.
 */
async function killOne(folder: string, goOn: () => Promise<void>): Promise<string> {
  for (let looks = 1; looks < 40_000; looks++) {
    if (looks % 500 === 0) await goOn();
    for (const file of readdirSync(join(folder, "shards")).filter((one) => one.endsWith(".lock"))) {
      try {
        const { pid }: { pid: number } = JSON.parse(readFileSync(join(folder, "shards", file), "utf8"));
        process.kill(pid, "SIGKILL");
        return file.slice(0, 16);
      } catch {
        // It was given back in the meantime.
      }
    }
    await sleep(20);
  }
  throw new Error("no shard was being measured");
}

/** The shards that a collection has, and their cases by shard and name. */
async function shardsIn(path: string): Promise<{ names: string[]; cases: string[] }> {
  const names: string[] = [];
  const cases: string[] = [];
  for await (const { run, lines } of readRuns(path)) {
    const name = run.shard?.name ?? "";
    names.push(name);
    for (const line of lines) if (line.type === "case") cases.push(`${name} ${line.case}`);
  }
  return { names, cases };
}
