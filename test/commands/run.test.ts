import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { readLines } from "../../src/record/read.ts";
import type { ResultLine } from "../../src/record/schema/result-lines.ts";
import { spinModule } from "../gate/stand-in.ts";
import { scratchFolder } from "../input/scratch-folder.ts";
import { csvRows } from "../record/csv-rows.ts";
import { fileOf } from "../record/sample-lines.ts";
import { commandLine } from "./command-line.ts";
import { fakeIo } from "./fake-io.ts";

const folder = scratchFolder();
const home = process.cwd();
beforeAll(async () => {
  process.chdir(folder.path);
  await commandLine(`run ${SMALL} --out kept.jsonl`);
});
afterAll(() => process.chdir(home));

/** A run of four cases and two rounds, which takes no time. */
const SMALL = "--variants local,linear --lengths 8,16 --rounds 2";
const CASES = 4;

let turn = 0;
let name: string;
beforeEach(() => {
  turn++;
  name = `run-${turn}`;
});
const small = (more = "") => commandLine(`run ${SMALL} --out ${name}.jsonl ${more}`);

const keyOf = (line: ResultLine): string[] =>
  line.type === "round" ? [`${line.case} ${line.round}`] : line.type === "case" ? [line.case] : [];

describe("a run", () => {
  test("measures every case in every round, and keeps all of it as lines and as a table", async () => {
    const { code, stdout, stderr } = await small();
    expect(code).toBe(0);
    const { run, lines, truncated } = readLines(`${name}.jsonl`);
    expect(truncated).toBe(false);
    expect(run.plan).toMatchObject({ seed: 1, rounds: 2, budget_s: 60, input: "gaussian", plugins: [] });
    expect(lines.filter(({ type }) => type === "case")).toHaveLength(CASES);
    expect(new Set(lines.flatMap(keyOf)).size).toBe(CASES * 3);
    const rows = csvRows(readFileSync(`${name}.csv`, "utf8"));
    expect(rows.map(({ variant, length, outcome }) => `${variant} ${length} ${outcome}`)).toEqual(
      expect.arrayContaining(["local 8 measured", "linear 16 measured"]),
    );
    expect(stdout).toMatch(/^local .*\n/m);
    expect(stdout.trimEnd().split("\n").slice(-2)).toEqual([`wrote ${name}.jsonl`, `wrote ${name}.csv`]);
    expect(stderr).toMatch(/^checking 0\/4, at most 60 s left\nmeasuring 0\/8/);
  });

  test("takes names, aliases and spaces as typed, each variant once", async () => {
    const words = [
      "run",
      "--dry-run",
      "--json",
      "--lengths=8",
      "--variants",
      "truncated, local,sliding-window",
    ];
    const { stdout } = await commandLine(words);
    expect(JSON.parse(stdout).cases).toHaveLength(1);
  });

  test("that is dry prints every case with its cost, and leaves nothing", async () => {
    const before = readdirSync(".");
    const { code, stdout } = await commandLine(`run ${SMALL} --dry-run`);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^local\(window=128\)\/wasm\/b1h1n8d64 +\S+ \w?FLOP {2}about \S+ \S+ per call$/m);
    expect(stdout).toMatch(/^4 cases, at most 2 rounds of each within 60.0 s; seed 1, input gaussian$/m);
    const json = JSON.parse((await commandLine(`run ${SMALL} --dry-run --json`)).stdout);
    expect(json.cases).toHaveLength(CASES);
    expect(readdirSync(".")).toEqual(before);
  });

  test("records what the machine reached at its best, for as many threads as its cases take", async () => {
    const { environment } = readLines("kept.jsonl").run;
    expect(environment.ceilings?.every(({ threads, flops_per_s }) => threads === 1 && flops_per_s > 0)).toBe(
      true,
    );
    expect(environment).toHaveProperty("read_bandwidth_bytes_per_s");
    expect(environment).toHaveProperty("cpu_features");
  });

  test("with a build asked for plans it, and leaves it out of no replay", async () => {
    const dry = async (words: string) =>
      JSON.parse((await commandLine(`run ${words} --dry-run --json`)).stdout);
    expect((await dry(SMALL)).simd).toBe("auto");
    expect((await dry(`${SMALL} --simd plain`)).simd).toBe("plain");
    await small("--simd plain");
    expect(readLines(`${name}.jsonl`).run.plan.simd).toBe("plain");
    expect((await dry(`--replay ${name}.jsonl`)).simd).toBe("plain");
  });

  test("as JSON prints the rows alone on stdout", async () => {
    const { stdout, stderr } = await small("--json");
    const { files, rows } = JSON.parse(stdout);
    expect(files).toEqual([`${name}.jsonl`, `${name}.csv`]);
    expect(rows).toHaveLength(CASES);
    expect(stderr).toContain(`wrote ${name}.jsonl`);
  });

  test("writes every sample as CSV where it is told to", async () => {
    await small("--samples-csv mine.csv");
    const { lines } = readLines(`${name}.jsonl`);
    const samples = lines.flatMap((line) => (line.type === "round" ? line.samples : []));
    expect(csvRows(readFileSync("mine.csv", "utf8"))).toHaveLength(samples.length);
    await commandLine(`run ${SMALL} --out beside.jsonl --samples-csv`);
    expect(existsSync("beside.samples.csv")).toBe(true);
  });

  test.each([
    ["the results", "taken.jsonl", ""],
    ["the table", "taken.csv", ""],
    ["the samples", "samples.csv", "--samples-csv samples.csv"],
  ])("never takes the place of a file that is there: %s", async (_, path, more) => {
    writeFileSync(path, "mine");
    const before = readdirSync(".");
    const { code, stderr } = await commandLine(`run ${SMALL} --out taken.jsonl ${more}`);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^attnbench: results: \S+ already exists; .*\n$/);
    expect(readFileSync(path, "utf8")).toBe("mine");
    expect(readdirSync(".")).toEqual(before);
  });

  test("of which every case is skipped is a failure that says why, and the file says it too", async () => {
    const { code, stderr } = await commandLine(
      `run --variants full --lengths 64k --budget 1s --out ${name}.jsonl`,
    );
    expect(code).toBe(1);
    expect(stderr.trimEnd().split("\n").at(-1)).toMatch(
      /^attnbench: run: nothing was measured; one call is expected to take .* raise --budget/,
    );
    expect(csvRows(readFileSync(`${name}.csv`, "utf8"))).toMatchObject([
      { outcome: "skipped", median_s: "" },
    ]);
  });

  test("on a text too short for its batch leaves nothing", async () => {
    folder.write("words.txt", "only five words in here");
    const { stderr } = await commandLine("run --input text:words.txt --batch 9 --out short.jsonl");
    expect(stderr).toMatch(/--batch: the input has 5 tokens in all, got 9 batch entries; ask for fewer/);
    const wide = await commandLine("run --input text:words.txt --heads 100 --head-dim 64 --out short.jsonl");
    expect(wide.stderr).toMatch(/^attnbench: words.txt: heads × head dimension must be at most 4096 .*\n$/);
    expect(existsSync("short.jsonl")).toBe(false);
  });
});

