import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { takeLock } from "../../../src/files/lock-file.ts";
import { readLines } from "../../../src/record/read.ts";
import { placesIn } from "../../../src/sweep/folder.ts";
import { readSweep } from "../../../src/sweep/sweep-file.ts";
import { scratchFolder } from "../../input/scratch-folder.ts";
import { commandLine } from "../command-line.ts";
import { fakeIo } from "../fake-io.ts";

const scratch = scratchFolder();
const home = process.cwd();
beforeAll(() => process.chdir(scratch.path));
afterAll(() => process.chdir(home));

const PLAN = `name: small
grid: { variants: [local, linear], lengths: [8, 16], head-dim: [8, 16], kernel: js }
settings: { rounds: 2 }
`;
let turn = 0;
let folder: string;
beforeEach(() => {
  folder = `s${turn++}`;
  writeFileSync("plan.yaml", PLAN);
});

describe("sweep --dry-run", () => {
  test("says shards, cases and processor-hours by class, and leaves nothing", async () => {
    writeFileSync("plan.yaml", `${PLAN}repeats: 2\nmachines: { epyc: , xeon: }\n`);
    const before = readdirSync(".");
    const { code, stdout, stderr } = await commandLine("sweep plan.yaml --dry-run");
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toMatch(/^small, by local: 8 shards of 48 cases in all, about \S+ processor-hours\n/);
    expect(stdout).toMatch(/^epyc +4 +24 +\S+ +\S+ s$/m);
    expect(stdout).toMatch(/^xeon +4 +24 +\S+ +\S+ s$/m);
    expect(stdout).toMatch(/^the longest: full,local,linear at 8,16 /m);
    expect(readdirSync(".")).toEqual(before);
    const json = JSON.parse((await commandLine("sweep plan.yaml --dry-run --json --machine xeon")).stdout);
    expect(json).toMatchObject({
      name: "small",
      engine: "local",
      shards: 4,
      cases: 24,
      machines: [{ machine: "xeon" }],
    });
    expect(json.list).toHaveLength(4);
  });

  test("warns of shards that will not be measured to their end, and of cases that no kernel here supports", async () => {
    writeFileSync(
      "plan.yaml",
      PLAN.replace("[8, 16], head", "[4096], dtype: [float32, float16], head").replace(
        "settings:",
        "shard: { time: 100ms }\nsettings:",
      ),
    );
    const { stderr } = await commandLine("sweep plan.yaml --dry-run");
    expect(stderr).toMatch(
      /^warning: 6 of \d+ cases are supported by no kernel of this machine, and will be skipped/m,
    );
    expect(stderr).toMatch(/^warning: \d+ shards are expected to take longer than shard\.time, 100 ms: /m);
  });
});

