import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { slurmSettings } from "../../../../src/sweep/engines/slurm/settings.ts";
import { slurmEngine } from "../../../../src/sweep/engines/slurm/slurm.ts";
import { tasksLeft } from "../../../../src/sweep/engines/slurm/standing.ts";
import { shardsOfTask, tasksOf } from "../../../../src/sweep/engines/slurm/tasks.ts";
import { someShards, standIns, submissionOf, sweepFolder } from "./stand-ins.ts";

let root = "";
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), "attnbench-slurm-"));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

const standInsHere = (how: Readonly<Record<string, string>> = {}) => standIns(how, root);
const job = "4711 shards=5 tasks=2";
const away = "echo 'slurm_load_jobs error: Unable to contact slurm controller (connect failure)' >&2; exit 1";

describe.skipIf(process.platform === "win32")("handing over", () => {
  test("the script that lies in the folder is handed over there, and the array known by its number", async () => {
    const stand = standInsHere({ sbatch: `echo "Welcome to the cluster"; pwd >"$TOLD/where"; echo 4711` });
    const folder = mkdtempSync(join(root, "sweep-"));
    const engine = slurmEngine(stand.environment);
    const submission = submissionOf({ tasks: 2 }, { folder, shards: someShards(5) });
    expect([...engine.files(submission).keys()]).toEqual(["slurm/epyc.sbatch"]);
    expect(await engine.submit(submission)).toBe(job);
    expect(stand.callsOf("sbatch")).toEqual([["--parsable", "slurm/epyc.sbatch"]]);
    expect(existsSync(join(folder, "logs"))).toBe(true);
  });

  test("of several clusters it is known by its own, where it is also looked for", async () => {
    const stand = standInsHere({
      sbatch: "echo '4711;alps'",
      squeue: "echo 'CLUSTER: alps'; echo '0|PENDING|Priority'",
    });
    const engine = slurmEngine(stand.environment);
    const id = await engine.submit(
      submissionOf({ clusters: "alps,jura" }, { folder: sweepFolder(join(root, "alps")) }),
    );
    expect(id).toBe("4711 shards=3 tasks=3 cluster=alps");
    expect(await engine.look(id)).toEqual({ waiting: [0], running: [], remarks: [] });
    expect(stand.callsOf("squeue")[0]).toContain("--clusters=alps");
  });

  test("variables that come before what a script says are kept from sbatch, unless a site has them for what the plan omits", async () => {
    const stand = standInsHere({
      sbatch: `env -0 | grep -zE '^(SBATCH|SLURM|SQUEUE)_' | sort -z | tr '\\0' ' ' >"$TOLD/env"; cat "$TOLD/env" >&2; exit 1`,
    });
    const environment = {
      ...stand.environment,
      SLURM_CONF: "/etc/slurm.conf",
      SLURM_JOB_ID: "1",
      SLURM_MEM_PER_NODE: "5",
      SBATCH_ARRAY_INX: "0-9",
      SBATCH_TIMELIMIT: "1",
      SBATCH_PARTITION: "debug",
      SBATCH_ACCOUNT: "lab",
    };
    const submitted = slurmEngine(environment).submit(
      submissionOf({ partition: "cpu" }, { folder: sweepFolder(join(root, "env")) }),
    );
    await expect(submitted).rejects.toThrow(
      "slurm: sbatch refuses: SBATCH_ACCOUNT=lab SLURM_CONF=/etc/slurm.conf",
    );
  });

  test.each(["a%j", "a\\b"])("a folder that Slurm would take for a pattern is refused: %s", async (name) => {
    const stand = standInsHere();
    const folder = sweepFolder(join(root, name));
    await expect(slurmEngine(stand.environment).submit(submissionOf({}, { folder }))).rejects.toThrow(
      "no % and no backslash",
    );
    expect(stand.calls()).toEqual([]);
  });

  test("what Slurm refuses is told in a line, in its own words", async () => {
    const said =
      "sbatch: error: invalid partition specified: nope\nsbatch: error: Batch job submission failed: Invalid partition name specified";
    const stand = standInsHere({ sbatch: `echo '${said}' >&2; exit 1` });
    const folder = sweepFolder(join(root, "refused"));
    await expect(slurmEngine(stand.environment).submit(submissionOf({}, { folder }))).rejects.toThrow(
      "slurm: sbatch refuses: invalid partition specified: nope; Batch job submission failed: Invalid partition name specified",
    );
  });

  test("a machine that is of no cluster is told so, with what to do", async () => {
    const said =
      "sbatch: error: resolve_ctls_from_dns_srv: res_nsearch error: Unknown host\nsbatch: error: fetch_config: DNS SRV lookup failed\nsbatch: error: _establish_config_source: failed to fetch config\nsbatch: fatal: Could not establish a configuration source";
    const stand = standInsHere({ sbatch: `echo '${said}' >&2; exit 1` });
    const folder = sweepFolder(join(root, "unconfigured"));
    await expect(slurmEngine(stand.environment).submit(submissionOf({}, { folder }))).rejects.toThrow(
      /^slurm: no controller is configured here \(sbatch says: resolve_ctls_\P{Cc}*\); go to a login node of the cluster, or measure here with --engine local --machine NAME$/u,
    );
  });

  test("an array that is too large for a cluster is told with what to do", async () => {
    const said = "sbatch: error: Batch job submission failed: Invalid job array specification";
    const stand = standInsHere({ sbatch: `echo '${said}' >&2; exit 1` });
    const folder = sweepFolder(join(root, "large"));
    await expect(slurmEngine(stand.environment).submit(submissionOf({}, { folder }))).rejects.toThrow(
      "Invalid job array specification; in the plan, make tasks fewer than the MaxArraySize",
    );
  });

  test("a machine without Slurm says so in a line", async () => {
    const engine = slurmEngine({ PATH: "/nowhere" });
    const folder = sweepFolder(join(root, "none"));
    const line = (program: string) =>
      `slurm: there is no ${program} here; go to a machine from which jobs are submitted, or measure here with --engine local --machine NAME`;
    await expect(engine.submit(submissionOf({}, { folder }))).rejects.toThrow(line("sbatch"));
    await expect(engine.look(job)).rejects.toThrow(line("squeue"));
    await expect(engine.cancel(job)).rejects.toThrow(line("scancel"));
  });
});