describe("--config", () => {
  const plan = (config: unknown, words = "") =>
    commandLine(
      `run --dry-run --json --config ${folder.write("config.json", JSON.stringify(config))} ${words}`,
    );

  test("sets options, unless the command line does", async () => {
    const config = { variants: "local,full", lengths: "8", heads: 2, causal: true, set: ["local.window=3"] };
    const { cases } = JSON.parse((await plan(config, "--heads 3")).stdout);
    expect(cases).toHaveLength(2);
    expect(cases[0]).toMatchObject({ params: { window: 3 }, heads: 3, causal: true });
  });

  test("takes lists where the command line takes commas", async () => {
    const config = { variants: ["local", "full"], lengths: [8, "16"], kernel: ["js"] };
    const { cases } = JSON.parse((await plan(config)).stdout);
    expect(cases.map((one: { case: string }) => one.case)).toHaveLength(4);
    expect(new Set(cases.map(({ length }: { length: number }) => length))).toEqual(new Set([8, 16]));
  });

  test.each<[unknown, RegExp]>([
    [[], /must hold an object of options/],
    [null, /must hold an object of options/],
    ["local", /must hold an object of options/],
    [{ headDim: 4 }, /unknown option in .*'headDim'; expected one of variants, lengths/],
    [{ config: "x" }, /unknown option in .*'config'/],
    [JSON.parse('{"__proto__": {"heads": 4}}'), /unknown option in .*'__proto__'/],
    [{ "\u001b[31m": 1 }, /unknown option in .*'\\u\{1b\}\[31m'/],
    [{ lengths: 8.5 }, /--lengths: a length must be a whole number/],
    [{ lengths: [] }, /config.json: lengths must be a list of strings or numbers, got \[\]/],
    [{ lengths: [8, null] }, /lengths must be a list of strings or numbers, got \[8,null\]/],
    [{ heads: [2, 4] }, /config.json: heads must be one value, got a list of 2/],
    [{ causal: [true] }, /causal must be one value, got a list of 1/],
    [{ lengths: null }, /--lengths: must have one value, got null/],
    [{ heads: { deep: 1 } }, /--heads: must have one value, got \{"deep":1\}/],
    [{ heads: -1 }, /--heads: must be an integer from 1/],
    [{ causal: "yes" }, /--causal: is on or off and takes no value, got "yes"/],
    [{ set: [1] }, /--set: must have one value, got 1/],
    [{ set: [["local.window=1"]] }, /--set: must have one value, got \["local/],
    [{ plugin: [null] }, /--plugin: must have one value, got null/],
    [{ plugin: "a\u0000b" }, /plug-in a\\u\{0\}b: there is no such file/],
  ])("refuses %j", async (config, says) => {
    const { code, stdout, stderr } = await plan(config);
    expect(stderr).toMatch(/^attnbench: \P{Cc}+\n$/u);
    expect({ code, stdout, stderr }).toMatchObject({
      code: 2,
      stdout: "",
      stderr: expect.stringMatching(says),
    });
  });

  test.each(["", "{", '{"heads": 1} more', "\u0000"])("refuses %j, which is no JSON", async (text) => {
    const { code, stderr } = await commandLine(`run --config ${folder.write("broken.json", text)}`);
    expect({ code, stderr }).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(
        /broken.json: must be JSON such as .*, got .+; write the options as one object/,
      ),
    });
  });
});