describe("a sweep that is measured here", () => {
  test("ends with every shard done, and tells how its results are collected", async () => {
    const { code, stdout, stderr } = await commandLine(`sweep plan.yaml --out ${folder}`);
    expect({ code, stdout }).toEqual({ code: 0, stdout: `2 shards done in ${folder}\n` });
    expect(stderr).toMatch(/^small: 2 shards in s\d+\nsweeping 0\/2, at most \S+ (s|min) left$/m);
    expect(stderr).toContain(
      `collect the results with: attnbench sweep collect ${folder} --out small.jsonl\n`,
    );
    for (const { name, cases } of readSweep(folder).shards) {
      expect(readLines(join(folder, "shards", `${name}.jsonl`)).lines).toHaveLength(3 * cases);
      expect(readFileSync(join(folder, "logs", `${name}.log`), "utf8")).toMatch(
        /: done, 6 cases: 6 measured$/m,
      );
    }
    expect(readFileSync(join(folder, "plan.yaml"), "utf8")).toBe(PLAN);
    const unknown = await commandLine(`sweep work ${folder} --shard x`);
    expect(unknown.stderr).toMatch(
      /got 'x'; attnbench sweep status --json names them, by how far they are$/m,
    );
    expect(JSON.parse((await commandLine(`sweep status ${folder} --json`)).stdout).names).toEqual({
      done: readSweep(folder).shards.map(({ name }) => name),
      running: [],
      queued: [],
      waiting: [],
      failed: [],
    });
    expect((await commandLine(`sweep status ${folder}`)).stdout).toMatch(
      /^small, by local: 2 of 2 shards done, none is left to measure\n(.*\n)*here +2 +0 +0 +0 +0 +–$/m,
    );
    const { stdout: collected } = await commandLine(`sweep collect ${folder} --out ${folder}.jsonl`);
    expect(collected).toBe(`wrote ${folder}.jsonl: 2 shards, 12 cases, 24 rounds\n`);
    // An edited plan goes on in the same folder, with what it has in common with the earlier one.
    writeFileSync("plan.yaml", PLAN.replace("[8, 16], kernel", "[16, 24], kernel"));
    const again = await commandLine(`sweep plan.yaml --out ${folder}`);
    expect(again.stderr).toMatch(/^sweeping 1\/2, /m);
    const status = await commandLine(`sweep status ${folder}`);
    expect(status.stderr).toMatch(/^1 file of results in shards\/ of shards that the plan no longer has/);
  });

  test("goes on after a shard that fails, lists why, and ends with 1", async () => {
    writeFileSync("read.txt", "Of all the words that are here, a few are enough to measure anything.");
    writeFileSync(
      "plan.yaml",
      PLAN.replace("[8, 16], kernel", "8, input: [gaussian, 'text:read.txt'], kernel"),
    );
    expect((await commandLine(`sweep plan.yaml --out ${folder} --files-only`)).code).toBe(0);
    rmSync("read.txt");
    const { code, stdout, stderr } = await commandLine(`sweep resume ${folder}`);
    expect({ code, stdout }).toEqual({ code: 1, stdout: `1 shard done in ${folder}\n` });
    expect(stderr).toMatch(/^failed: [0-9a-f]{16}: read\.txt: no such file or folder$/m);
    expect(stderr).toMatch(
      /^1 shard failed: logs are in s\d+\/logs, and attnbench sweep resume s\d+ tries them again$/m,
    );
    const { stdout: told } = await commandLine(`sweep status ${folder} --json`);
    expect(JSON.parse(told)).toMatchObject({
      done: 1,
      failed: 1,
      failures: [{ reason: "read.txt: no such file or folder" }],
    });
    writeFileSync("read.txt", "Of all the words that are here, a few are enough to measure anything.");
    expect((await commandLine(`sweep resume ${folder}`)).code).toBe(0);
    expect(JSON.parse((await commandLine(`sweep status ${folder} --json`)).stdout)).toMatchObject({
      done: 2,
      failed: 0,
    });
  });

  test("on one of several machines measures the class that it is said to be, and no other", async () => {
    writeFileSync("plan.yaml", `${PLAN}machines: { epyc: , xeon: }\n`);
    const refused = await commandLine(`sweep plan.yaml --out ${folder}`);
    expect(refused.code).toBe(2);
    expect(refused.stderr).toMatch(
      /machines must be of one class, and small has epyc, xeon, .*say which class it is with --machine$/m,
    );
    expect(existsSync(folder)).toBe(false);
    const { code, stderr } = await commandLine(`sweep plan.yaml --out ${folder} --machine xeon`);
    expect(code).toBe(0);
    expect(stderr).toContain(
      `2 shards left, for other machines: on one, attnbench sweep resume ${folder} --machine CLASS\n`,
    );
    const done = readSweep(folder).shards.filter(({ name }) =>
      existsSync(join(folder, "shards", `${name}.jsonl`)),
    );
    expect(done.map(({ machine }) => machine)).toEqual(["xeon", "xeon"]);
    expect((await commandLine(`sweep status ${folder}`)).stderr).toBe(
      `go on with: attnbench sweep resume ${folder} --machine CLASS\n`,
    );
  });

  test.each([
    ["99999", "99999"],
    ["0 and one that is not there", "0,99999"],
    ["a range that goes down", "1-0"],
  ])(
    "on processors that are none of this machine's is refused before anything is made: %s",
    async (_, list) => {
      writeFileSync("plan.yaml", `${PLAN}machines: { some: { local: { processors: "${list}" } } }\n`);
      const line = `plan: machines\\.some\\.local\\.processors: must be some of this machine's, which are 0\\S*, got ${list}; `;
      const dry = await commandLine("sweep plan.yaml --dry-run");
      expect(dry.code).toBe(0);
      expect(dry.stderr).toMatch(new RegExp(`^warning: ${line}it cannot be measured here$`, "m"));
      expect(await commandLine(`sweep plan.yaml --out ${folder}`)).toEqual({
        code: 2,
        stdout: "",
        stderr: expect.stringMatching(new RegExp(`^attnbench: ${line}change the plan, or .*\n$`)),
      });
      expect(existsSync(folder)).toBe(false);
      // Elsewhere there may be more.
      expect((await commandLine(`sweep plan.yaml --out ${folder} --files-only`)).code).toBe(0);
      expect((await commandLine(`sweep resume ${folder}`)).stderr).toMatch(new RegExp(`^attnbench: ${line}`));
    },
  );

  test("as another engine's only class must be said to be one, and stays so in the words that go on with it", async () => {
    writeFileSync("plan.yaml", `${PLAN}engine: slurm\nmachines: { epyc: { slurm: {} } }\n`);
    expect(await commandLine(`sweep plan.yaml --out ${folder} --engine local`)).toMatchObject({
      code: 2,
      stderr:
        "attnbench: sweep: the plan has settings of epyc with slurm, and none with local; add them, or say that this machine is one with --machine epyc\n",
    });
    expect(existsSync(folder)).toBe(false);
    await commandLine(`sweep plan.yaml --out ${folder} --files-only`);
    const stopped = new AbortController();
    stopped.abort();
    const io = { ...fakeIo(), signal: stopped.signal };
    const { code, stderr } = await commandLine(`sweep resume ${folder} --engine local --machine epyc`, io);
    expect(code).toBe(1);
    expect(stderr).toContain(`go on with attnbench sweep resume ${folder} --engine local --machine epyc\n`);
    expect((await commandLine(`sweep status ${folder}`)).stderr).toBe(
      `go on with: attnbench sweep resume ${folder}\n`,
    );
    const files = await commandLine(`sweep resume ${folder} --engine slurm --files-only`);
    expect(files.stderr).toBe(`hand over with: attnbench sweep resume ${folder} --engine slurm\n`);
  });

  test.runIf(existsSync("/usr/bin/taskset"))(
    "on some processors is of another place than on all, class by class",
    async () => {
      const classes = `machines: { some: { local: { processors: "0" } }, all: { local: {} } }\n`;
      writeFileSync("plan.yaml", `${PLAN.replace("head-dim: [8, 16]", "head-dim: 8")}${classes}`);
      expect((await commandLine(`sweep plan.yaml --out ${folder}`)).code).toBe(0);
      const allowed = readSweep(folder).shards.map(({ name, machine }) => {
        const { shard, environment } = readLines(join(folder, "shards", `${name}.jsonl`)).run;
        expect(shard?.machine).toBe(machine);
        return [machine, environment.cores_allowed ?? null];
      });
      expect(allowed).toContainEqual(["some", "0"]);
      expect(allowed.filter(([machine]) => machine === "all")).not.toContainEqual(["all", "0"]);
    },
  );
});

