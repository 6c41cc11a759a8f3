import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Comparison } from "../../src/compare/comparison.ts";
import { type FileOptions, fileLines } from "../compare/two-files.ts";
import { scratchFolder } from "../input/scratch-folder.ts";
import { fileOf } from "../record/sample-lines.ts";
import { hostile } from "../report/hostile-results.ts";
import { commandLine } from "./command-line.ts";

const folder = scratchFolder();
const home = process.cwd();
beforeAll(() => process.chdir(folder.path));
afterAll(() => process.chdir(home));

const example = resolve(import.meta.dirname, "../../results/example.jsonl");

function write(name: string, options: FileOptions): string {
  folder.write(name, fileOf(fileLines(options)));
  return name;
}

beforeAll(() => {
  write("base.jsonl", {});
  write("same.jsonl", { seed: 2 });
  write("slow.jsonl", { seed: 2, slow: ({ length }) => (length === 512 ? 1.2 : 1) });
  write("fast.jsonl", { seed: 2, slow: () => 0.7 });
  write("noisy.jsonl", { seed: 2, noise: 0.5 });
  write("work.jsonl", { seed: 2, alter: (line) => ({ ...line, bytes: 4096 }) });
  write("lost.jsonl", { seed: 2, alter: (line) => (line.length === 256 ? null : line) });
  write("broken.jsonl", {
    seed: 2,
    alter: (line) =>
      line.length === 256 ? { ...line, outcome: "failed", reason: "verification: row 3" } : line,
  });
  write("one-round.jsonl", { seed: 2, rounds: 1, slow: () => 2 });
  write("elsewhere.jsonl", { seed: 2, environment: { cpu: "Other CPU", node: "25.0.0" } });
  write("nothing.jsonl", { alter: () => null });
  write("other.jsonl", { variants: ["other"] });
});

