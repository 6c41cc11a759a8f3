import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { noSlurm, whyNoSlurm } from "./one-node.ts";
import { begun, resultsIn, slurmHere, until } from "./stand-in-work.ts";

const here = slurmHere();

describe.skipIf(noSlurm)(`on a Slurm of one node${whyNoSlurm}`, () => {
  test("every shard is measured once, on cores of its own, whatever the folder is called", async () => {
    const { engine, root } = here;
    const name = 'it\'s "a" $(touch canary) `touch canary`; é\n#SBATCH --wrap=x';
    const said = { tasks: 3, partition: "cpu", constraint: "here", "cpus-per-task": 1 };
    const submission = here.prepared(name, 5, 3, said);
    const { folder, shards } = submission;
    const id = await engine.submit(submission);
    const { waiting, running } = await engine.look(id);
    const names = shards.map((one) => one.name);
    // Some may be done before it is asked what is left.
    const done = resultsIn(folder).map((file) => names.findIndex((name) => file === `${name}.jsonl`));
    const known = new Set([...waiting, ...running, ...done.filter((at) => at >= 0)]);
    expect([...known].sort()).toEqual([0, 1, 2, 3, 4]);
    await until(() => here.nothingLeft(id));
    expect(resultsIn(folder)).toEqual(names.map((one) => `${one}.jsonl`));
    expect(names.map((one) => begun(folder, one))).toEqual([1, 1, 1, 1, 1]);
    for (const one of names) {
      expect(readFileSync(join(folder, `logs/${one}.log`), "utf8")).toMatch(/^Cpus_allowed_list:\t\d+\n$/);
    }
    const found = readdirSync(root, { recursive: true, encoding: "utf8" });
    expect(found.filter((one) => one.endsWith("canary"))).toEqual([]);
  });

  test("a notice keeps what was measured, and the task queues again and goes on with it", async () => {
    const { engine, node } = here;
    const submission = here.prepared("noticed", 1, 40);
    const { folder, shards } = submission;
    const id = await engine.submit(submission);
    const [{ name }] = shards;
    await until(() => begun(folder, name) === 1);
    await node.ask("scancel", "--batch", "--signal=USR1", id.split(" ")[0]);
    const part = join(folder, `shards/${name}.part.jsonl`);
    await until(() => readFileSync(part, "utf8").includes("kept"));
    await until(async () => (await engine.look(id)).waiting.length === 1);
    await until(() => here.nothingLeft(id));
    expect(resultsIn(folder)).toEqual([`${name}.jsonl`]);
    const lines = readFileSync(join(folder, `shards/${name}.jsonl`), "utf8").split("\n");
    expect(lines.filter((line) => line === "tenth").length).toBe(40);
    expect(begun(folder, name)).toBe(2);
  });

  test("cancelling keeps what was measured, and nothing comes back", async () => {
    const { engine } = here;
    const submission = here.prepared("cancelled", 3, 600);
    const { folder, shards } = submission;
    const id = await engine.submit(submission);
    const [{ name }] = shards;
    await until(() => begun(folder, name) === 1);
    await engine.cancel(id);
    expect(await engine.look(id)).toEqual({ waiting: [], running: [], remarks: [] });
    expect(resultsIn(folder)).toEqual([`${name}.part.jsonl`]);
    expect(readFileSync(join(folder, `shards/${name}.part.jsonl`), "utf8")).toMatch(/kept\n$/);
  });

  test("what may wait for a person is told in Slurm's words", async () => {
    const { engine } = here;
    const submission = here.prepared("held", 1, 1);
    // Changed as a person may, to more than the partition allows.
    const script = join(submission.folder, "slurm/epyc.sbatch");
    writeFileSync(script, readFileSync(script, "utf8").replace(/--time=\d+/, "--time=90"));
    const id = await engine.submit(submission);
    await until(async () => (await engine.look(id)).remarks?.length === 1);
    const [job] = id.split(" ");
    const remark = expect.stringMatching(`^1 task of job ${job} may wait for a person, Partition\\w+; see`);
    expect(await engine.look(id)).toEqual({ waiting: [0], running: [], remarks: [remark] });
    await engine.cancel(id);
  });

  test("what Slurm refuses is told in a line", async () => {
    const { engine } = here;
    await expect(engine.submit(here.prepared("refused", 1, 1, { partition: "nowhere" }))).rejects.toThrow(
      "slurm: sbatch refuses: invalid partition specified: nowhere; Batch job submission failed: Invalid partition name specified",
    );
    await expect(engine.submit(here.prepared("large", 1002, 1, { tasks: 1002 }))).rejects.toThrow(
      /job array.*make tasks fewer than the MaxArraySize/,
    );
  });
});