describe.skipIf(process.platform === "win32")("looking and cancelling", () => {
  test("what waits and runs is told by shards; of several in turn all wait, since only a lock tells which does not", async () => {
    const stand = standInsHere({ squeue: "printf '0|PENDING|PartitionTimeLimit\\n1|RUNNING|None\\n'" });
    expect(await slurmEngine(stand.environment).look(job)).toEqual({
      waiting: [0, 1, 2, 3, 4],
      running: [],
      remarks: ["1 task of job 4711 may wait for a person, PartitionTimeLimit; see scontrol show job 4711"],
    });
    expect(await slurmEngine(stand.environment).look("4711 shards=2 tasks=2")).toEqual({
      waiting: [0],
      running: [1],
      remarks: [expect.stringContaining("PartitionTimeLimit")],
    });
    expect(stand.callsOf("squeue").slice(1)).toEqual([
      ["--noheader", "--array", "--jobs=4711", "--format=%K|%T|%r"],
    ]);
  });

  test("a job that Slurm has forgotten has ended, and is cancelled already", async () => {
    const gone = "echo 'slurm_load_jobs error: Invalid job id specified' >&2; exit 1";
    const engine = slurmEngine(standInsHere({ squeue: gone, scancel: gone }).environment);
    expect(await engine.look(job)).toEqual({ waiting: [], running: [], remarks: [] });
    await engine.cancel(job);
  });

  test("a controller that is down is told in a line", async () => {
    const engine = slurmEngine(standInsHere({ squeue: away }).environment);
    await expect(engine.look(job)).rejects.toThrow(
      /^slurm: its controller does not answer \(.*connect failure\)\); try again later$/,
    );
  });

  test("cancelling waits until nothing runs any more", async () => {
    const stand = standInsHere({
      squeue: `[[ $(grep -zc squeue "$TOLD/calls") -ge 3 ]] || echo '1|COMPLETING|None'`,
    });
    await slurmEngine(stand.environment).cancel(job);
    expect(stand.callsOf("scancel")).toEqual([["4711"]]);
    expect(stand.callsOf("squeue").length).toBe(3);
  });

  test.each([
    "",
    "4711",
    "--user=x shards=1 tasks=1",
    "1 shards=1 tasks=0",
    "1 shards=1 tasks=1 cluster=-x",
    "1 shards=1 tasks=1\n2",
  ])("an id that is none is never told to Slurm: %j", async (id) => {
    const stand = standInsHere();
    await expect(slurmEngine(stand.environment).look(id)).rejects.toThrow("was jobs.jsonl changed?");
    await expect(slurmEngine(stand.environment).cancel(id)).rejects.toThrow("was jobs.jsonl changed?");
    expect(stand.calls()).toEqual([]);
  });

  test("what is no state of a task is refused, and tasks that ended are left out", () => {
    const one = { job: "4711", tasks: 3 };
    const printed = "0|FAILED|NonZeroExitCode\n1|COMPLETING|None\n2|PENDING|launch failed requeued held\n";
    expect(tasksLeft(printed, one)).toEqual({
      waiting: [2],
      running: [1],
      kept: new Map([["launch failed requeued held", 1]]),
    });
    expect(() => tasksLeft("JOBID PARTITION", one)).toThrow(
      "must print index, state and reason of a task, got 'JOBID PARTITION'",
    );
    expect(tasksLeft("7|RUNNING|None", one)).toEqual({ waiting: [], running: [], kept: new Map() });
  });
});