describe("the folder of a sweep", () => {
  test("of another name, or of something else, is refused, and stays as it is", async () => {
    expect((await commandLine(`sweep plan.yaml --out ${folder} --files-only`)).code).toBe(0);
    writeFileSync("plan.yaml", PLAN.replace("small", "other"));
    const other = await commandLine(`sweep plan.yaml --out ${folder} --files-only`);
    expect(other).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/is the folder of the sweep small, got other; name another with --out/),
    });
    expect(readSweep(folder).name).toBe("small");
    mkdirSync("taken");
    writeFileSync("taken/letters.txt", "dear");
    expect(await commandLine("sweep plan.yaml --out taken")).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/taken must be empty or a sweep's own, got other files/),
    });
    expect(await commandLine("sweep plan.yaml --out plan.yaml")).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/must be a folder, got a file/),
    });
  });

  test("is as it was after the same plan once more, and whole again after it was damaged", async () => {
    const { sweep } = placesIn(folder);
    await commandLine(`sweep plan.yaml --out ${folder} --files-only`);
    const before = readFileSync(sweep, "utf8");
    utimesSync(sweep, 1, 1);
    expect((await commandLine(`sweep plan.yaml --out ${folder} --files-only`)).code).toBe(0);
    expect(statSync(sweep).mtimeMs).toBe(1000);
    writeFileSync(sweep, before.slice(0, 300));
    expect((await commandLine(`sweep status ${folder}`)).stderr).toMatch(
      /make it again with attnbench sweep PLAN/,
    );
    expect((await commandLine(`sweep plan.yaml --out ${folder} --files-only`)).code).toBe(0);
    expect(readFileSync(sweep, "utf8")).toBe(before);
  });

  test("remembers the engine that was typed", async () => {
    await commandLine(`sweep plan.yaml --out ${folder} --files-only --engine slurm`);
    expect(readSweep(folder).engine).toBe("slurm");
    expect((await commandLine(`sweep status ${folder}`)).stdout).toMatch(
      /^small, by slurm: 0 of 2 shards done, about /,
    );
  });

  test("of which shards are being measured takes no other plan", async () => {
    await commandLine(`sweep plan.yaml --out ${folder} --files-only`);
    const before = readFileSync(placesIn(folder).sweep);
    const taken = takeLock(placesIn(folder).here("another"));
    writeFileSync("plan.yaml", PLAN.replace("rounds: 2", "rounds: 3"));
    expect(await commandLine(`sweep plan.yaml --out ${folder} --files-only`)).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(
        /is being measured, by process \d+ on .*, and the plan is another; wait until/,
      ),
    });
    expect(readFileSync(placesIn(folder).sweep)).toEqual(before);
    if ("lock" in taken) taken.lock.release();
    expect((await commandLine(`sweep plan.yaml --out ${folder} --files-only`)).code).toBe(0);
  });

  test("has an engine's files, which a person may change before they are handed over", async () => {
    writeFileSync("plan.yaml", `${PLAN}machines: { epyc: { slurm: { partition: cpu } } }\nengine: slurm\n`);
    const script = join(folder, "slurm/epyc.sbatch");
    const { code, stdout } = await commandLine(`sweep plan.yaml --out ${folder} --files-only`);
    expect({ code, stdout }).toEqual({ code: 0, stdout: "epyc: 2 shards in slurm/epyc.sbatch\n" });
    const first = readFileSync(script, "utf8");
    // What nobody changed is made anew.
    writeFileSync(
      "plan.yaml",
      readFileSync("plan.yaml", "utf8").replace("partition: cpu", "partition: other"),
    );
    await commandLine(`sweep plan.yaml --out ${folder} --files-only`);
    const second = readFileSync(script, "utf8");
    expect(second).not.toBe(first);
    writeFileSync(script, `${second}# mine\n`);
    const kept = await commandLine(`sweep plan.yaml --out ${folder} --files-only`);
    expect(kept.stderr).toMatch(
      /^slurm\/epyc\.sbatch: was changed, and is used as it is; remove it to have it made anew$/m,
    );
    expect(readFileSync(script, "utf8")).toBe(`${second}# mine\n`);
    rmSync(script);
    await commandLine(`sweep resume ${folder} --files-only`);
    expect(readFileSync(script, "utf8")).toBe(second);
  });

  test("that a plan leaves out of an engine is not handed to it", async () => {
    writeFileSync("plan.yaml", `${PLAN}machines: { epyc: { slurm: {} }, xeon: }\n`);
    const { stdout } = await commandLine(`sweep plan.yaml --out ${folder} --files-only --engine slurm`);
    expect(stdout).toBe("epyc: 2 shards in slurm/epyc.sbatch\n");
    expect(await commandLine(`sweep resume ${folder} --files-only --engine kubernetes`)).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/none of which the plan has settings for with kubernetes/),
    });
  });
});

