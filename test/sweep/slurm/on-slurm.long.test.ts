import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { noSlurm, whyNoSlurm } from "./one-node.ts";
import { begun, resultsIn, slurmHere, until } from "./stand-in-work.ts";

const here = slurmHere([
  "PreemptType=preempt/partition_prio",
  "PreemptMode=REQUEUE",
  "PartitionName=low Nodes=one PriorityTier=1 MaxTime=60 State=UP",
  "PartitionName=graceful Nodes=one PriorityTier=1 GraceTime=10 MaxTime=60 State=UP",
  "PartitionName=urgent Nodes=one PriorityTier=9 MaxTime=60 State=UP",
]);

describe.skipIf(noSlurm)(`on a Slurm of one node${whyNoSlurm}`, () => {
  test("a step that the controller's absence keeps from beginning begins once it is back", async () => {
    const { engine, node } = here;
    // One task with both: the second begins while there is no controller.
    const submission = here.prepared("between", 2, 120, { tasks: 1 });
    const { folder, shards } = submission;
    const id = await engine.submit(submission);
    await until(() => begun(folder, shards[0].name) === 1);
    // What it did not save in its first seconds, it forgets.
    await sleep(6000);
    await node.killController();
    const log = join(folder, `logs/slurm-${id.split(" ")[0]}_0.log`);
    await until(() => readFileSync(log, "utf8").includes("controller does not answer"));
    expect(begun(folder, shards[1].name)).toBe(0);
    await node.startController();
    await until(() => here.nothingLeft(id));
    expect(resultsIn(folder)).toEqual(shards.map((one) => `${one.name}.jsonl`));
    expect(shards.map((one) => begun(folder, one.name))).toEqual([1, 1]);
  });

  test("ahead of its limit a task keeps what it has, and goes on with it until it is done", async () => {
    const { engine } = here;
    const submission = here.prepared("limited", 1, 600);
    const { folder, shards } = submission;
    // Changed as a person may: a minute, of which the notice leaves some seconds. Slurm looks twice a minute.
    const script = join(folder, "slurm/epyc.sbatch");
    const written = readFileSync(script, "utf8");
    const changed = written.replace(/--time=\d+/, "--time=1").replace("USR1@60", "USR1@40");
    expect(changed).not.toBe(written);
    writeFileSync(script, changed);
    const id = await engine.submit(submission);
    await until(() => here.nothingLeft(id));
    expect(resultsIn(folder)).toEqual([`${shards[0].name}.jsonl`]);
    const lines = readFileSync(join(folder, `shards/${shards[0].name}.jsonl`), "utf8").split("\n");
    expect(lines.filter((line) => line === "tenth").length).toBe(600);
    expect(lines.filter((line) => line === "kept").length).toBe(begun(folder, shards[0].name) - 1);
    expect(begun(folder, shards[0].name)).toBeGreaterThan(1);
  });

  test.each([
    ["at once", "low"],
    ["with grace", "graceful"],
  ])("a task that is preempted %s keeps what it has, and goes on with it later", async (_, partition) => {
    const { engine, node } = here;
    const submission = here.prepared(`preempted-${partition}`, 1, 60, { partition });
    const { folder, shards } = submission;
    const [{ name }] = shards;
    const id = await engine.submit(submission);
    await until(() => begun(folder, name) === 1);
    await node.ask("sbatch", "--partition=urgent", "--exclusive", "--output=/dev/null", "--wrap=sleep 2");
    const part = join(folder, `shards/${name}.part.jsonl`);
    await until(() => readFileSync(part, "utf8").includes("kept"));
    await until(() => here.nothingLeft(id));
    expect(resultsIn(folder)).toEqual([`${name}.jsonl`]);
    const lines = readFileSync(join(folder, `shards/${name}.jsonl`), "utf8").split("\n");
    expect(lines.filter((line) => line === "tenth").length).toBe(60);
    expect(begun(folder, name)).toBe(2);
  });
});
