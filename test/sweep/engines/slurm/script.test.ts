import { execFileSync } from "node:child_process";
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { bashWord } from "../../../../src/sweep/engines/slurm/bash-words.ts";
import { script } from "../../../../src/sweep/engines/slurm/script.ts";
import { slurmSettings } from "../../../../src/sweep/engines/slurm/settings.ts";
import { all } from "../../../examples.ts";
import { runTask, someShards, standIns, submissionOf, sweepFolder } from "./stand-ins.ts";

let root = "";
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), "attnbench-slurm-"));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** A new folder with an empty sweep in it. */
const folderOf = () => sweepFolder(mkdtempSync(join(root, "sweep-")));

const standInsHere = (how: Readonly<Record<string, string>> = {}) => standIns(how, root);

const noBash = process.platform === "win32";

/** What `sbatch` reads of a script: options up to the first command. */
function asked(text: string): readonly string[] {
  const lines = text.split("\n");
  const first = lines.findIndex((line) => line.trim() !== "" && !line.startsWith("#"));
  return lines.slice(0, first).filter((line) => line.startsWith("#SBATCH "));
}

describe("what a script asks Slurm for", () => {
  test("a node for itself, cores that are bound, a limit with a notice, and to be queued again", () => {
    expect(asked(script(submissionOf({})))).toMatchInlineSnapshot(`
      [
        "#SBATCH --job-name=attnbench-zoo-epyc",
        "#SBATCH --array=0-2",
        "#SBATCH --output=logs/slurm-%A_%a.log",
        "#SBATCH --open-mode=append",
        "#SBATCH --nodes=1",
        "#SBATCH --ntasks=1",
        "#SBATCH --exclusive",
        "#SBATCH --mem=0",
        "#SBATCH --cpus-per-task=2",
        "#SBATCH --hint=nomultithread",
        "#SBATCH --time=10",
        "#SBATCH --signal=B:USR1@60",
        "#SBATCH --requeue",
      ]
    `);
  });

  test("what the plan says comes first, under the names that sbatch has", () => {
    const said = {
      partition: "cpu,long",
      account: "lab-7",
      qos: "normal",
      reservation: "week",
      constraint: "[rack1|rack2]&epyc*2",
      gres: "gpu:h100:1",
      nodelist: "node[1-3],node7",
      exclude: "node2",
      nice: 100,
      "cpus-per-task": 9,
      mem: "16G",
      exclusive: false,
      time: "10m",
      notice: "2m",
      "at-once": 2,
      modules: ["nodejs/26.1", "gcc"],
      program: ["/opt/attnbench"],
    };
    const text = script(submissionOf(said));
    expect(asked(text)).toMatchInlineSnapshot(`
      [
        "#SBATCH --job-name=attnbench-zoo-epyc",
        "#SBATCH --partition=cpu,long",
        "#SBATCH --account=lab-7",
        "#SBATCH --qos=normal",
        "#SBATCH --reservation=week",
        "#SBATCH --constraint=[rack1|rack2]&epyc*2",
        "#SBATCH --gres=gpu:h100:1",
        "#SBATCH --nodelist=node[1-3],node7",
        "#SBATCH --exclude=node2",
        "#SBATCH --nice=100",
        "#SBATCH --array=0-2%2",
        "#SBATCH --output=logs/slurm-%A_%a.log",
        "#SBATCH --open-mode=append",
        "#SBATCH --nodes=1",
        "#SBATCH --ntasks=1",
        "#SBATCH --mem=16G",
        "#SBATCH --cpus-per-task=9",
        "#SBATCH --hint=nomultithread",
        "#SBATCH --time=10",
        "#SBATCH --signal=B:USR1@120",
        "#SBATCH --requeue",
      ]
    `);
    expect(text).toContain("\nmodule load nodejs/26.1\nmodule load gcc\n");
    expect(text).toContain("attnbench=(\n  /opt/attnbench\n)");
    expect(text.split("\n")[0]).toBe("#!/bin/bash -l");
  });

  test("a core for each thread and one more, by the shard that has most", () => {
    const [first, ...others] = someShards(3);
    const shards = [{ ...first, options: { threads: "7" } }, ...others];
    expect(asked(script(submissionOf({}, { shards })))).toContain("#SBATCH --cpus-per-task=8");
  });

  test("as many tasks as the array may have, and time for all shards of the longest", () => {
    const shards = someShards(2500, 60);
    const lines = asked(script(submissionOf({}, { shards })));
    expect(lines).toContain("#SBATCH --array=0-999");
    // Three shards of a minute, twice that, five minutes and the notice.
    expect(lines).toContain("#SBATCH --time=12");
  });
});