test.each([
  ["sweep", /^sweep: a plan must be named; see attnbench sweep --help$/],
  ["sweep none.yaml", /^none\.yaml: no such file or folder$/],
  ["sweep plan.yaml --engine pbs", /^unknown engine 'pbs'; expected one of local, slurm, kubernetes$/],
  ["sweep plan.yaml --machine a", /^--machine: must be a class of the sweep, got 'a'; it has here$/],
  ["sweep plan.yaml --rounds 3", /^unknown option of sweep '--rounds'; expected one of --out, /],
  [
    "sweep stauts somewhere",
    /^sweep: must be followed by a plan alone, or be one of .*got 'stauts' .*did you mean sweep status\?$/,
  ],
  ["sweep --out here stauts somewhere", /did you mean sweep status\?$/],
  ["sweep status", /^sweep status: a sweep's folder must be named; /],
  [
    "sweep status none",
    /^sweep: none must be the folder of a sweep, got none; make one with attnbench sweep PLAN$/,
  ],
  ["sweep resume .", /^sweep: \. must be the folder of a sweep, got none/],
  ["sweep cancel none", /^sweep: none must be the folder of a sweep/],
  ["sweep collect none --out x.jsonl", /^sweep: none must be the folder of a sweep/],
  ["sweep collect none", /--out/],
  [
    "sweep work none",
    /^sweep work: a shard must be named, with --shard NAME or with --list FILE and --index N$/,
  ],
  ["sweep work none --shard x", /^sweep: none must be the folder of a sweep/],
  ["sweep work none --shard x --list y", /a shard must be named/],
] as const)("%s is refused in one line", async (words, says) => {
  const before = readdirSync(".");
  const { code, stdout, stderr } = await commandLine(words);
  expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  expect(stderr).toMatch(/^attnbench: \P{Cc}{10,500}\n$/u);
  expect(stderr.trim().slice("attnbench: ".length)).toMatch(says);
  expect(readdirSync(".")).toEqual(before);
});