test.each([
  // What is found is told, and without --fail-on nothing of it fails.
  ["same.jsonl", 0, /^No change seen in 6 cells\.\n/],
  ["slow.jsonl", 0, /^2 of 6 cells slower, 4 unchanged; most: local at 512, \+\d+\.\d % \(\+.* %\)\.\n/],
  ["fast.jsonl", 0, /^6 of 6 cells faster; most: /],
  ["noisy.jsonl", 0, /^Whether any of 6 cells changed could not be determined\.\n/],
  ["work.jsonl", 0, /^No change seen in 6 cells\. Also work changed in 6 cells\.\n/],
  ["broken.jsonl", 0, /Also 2 broken\.\n/],
  ["one-round.jsonl", 0, /could not be determined/],
  [
    "slow.jsonl work.jsonl",
    0,
    /2 of 6 cells slower[\s\S]*\n\n\nNo change seen in 6 cells\. Also work changed/,
  ],

  ["same.jsonl --fail-on slower,work,missing", 0, /^No change seen/],
  ["fast.jsonl --fail-on slower", 0, /6 of 6 cells faster/],
  ["slow.jsonl --fail-on work,missing", 0, /2 of 6 cells slower/],
  [
    "slow.jsonl --fail-on slower",
    4,
    /^Regressed\. 2 of 6 cells slower, 4 unchanged; .*\n {2}2 cells slower or broken: local\(w/,
  ],
  ["slow.jsonl --fail-on slower --threshold 50%", 0, /^No change seen in 6 cells\.\n/],
  ["slow.jsonl --fail-on slower --lengths 1k", 0, /^No change seen in 2 cells/],
  ["slow.jsonl --fail-on slower --cells *n512* --cells *n256*", 4, /2 of 4 cells slower/],
  ["broken.jsonl --fail-on slower", 4, /2 cells slower or broken/],
  ["broken.jsonl --fail-on missing", 4, /2 cells measured in base and not in head/],
  ["broken.jsonl --fail-on work", 0, /2 broken/],
  ["lost.jsonl --fail-on missing", 4, /2 cells measured in base and not in head/],
  ["lost.jsonl --fail-on slower", 0, /2 missing/],
  ["work.jsonl --fail-on work", 4, /6 cells with changed work that was not accepted/],
  ["work.jsonl --fail-on work --accept-work", 0, /^No change seen in 6 cells\.\n/],
  ["work.jsonl --fail-on work --accept-work=bytes,pairs", 0, /^No change seen in 6 cells\.\n/],
  ["work.jsonl --fail-on work --accept-work=pairs", 4, /^Regressed\. /],
  [
    "noisy.jsonl --fail-on slower",
    3,
    /^Inconclusive\. .*\n {2}no cell could be shown to be slower, faster or the same/,
  ],
  ["one-round.jsonl --fail-on slower", 3, /^Inconclusive\. /],
  ["noisy.jsonl --fail-on work", 0, /could not be determined/],
  ["same.jsonl noisy.jsonl --fail-on slower", 3, /Inconclusive\. /],
  ["noisy.jsonl slow.jsonl same.jsonl --fail-on slower", 4, /Regressed\. /],
  ["elsewhere.jsonl --across-machines", 0, /measured in two places, whose cpu, node differ/],
] as const)("compare base.jsonl %s ends with exit code %i", async (words, code, says) => {
  const outcome = await commandLine(`compare base.jsonl ${words}`);
  expect(outcome).toMatchObject({ code, stderr: "", stdout: expect.stringMatching(says) });
});

test.each([
  [
    "elsewhere.jsonl",
    2,
    /same machine and runtime, got cpu .*; node 26.10.0 against 25.0.0; .*--across-machines$/,
  ],
  ["other.jsonl", 1, /a cell must be measured in base.jsonl and in other.jsonl, got 9 that only one has/],
  ["nothing.jsonl", 1, /must have measured cells, got none in nothing.jsonl/],
  ["nothing.jsonl --fail-on missing", 1, /must have measured cells/],
  ["same.jsonl --lengths 64", 1, /a cell must be left to compare, got none of/],
  [
    "same.jsonl --cells nope",
    1,
    /--cells: must match a cell, got 'nope'; a cell is named like 'full\(window=4\)/,
  ],
  ["same.jsonl --variants nope", 2, /unknown variant 'nope'; expected one of full, local$/],
  ["same.jsonl --kernel wasm", 2, /unknown kernel 'wasm'; expected one of js$/],
  [
    "same.jsonl --fail-on slow",
    2,
    /unknown failure for --fail-on 'slow'; expected one of slower, work, missing$/,
  ],
  ["same.jsonl --group-by cpu", 2, /unknown grouping 'cpu'; expected one of variant, length, kernel$/],
  ["same.jsonl --accept-work=byte", 2, /unknown quantity of work 'byte'/],
  ["--accept-work same.jsonl", 2, /--accept-work: must name quantities of work, got 'same.jsonl', .*after/],
  ["same.jsonl --format html", 2, /--format: needs a folder to write to/],
  [
    "same.jsonl --report out --format pdf",
    2,
    /unknown format of a comparison 'pdf'; expected one of html, md,/,
  ],
  ["same.jsonl --annotate --json", 2, /--annotate: is printed with the table/],
  ["", 2, /two or more results files must be named, got only base.jsonl; name/],
  ["missing.jsonl", 2, /missing.jsonl: no such file or folder/],
] as const)("compare base.jsonl %s is refused in one line", async (words, code, says) => {
  const outcome = await commandLine(`compare base.jsonl ${words}`);
  expect(outcome).toMatchObject({ code, stdout: "" });
  expect(outcome.stderr).toMatch(/^attnbench: \P{Cc}+\n$/u);
  expect(outcome.stderr.trim()).toMatch(says);
  expect(existsSync("out")).toBe(false);
});

test.each(["3", "0", "0%", "100%", "1", "-3%", "NaN", "3 percent", "3%%", "1e-2", "", "٣%"])(
  "a threshold of '%s' is refused",
  async (threshold) => {
    const { code, stderr } = await commandLine([
      "compare",
      "base.jsonl",
      "same.jsonl",
      `--threshold=${threshold}`,
    ]);
    expect(code).toBe(2);
    expect(stderr).toMatch(/--threshold: must (be a share above 0 and below 100%|have one value)/);
  },
);

test("a percentage and a fraction are the same threshold", async () => {
  const [first, second] = await Promise.all(
    ["5%", "0.05"].map((one) => commandLine(`compare base.jsonl slow.jsonl --json --threshold ${one}`)),
  );
  expect(first).toEqual(second);
  expect(JSON.parse(first.stdout)).toMatchObject({ margin: 0.05 });
});

test("the example against itself has no cell that became slower or faster", async () => {
  const { code, stdout } = await commandLine([
    "compare",
    example,
    example,
    "--json",
    "--fail-on",
    "slower,work",
  ]);
  const { cells, work, outcome } = JSON.parse(stdout) as Comparison;
  expect({ code, outcome, work }).toEqual({ code: 0, outcome: "fine", work: [] });
  expect(cells).toHaveLength(35);
  for (const { verdict, time } of cells) {
    expect(["same", "same-median", "unresolved"]).toContain(verdict);
    expect(time.ratio).toBe(1);
  }
});

test("JSON holds the comparison, a list of them for several files, and the same every time", async () => {
  const one = await commandLine("compare base.jsonl slow.jsonl --json --fail-on slower");
  expect(JSON.parse(one.stdout)).toMatchObject({
    schema: 1,
    kind: "compare",
    outcome: "regressed",
    base: { name: "base.jsonl" },
    head: { name: "slow.jsonl" },
  });
  expect(one.code).toBe(4);
  const several = await commandLine("compare base.jsonl slow.jsonl same.jsonl --json");
  const names = (JSON.parse(several.stdout) as Comparison[]).map(({ head }) => head.name);
  expect(names).toEqual(["slow.jsonl", "same.jsonl"]);
  expect(await commandLine("compare base.jsonl slow.jsonl same.jsonl --json")).toEqual(several);
});

test("annotations follow the table, and end with the outcome's level", async () => {
  const { code, stdout } = await commandLine("compare base.jsonl slow.jsonl --annotate --fail-on slower");
  expect(code).toBe(4);
  expect(stdout).toMatch(/^Regressed\. /);
  expect(stdout).toMatch(/\n::error title=attnbench compare%3A regressed::regressed: /);
});

test("a report is written to its folder, numbered folders for several files", async () => {
  const one = await commandLine("compare base.jsonl slow.jsonl --report out/one --format md,csv,go");
  expect(one.code).toBe(0);
  expect(one.stdout).toMatch(/\nwrote out\/one\/comparison\.md\n/);
  expect(readdirSync("out/one").sort()).toEqual([
    "base.txt",
    "comparison.csv",
    "comparison.md",
    "head.txt",
    "one-sided.csv",
    "work.csv",
  ]);
  // A line a round, which benchstat makes its own intervals of.
  expect(readFileSync("out/one/head.txt", "utf8").match(/^Benchmark/gm)).toHaveLength(60);
  const both = await commandLine(
    "compare base.jsonl slow.jsonl same.jsonl --report out/both --format md --json",
  );
  expect(readdirSync("out/both").sort()).toEqual(["1", "2"]);
  expect(both.stderr).toMatch(/^wrote out\/both\/1\/comparison\.md\nwrote out\/both\/2\/comparison\.md\n$/);
  expect(() => JSON.parse(both.stdout)).not.toThrow();
});

test("a file that was cut off is compared as far as it goes, and this is said", async () => {
  folder.write("cut.jsonl", fileOf(fileLines({ seed: 2 })).slice(0, -10));
  const { code, stdout } = await commandLine("compare base.jsonl cut.jsonl");
  expect(code).toBe(0);
  expect(stdout).toMatch(/note: the last line of head was cut off and is ignored/);
});

test("files from strangers are refused in one line or compared, and never obeyed", async () => {
  const text = fileOf(fileLines({ seed: 2 }));
  const first = text.slice(0, text.indexOf("\n") + 1);
  const evil = JSON.stringify(hostile).slice(1, -1);
  const files: Readonly<Record<string, readonly [string, number]>> = {
    "empty.jsonl": ["", 1],
    "run-only.jsonl": [first, 1],
    "foreign.jsonl": ['{"schema":7,"hello":"world"}\n', 1],
    "text.jsonl": ["hello\n", 1],
    "schema.jsonl": [text.replace('"schema":1', '"schema":2'), 1],
    "nan.jsonl": [text.replace(/"samples":\[[^\]]*\]/, '"samples":[NaN]'), 1],
    "words.jsonl": [text.replace(/"samples":\[[^\]]*\]/, '"samples":["fast"]'), 1],
    "negative.jsonl": [text.replace(/"samples":\[[^\]]*\]/, '"samples":[-1]'), 1],
    "infinite.jsonl": [text.replace(/"samples":\[[^\]]*\]/, '"samples":[1e999]'), 1],
    "round-twice.jsonl": [`${text}${text.trimEnd().split("\n").at(-1)}\n`, 1],
    "huge.jsonl": [text.replaceAll(/"samples":\[[^\]]*\]/g, '"samples":[1e308]'), 1],
    "zero.jsonl": [text.replaceAll(/"samples":\[[^\]]*\]/g, '"samples":[0]'), 1],
    "tiny.jsonl": [text.replaceAll(/"samples":\[[^\]]*\]/g, '"samples":[5e-324]'), 1],
    "evil.jsonl": [text.replaceAll('"commit":null', `"commit":"${evil}"`).replaceAll('"js"', `"${evil}"`), 1],
    "evil-names.jsonl": [
      text
        .replaceAll("local(window=4)/js/", `${evil}/js/`)
        .replaceAll('"commit":null', `"commit":"${evil}"`)
        .replaceAll('"bytes":2048', '"bytes":1'),
      0,
    ],
  };
  for (const [name, [content, code]] of Object.entries(files)) {
    folder.write(name, content);
    const outcome = await commandLine(`compare base.jsonl ${name}`);
    expect({ name, code: outcome.code }).toEqual({ name, code });
    expect(outcome.stdout + outcome.stderr).toMatch(/^[\P{Cc}\n]*$/u);
    expect(outcome.stderr).not.toContain("internal error");
    if (code === 1) expect(outcome.stderr).toMatch(/^attnbench: \P{Cc}{10,2000}\n$/u);
    const turned = await commandLine(`compare ${name} base.jsonl`);
    expect({ name, code: turned.code }).toEqual({ name, code });
  }
});