describe.skipIf(noBash)("what nothing of a plan can do", () => {
  /** Texts made of what shells, Slurm and terminals obey. */
  const hostile = fc
    .array(
      fc.constantFrom(
        ..."aZ0'\"\\`!*?~#&|;<>(){}[] =^é猫-,%\n\r\t\u0007\u001b\u202e\u2028",
        "$(touch canary)",
        "`touch canary`",
        "\n#SBATCH --wrap=x\n",
        "$HOME",
        "'; touch canary; '",
        "\n)\ntouch canary\n",
      ),
      { minLength: 1, maxLength: 30 },
    )
    .map((parts) => parts.join(""));

  test("bash reads every word as the text that it was, on one line", () => {
    const words = ["", "-n", ...fc.sample(hostile, 500)];
    const written = words.map(bashWord);
    expect(written.filter((one) => /[\p{Cc}\p{Cf}\p{Zl}]/u.test(one))).toEqual([]);
    const read = execFileSync("bash", ["-c", `printf '%s\\0' ${written.join(" ")}`], { encoding: "utf8" });
    expect(read.split("\0").slice(0, -1)).toEqual(words);
  });

  test("a program, its words and both folders are what they were named, whatever is in their names", async () => {
    await fc.assert(
      fc.asyncProperty(hostile, fc.array(hostile, { maxLength: 3 }), async (name, words) => {
        // A name of a folder has a shorter limit than a word.
        const within = mkdtempSync(join(root, "hostile-"));
        const folder = sweepFolder(join(within, `${name.slice(0, 60)}.`));
        const directory = join(within, `d${name.slice(0, 60)}.`);
        mkdirSync(directory);
        const stand = standIns({ attnbench: `printf '%s\\0' "$PWD"` }, directory);
        const submission = submissionOf(
          {},
          { folder, directory, program: [stand.attnbench, ...words], shards: someShards(1) },
        );
        const { code, said } = await runTask(submission, stand);
        expect({ code, said }).toMatchObject({ code: 0 });
        expect(stand.callsOf("attnbench")).toEqual([
          [...words, "sweep", "work", folder, "--shard", "0".repeat(16)],
        ]);
        expect(readFileSync(join(folder, `logs/${"0".repeat(16)}.log`), "utf8")).toBe(`${directory}\0`);
        const found = readdirSync(within, { recursive: true, encoding: "utf8" });
        expect(found.filter((one) => one.endsWith("canary"))).toEqual([]);
        rmSync(within, { recursive: true });
      }),
      { numRuns: all ? 100 : 12 },
    );
    expect(readdirSync(".")).not.toContain("canary");
  });

  test("a setting of Slurm's is refused, or stands in one line of its own and is that text", () => {
    const options = [
      "partition",
      "account",
      "qos",
      "reservation",
      "clusters",
      "constraint",
      "gres",
      "nodelist",
      "exclude",
      "mem",
    ] as const;
    const likely = fc.oneof(hostile, fc.stringMatching(/^[\w.,:&|*()[\]=@+-]{1,20}$/));
    fc.assert(
      fc.property(fc.constantFrom(...options), likely, (option, text) => {
        const read = slurmSettings.safeParse({ [option]: text });
        if (!read.success) return;
        const lines = asked(script(submissionOf({ [option]: text })));
        expect(lines.filter((line) => line.startsWith(`#SBATCH --${option}=`))).toEqual([
          `#SBATCH --${option}=${text}`,
        ]);
        expect(text).toMatch(/^[^\s'"\\#%$`;<>!~{}]+$/);
        expect(lines.length).toBe(asked(script(submissionOf({}))).length + (option === "mem" ? 0 : 1));
      }),
      { numRuns: 300 },
    );
  });

  test.each([
    ["a sweep", { sweep: "$(touch canary)" }],
    ["a class", { machine: "../../etc/cron" }],
    ["a shard", { shards: [{ ...someShards(1)[0], name: "$(touch canary)00" }] }],
    ["words and paths", { directory: "/a\0b" }],
    ["words and paths", { program: ["\ud800"] }],
    ["an array", { shards: [] }],
  ])("%s of another form is refused in a line", (what, rest) => {
    expect(() => script(submissionOf({}, rest))).toThrow(new RegExp(`${what}.*got .*`));
  });

  test.each([
    { partition: "a b" },
    { partition: "-x" },
    { constraint: "a\n#SBATCH --wrap=b" },
    { mem: "4 G" },
    { modules: ["x; touch canary"] },
    { modules: ["-x"] },
    { time: "1m" },
    { time: "10m", notice: "6m" },
    { tasks: 0 },
    { "cpus-per-task": 1.5 },
    { unknown: 1 },
    { program: [] },
  ])("settings %o are refused", (said) => {
    expect(slurmSettings.safeParse(said).success).toBe(false);
  });
});

describe.skipIf(noBash)("what a task does", () => {
  const work = (shard: string, folder: string) => ["sweep", "work", folder, "--shard", shard];
  const names = someShards(5).map(({ name }) => name);

  test("it measures its shards in turn, each bound to its cores, and says so in their logs", async () => {
    const stand = standInsHere({ attnbench: `echo "told $*"` });
    const folder = folderOf();
    const submission = submissionOf(
      { tasks: 2 },
      { folder, directory: root, program: [stand.attnbench], shards: someShards(5) },
    );
    expect(await runTask(submission, stand, { task: 1 })).toMatchObject({ code: 0 });
    expect(stand.callsOf("attnbench")).toEqual([work(names[1], folder), work(names[3], folder)]);
    expect(stand.callsOf("srun").map((words) => words.slice(0, 3))).toEqual(
      [1, 2].map(() => ["--ntasks=1", "--cpus-per-task=2", "--cpu-bind=cores"]),
    );
    expect(readFileSync(join(folder, `logs/${names[3]}.log`), "utf8")).toBe(
      `told ${work(names[3], folder).join(" ")}\n`,
    );
    expect(stand.callsOf("scontrol")).toEqual([]);
    expect(readdirSync(join(folder, "logs"))).not.toContain("slurm-4711_1.begun");
  });

  test("a shard that fails does not keep the next from being measured, and the task fails", async () => {
    const stand = standInsHere({ attnbench: `[[ $5 != *0 ]]` });
    const folder = folderOf();
    const submission = submissionOf({ tasks: 1 }, { folder, directory: root, program: [stand.attnbench] });
    const { code, said } = await runTask(submission, stand);
    expect(code).toBe(1);
    expect(said).toContain(`${names[0]} failed with code 1: logs/${names[0]}.log says why`);
    expect(stand.callsOf("attnbench").length).toBe(3);
    expect(stand.callsOf("scontrol")).toEqual([]);
  });

  test("what was interrupted is queued again by the task's own name, which is never the whole array's", async () => {
    const stand = standInsHere({ attnbench: "exit 75" });
    const submission = submissionOf({}, { folder: folderOf(), directory: root, program: [stand.attnbench] });
    expect(await runTask(submission, stand, { task: 2 })).toMatchObject({ code: 75 });
    expect(stand.callsOf("scontrol").filter(([what]) => what !== "ping")).toEqual([["requeue", "4711_2"]]);
  });

  test("a task that was cancelled does not come back to life", async () => {
    const stand = standInsHere({ attnbench: "exit 75", squeue: "echo COMPLETING" });
    const submission = submissionOf({}, { folder: folderOf(), directory: root, program: [stand.attnbench] });
    expect(await runTask(submission, stand)).toMatchObject({ code: 75 });
    expect(stand.callsOf("scontrol")).toEqual([["ping"]]);
  });

  test("Slurm's notice reaches the shard; what it kept is gone on with later, and no other is begun", async () => {
    const began = join(root, `began-${Math.random()}`);
    // As Slurm tells a step, by the number of its process.
    const stand = standInsHere({
      attnbench: `trap 'exit 75' TERM; echo $$ >${bashWord(began)}; for ((i = 0; i < 3000; i++)); do /bin/sleep 0.01; done`,
      scancel: `kill -TERM "$(cat ${bashWord(began)})"`,
    });
    const submission = submissionOf(
      { tasks: 1 },
      { folder: folderOf(), directory: root, program: [stand.attnbench] },
    );
    const ran = await runTask(submission, stand, {}, async (pid) => {
      while (!existsSync(began)) await sleep(10);
      process.kill(pid, "SIGUSR1");
    });
    expect(ran).toMatchObject({ code: 75 });
    expect(stand.callsOf("attnbench").length).toBe(1);
    expect(stand.callsOf("scancel")).toEqual([["--signal=TERM", "4711_0"]]);
    expect(stand.callsOf("scontrol")).toContainEqual(["requeue", "4711_0"]);
  });

  test("an end that Slurm brings is outlived, so that the shard can keep what it has", async () => {
    const began = join(root, `began-${Math.random()}`);
    const stand = standInsHere({
      attnbench: `echo $$ >${bashWord(began)}; /bin/sleep 0.5; echo kept; exit 75`,
      squeue: "echo COMPLETING",
    });
    const folder = folderOf();
    const submission = submissionOf({ tasks: 1 }, { folder, directory: root, program: [stand.attnbench] });
    const ran = await runTask(submission, stand, {}, async (pid) => {
      while (!existsSync(began)) await sleep(10);
      process.kill(pid, "SIGTERM");
    });
    expect(ran).toMatchObject({ code: 75 });
    expect(readFileSync(join(folder, `logs/${names[0]}.log`), "utf8")).toBe("kept\n");
    expect(stand.callsOf("attnbench").length).toBe(1);
  });

  test("while Slurm's controller is away it waits, and then measures what no step could be begun for", async () => {
    const stand = standInsHere({
      // Away for the first two times that it is asked.
      scontrol: `[[ $(grep -zc ping "$TOLD/calls") -lt 3 ]] || echo "Slurmctld(primary) at here is UP"`,
      srun: `[[ $(grep -zc ping "$TOLD/calls") -ge 3 ]] || exit 1; while [[ $1 == --* ]]; do shift; done; exec "$@"`,
    });
    const submission = submissionOf({}, { folder: folderOf(), directory: root, program: [stand.attnbench] });
    const { code, said } = await runTask(submission, stand);
    expect({ code, said }).toMatchObject({
      code: 0,
      said: expect.stringContaining("controller does not answer"),
    });
    expect(stand.callsOf("attnbench").length).toBe(1);
  });

  test("a step that Slurm refuses fails its shard after three tries", async () => {
    const stand = standInsHere({ srun: "echo 'srun: error: no' >&2; exit 1" });
    const folder = folderOf();
    const submission = submissionOf({}, { folder, directory: root, program: [stand.attnbench] });
    expect(await runTask(submission, stand)).toMatchObject({ code: 1 });
    expect(stand.callsOf("srun").length).toBe(3);
    expect(readFileSync(join(folder, `logs/${names[0]}.log`), "utf8")).toContain("srun: error: no");
  });

  test("attempts in which nothing new was measured end; those that get on do not", async () => {
    const idle = standInsHere({ attnbench: "exit 75" });
    const folder = folderOf();
    const part = join(folder, `shards/${names[0]}.part.jsonl`);
    appendFileSync(part, "a line\n");
    const submission = submissionOf({}, { folder, directory: root, program: [idle.attnbench] });
    expect(await runTask(submission, idle, { restarts: 4 })).toMatchObject({ code: 75 });
    const { code, said } = await runTask(submission, idle, { restarts: 5 });
    expect({ code, said }).toMatchObject({
      code: 1,
      said: expect.stringContaining("nothing new was measured"),
    });

    const getsOn = standInsHere({ attnbench: `echo more >>${bashWord(part)}; exit 75` });
    expect(
      await runTask({ ...submission, program: [getsOn.attnbench] }, getsOn, { restarts: 50 }),
    ).toMatchObject({ code: 75 });
    expect(getsOn.callsOf("scontrol")).toContainEqual(["requeue", "4711_0"]);
  });

  test("a user's variables do not hide the task from Slurm's programs", async () => {
    const stand = standInsHere({
      attnbench: "exit 75",
      squeue: `[[ -z \${SQUEUE_STATES:-} ]] && echo RUNNING`,
    });
    const submission = submissionOf({}, { folder: folderOf(), directory: root, program: [stand.attnbench] });
    const environment = { ...stand.environment, SQUEUE_STATES: "PENDING", SCANCEL_STATE: "PENDING" };
    await runTask(submission, { environment });
    expect(stand.callsOf("scontrol")).toContainEqual(["requeue", "4711_0"]);
  });

  test("outside of a sweep's folder it says where it belongs", async () => {
    const stand = standInsHere();
    const { code, said } = await runTask(submissionOf({}, { folder: folderOf() }), stand, { from: root });
    expect({ code, said }).toMatchObject({
      code: 2,
      said: expect.stringContaining("cd to it, and there sbatch slurm/epyc.sbatch"),
    });
    expect(stand.calls()).toEqual([]);
  });
});