describe("--replay", () => {
  test("runs the same plan into a new file", async () => {
    await small("--seed 7");
    const { code } = await commandLine(`run --replay ${name}.jsonl --out ${name}-again.jsonl`);
    expect(code).toBe(0);
    const [first, again] = [readLines(`${name}.jsonl`), readLines(`${name}-again.jsonl`)];
    expect(again.run.plan).toEqual(first.run.plan);
    expect(new Set(again.lines.flatMap(keyOf))).toEqual(new Set(first.lines.flatMap(keyOf)));
  });

  const changed = async (
    change: (plan: Record<string, unknown>, cases: Record<string, unknown>[]) => void,
  ) => {
    const { stdout } = await commandLine(`run ${SMALL} --dry-run --json`);
    const plan = JSON.parse(stdout);
    change(plan, plan.cases);
    const path = folder.write("plan.jsonl", fileOf([{ ...readLines("kept.jsonl").run, plan }]));
    return commandLine(`run --replay ${path} --out replayed.jsonl`);
  };

  test.each<[string, Parameters<typeof changed>[0], number, RegExp]>([
    [
      "of an unknown variant",
      (_, [one]) => Object.assign(one, { variant: "nope\u001b" }),
      2,
      /unknown variant 'nope\\u/,
    ],
    [
      "of an unknown kernel",
      (_, [one]) => Object.assign(one, { kernel: "nope" }),
      2,
      /unknown kernel 'nope'/,
    ],
    [
      "of an unknown parameter",
      (_, [one]) => Object.assign(one, { params: { nope: 1 } }),
      2,
      /unknown parameter/,
    ],
    [
      "of a window of -1",
      (_, [one]) => Object.assign(one, { params: { window: -1 } }),
      2,
      /window must be an integer/,
    ],
    [
      "of a huge shape",
      (_, [one]) => Object.assign(one, { length: 2 ** 30 }),
      1,
      /^attnbench: results: .*\.jsonl line 1: case '.*': shape: .* at most 1073741824/,
    ],
    [
      "of an unknown build",
      (plan) => Object.assign(plan, { simd: "huge\u001b" }),
      2,
      /unknown build for --simd 'huge\\u\{1b\}'; expected one of auto/,
    ],
    ["without cases", (plan) => Object.assign(plan, { cases: [] }), 2, /plan: must have a case, got none/],
    ["of one case twice", (_, cases) => cases.push(cases[0]), 2, /plan: a case must appear once/],
    [
      "of a billion rounds",
      (plan) => Object.assign(plan, { rounds: 1e9 }),
      2,
      /plan: rounds must be at most 10000/,
    ],
    [
      "of a year",
      (plan) => Object.assign(plan, { budget_s: 4e7 }),
      2,
      /plan: seconds must be at most 604800/,
    ],
    [
      "of a thousand threads",
      (_, [one]) => Object.assign(one, { threads: 1000 }),
      2,
      /plan: threads must be at most/,
    ],
    [
      "of a file that is gone",
      (plan) => Object.assign(plan, { input: "gone.safetensors" }),
      2,
      /no such file/,
    ],
    [
      "of a plug-in that was not given",
      (plan, [one]) => Object.assign(plan, { plugins: ["./x.ts"] }) && Object.assign(one, { variant: "x" }),
      2,
      /the run was made with --plugin .\/x.ts; give it again/,
    ],
  ])("refuses a plan %s and leaves nothing", async (_, change, code, says) => {
    const outcome = await changed(change);
    expect(outcome.stderr).toMatch(/^attnbench: \P{Cc}+\n$/u);
    expect(outcome).toMatchObject({ code, stdout: "", stderr: expect.stringMatching(says) });
    expect(existsSync("replayed.jsonl")).toBe(false);
  });

  test("finds out anew what a case costs, whatever the file says", async () => {
    const { stderr } = await changed((plan, cases) => {
      const lie = { kernel: "js", length: 2 ** 23, predicted_s: 0, useful_flops: 0, unsupported: null };
      plan.cases = [Object.assign(cases[0], lie)];
    });
    expect(stderr).toMatch(/nothing was measured; one call is expected to take \d+ s, more than the budget/);
  });
});