test("a file with thousands of rounds, or as many in hundreds of cells, is compared", async () => {
  const variants = Array.from({ length: 200 }, (_, at) => `v${at}`);
  write("wide-a.jsonl", { variants, rounds: 6 });
  write("wide-b.jsonl", { variants, rounds: 6, seed: 2 });
  write("long-a.jsonl", { variants: ["full"], lengths: [256], rounds: 1500 });
  write("long-b.jsonl", { variants: ["full"], lengths: [256], rounds: 1500, seed: 2 });
  for (const name of ["wide", "long"]) {
    const { code } = await commandLine(`compare ${name}-a.jsonl ${name}-b.jsonl --json`);
    expect(code).toBe(0);
  }
});

test("what changed is printed, and with --table every cell, its mean and what differs", async () => {
  const [short, long] = await Promise.all(
    ["", " --table"].map((more) => commandLine(`compare base.jsonl slow.jsonl${more}`)),
  );
  const rows = ({ stdout }: typeof short) => stdout.match(/^(full|local) .* (slower|same)$/gm) ?? [];
  expect(rows(short)).toHaveLength(2);
  expect(rows(long)).toHaveLength(6);
  expect(short.stdout).toMatch(/^--table lists all 6 cells with their means/m);
  expect(long.stdout).toMatch(/^mean of all calls /m);
  expect(long.stdout).not.toContain("--table");
  expect(long.code).toBe(short.code);
});