describe("dealing out", () => {
  test("every shard is one task's, and no task has two more than another", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 300 }), fc.integer({ min: 1, max: 300 }), (count, most) => {
        const { tasks, shardsPerTask } = tasksOf(someShards(count), slurmSettings.parse({ tasks: most }));
        const dealt = Array.from({ length: tasks }, (_, task) =>
          shardsOfTask(task, { tasks, shards: count }),
        );
        expect(dealt.flat().sort((a, b) => a - b)).toEqual(Array.from({ length: count }, (_, at) => at));
        const sizes = dealt.map((one) => one.length);
        expect(Math.max(...sizes)).toBe(shardsPerTask);
        expect(Math.min(...sizes)).toBeGreaterThanOrEqual(shardsPerTask - 1);
        expect(tasks).toBeLessThanOrEqual(most);
      }),
    );
  });

  test("the limit is time for the longest task with a margin, and never more than the plan allows", () => {
    const times = fc.array(fc.double({ min: 0, max: 1e5, noNaN: true }), { minLength: 1, maxLength: 50 });
    fc.assert(
      fc.property(
        times,
        fc.integer({ min: 1, max: 20 }),
        fc.option(fc.integer({ min: 300, max: 86_400 })),
        (seconds, most, time) => {
          const shards = someShards(seconds.length).map((one, at) => ({ ...one, predicted_s: seconds[at] }));
          const said = { tasks: most, ...(time === null ? {} : { time }) };
          const { tasks, minutes } = tasksOf(shards, slurmSettings.parse(said));
          const longest = Math.max(
            ...Array.from({ length: tasks }, (_, task) =>
              shardsOfTask(task, { tasks, shards: shards.length }).reduce((sum, at) => sum + seconds[at], 0),
            ),
          );
          const limit = 60 * minutes;
          if (time === null || limit < time) expect(limit).toBeGreaterThanOrEqual(2 * longest + 300);
          if (time !== null) expect(limit).toBeLessThan(time + 60);
        },
      ),
    );
  });
});