describe("--resume", () => {
  test("goes on after any line, measures nothing twice and ends with every round", async () => {
    const whole = readFileSync("kept.jsonl");
    const keys = new Set(readLines("kept.jsonl").lines.flatMap(keyOf));
    const ends = [...whole.entries()].flatMap(([at, byte]) => (byte === 0x0a ? [at + 1] : []));
    // Cut after a line, within the next one, and one byte before its end.
    const cuts = ends.flatMap((end, at) =>
      at % 6 === 0 ? [end, end + 40, (ends[at + 1] ?? end + 2) - 1] : [],
    );
    for (const cut of cuts) {
      writeFileSync("cut.jsonl", whole.subarray(0, cut));
      const { code } = await commandLine("run --resume cut.jsonl");
      expect({ cut, code }).toEqual({ cut, code: 0 });
      const { lines } = readLines("cut.jsonl");
      expect(lines.flatMap(keyOf).sort()).toEqual([...keys].sort());
      const kept = whole.subarray(
        0,
        ends.findLast((end) => end <= cut),
      );
      expect(readFileSync("cut.jsonl").subarray(0, kept.length)).toEqual(kept);
    }
  });

  test("refuses a file without a whole line, and leaves it as it is", async () => {
    const start = readFileSync("kept.jsonl").subarray(0, 100);
    writeFileSync("start.jsonl", start);
    const { code, stderr } = await commandLine("run --resume start.jsonl");
    expect(code).toBe(1);
    expect(stderr).toMatch(/^attnbench: results: start.jsonl must hold a whole line, got 100 bytes.*\n$/);
    expect(readFileSync("start.jsonl")).toEqual(start);
  });

  test.each([
    "--variants local",
    "--lengths 8",
    "--batch 1",
    "--heads 2",
    "--head-dim 4",
    "--causal",
    "--kernel js",
    "--threads 1",
    "--simd auto",
    "--set local.window=1",
    "--input gaussian",
    "--seed 1",
    "--rounds 3",
    "--deadline 5s",
  ])("and --replay refuse %s, which would make another plan", async (option) => {
    for (const from of ["--resume", "--replay"]) {
      const { code, stderr } = await commandLine(`run ${from} kept.jsonl ${option}`);
      expect(code).toBe(2);
      expect(stderr).toMatch(
        /^attnbench: --\S+: the plan comes from the file and cannot be changed; omit .*\n$/,
      );
    }
  });

  test("keeps the limits that the run began with, whatever the machine reaches now", async () => {
    const { run, lines } = readLines("kept.jsonl");
    const ceilings = [{ build: "wide", threads: 1, flops_per_s: 1 }];
    const environment = { ...run.environment, ceilings, read_bandwidth_bytes_per_s: 2 };
    writeFileSync("limits.jsonl", fileOf([{ ...run, environment }, ...lines.slice(0, -1)]));
    expect(await commandLine("run --resume limits.jsonl")).toMatchObject({ code: 0 });
    expect(readLines("limits.jsonl").run.environment).toEqual(environment);
  });

  test("goes on with a file from before limits and builds were recorded", async () => {
    const { run, lines } = readLines("kept.jsonl");
    const {
      ceilings: _,
      cpu_features: __,
      read_bandwidth_bytes_per_s: ___,
      ...environment
    } = run.environment;
    const { simd: ____, ...plan } = run.plan;
    writeFileSync("old.jsonl", fileOf([{ ...run, environment, plan }, ...lines.slice(0, -1)]));
    expect(await commandLine("run --resume old.jsonl")).toMatchObject({ code: 0 });
    expect(readLines("old.jsonl").lines).toHaveLength(lines.length);
  });

  test("does not mix rounds of two machines", async () => {
    const { run, lines } = readLines("kept.jsonl");
    const elsewhere = { ...run, environment: { ...run.environment, cpu: "Another\u001b[31m" } };
    const content = fileOf([elsewhere, ...lines]);
    writeFileSync("elsewhere.jsonl", content);
    const { code, stderr } = await commandLine("run --resume elsewhere.jsonl");
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /^attnbench: --resume: the run began with cpu Another\\u\{1b\}\[31m, this is .*--replay\n$/,
    );
    expect(readFileSync("elsewhere.jsonl", "utf8")).toBe(content);
  });

  test.each([
    [{ cores: 1000 }, "cores 1000, this is"],
    [{ memory_bytes: 1000 }, "memory_bytes 1000 B, this is"],
    [{ os: "Plan 9" }, "os Plan 9, this is"],
    [{ commit: "0".repeat(40), code: { "variants/mine.ts": "1" } }, "code .*variants/mine.ts 1"],
    [
      { plugins: [{ name: "mine.ts", code: { "mine.ts": "1" } }] },
      "plugins mine.ts 1, this is mine.ts missing;",
    ],
  ])("does not mix rounds of two places or two codes: %o", async (change, says) => {
    const { run, lines } = readLines("kept.jsonl");
    const { code = {}, ...environment } = run.environment;
    const changed = { ...environment, ...change, code: { ...code, ...("code" in change && change.code) } };
    const content = fileOf([{ ...run, environment: changed }, ...lines]);
    writeFileSync("other.jsonl", content);
    const outcome = await commandLine("run --resume other.jsonl");
    expect(outcome).toMatchObject({ code: 1, stdout: "" });
    expect(outcome.stderr).toMatch(/^attnbench: --resume: the run began with .*; .*--replay\n$/);
    expect(outcome.stderr).toMatch(new RegExp(`the run began with ${says}`));
    expect(readFileSync("other.jsonl", "utf8")).toBe(content);
  });

  test("goes on with no plug-in of which an import was edited; compare tells that and compares", async () => {
    const [plugin, table] = ["mine.mjs", "table.json"];
    writeFileSync(plugin, `const table = new URL("./table.json", import.meta.url);\n${spinModule()}`);
    writeFileSync(table, "1");
    const plan = "--variants local --kernel js --lengths 8 --rounds 2";
    for (const out of ["first.jsonl", "second.jsonl"]) {
      expect(await commandLine(`run --plugin ${plugin} ${plan} --out ${out}`)).toMatchObject({ code: 0 });
      writeFileSync(table, "2");
    }
    const content = readFileSync("first.jsonl");
    const resumed = await commandLine(`run --plugin ${plugin} --resume first.jsonl`);
    expect(resumed).toMatchObject({ code: 1, stdout: "" });
    expect(resumed.stderr).toMatch(
      /--resume: the run began with plugins mine.mjs: table.json \w{12}, this is mine.mjs: table.json \w{12}; restore/,
    );
    expect(readFileSync("first.jsonl")).toEqual(content);
    const compared = await commandLine("compare first.jsonl second.jsonl --table");
    expect(compared.code).toBe(0);
    expect(compared.stdout).toMatch(/plugins: mine.mjs: table.json \w{12} → mine.mjs: table.json \w{12}/);
  });

  test("refuses a case that is not what its line says, and leaves the file", async () => {
    const { run, lines } = readLines("kept.jsonl");
    const changed = lines.map((line) => (line.type === "case" ? { ...line, pairs: 7 } : line));
    const content = fileOf([run, ...changed]);
    writeFileSync("pairs.jsonl", content);
    const { code, stderr } = await commandLine("run --resume pairs.jsonl");
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: expect.stringMatching(/has pairs 7 in the file, this code/),
    });
    expect(readFileSync("pairs.jsonl", "utf8")).toBe(content);
  });

  test("takes what an interrupted run left, which was told how to go on", async () => {
    const io = fakeIo((text) => {
      if (text.startsWith("measuring")) io.interrupt();
    });
    const file = `it's ${name}.jsonl`;
    const interrupted = await commandLine(["run", ...SMALL.split(" "), "--out", file], io);
    expect(interrupted.code).toBe(1);
    // As one pastes it into a shell.
    const quoted = `'it'\\''s ${name}.jsonl'`;
    expect(interrupted.stderr).toContain(`interrupted; resume with: attnbench run --resume ${quoted}\n`);
    const before = readLines(file).lines.length;
    expect(before).toBeLessThan(CASES * 3);
    const { code } = await commandLine(["run", "--resume", file]);
    expect(code).toBe(0);
    expect(readLines(file).lines).toHaveLength(CASES * 3);
  });
});