test("the report of two files shows the verdicts of the comparison, and is made across machines too", async () => {
  const compared = JSON.parse(
    (await commandLine("compare base.jsonl slow.jsonl --json")).stdout,
  ) as Comparison;
  await commandLine("report base.jsonl slow.jsonl --out pages --format html,md,vega");
  const { data } = JSON.parse(readFileSync(join("pages", "compared-2.vl.json"), "utf8")) as {
    data: { values: { ratio: number; low: number; high: number; verdict: string }[] };
  };
  const told = ({ ratio, low, high, verdict }: (typeof data.values)[number]) =>
    JSON.stringify([ratio, low ?? null, high ?? null, verdict]);
  expect(data.values.map(told).sort()).toEqual(
    compared.cells
      .map(({ time: { ratio, low, high }, verdict }) => JSON.stringify([ratio, low, high, verdict]))
      .sort(),
  );
  for (const name of ["index.html", "summary.md"]) {
    const text = readFileSync(join("pages", name), "utf8");
    expect(text).toContain("2 of 6 cells slower, 4 unchanged");
    expect(text).toContain("geometric mean of the ratios");
  }
  const across = await commandLine("report base.jsonl elsewhere.jsonl --out across --format md");
  expect(across.code).toBe(0);
  expect(readFileSync("across/summary.md", "utf8")).toContain("cpu: Example CPU against Other CPU");
  const apart = await commandLine("report base.jsonl other.jsonl --out apart --format html");
  expect(apart.code).toBe(0);
  expect(readFileSync("apart/index.html", "utf8")).toContain("No cell was measured on both sides.");
});
