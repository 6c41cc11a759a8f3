import { existsSync, readdirSync, readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { scratchFolder } from "../input/scratch-folder.ts";
import { csvRows } from "../record/csv-rows.ts";
import { fileOf, sampleLines } from "../record/sample-lines.ts";
import { hostileTraces } from "../report/hostile-results.ts";
import { partsOf } from "../report/page-parts.ts";
import { learnedLines, learnedOnly, poisonedLearned, sampleLearned } from "../report/sample-learned.ts";
import { commandLine } from "./command-line.ts";

const folder = scratchFolder();
const home = process.cwd();
beforeAll(() => process.chdir(folder.path));
afterAll(() => process.chdir(home));

beforeAll(() => {
  const { study, runs } = sampleLearned();
  folder.write("learned.jsonl", fileOf(learnedLines()));
  folder.write("quick.jsonl", fileOf(learnedLines(sampleLearned({ quick: true }))));
  const timed = sampleLines({ cases: 3, rounds: 6 });
  const [run, ...lines] = timed;
  folder.write("timed.jsonl", fileOf([{ ...run, started: "2026-03-03T03:03:03.000Z" }, ...lines]));
  folder.write("both.jsonl", fileOf([...timed, study, ...runs]));
});

test("a report of a study alone is a page, a summary, its charts and its table", async () => {
  const { code, stdout } = await commandLine("report learned.jsonl --format html,md,csv,svg");
  expect({ code, stdout }).toEqual({
    code: 0,
    stdout: "wrote reports/learned/index.html and 4 files beside it\n",
  });
  expect(readdirSync("reports/learned").sort()).toEqual([
    "index.html",
    "learned.csv",
    "learning-curves.svg",
    "recall-by-state.svg",
    "summary.md",
  ]);
  expect(csvRows(readFileSync("reports/learned/learned.csv", "utf8"))).toHaveLength(55);
  expect(readFileSync("reports/learned/index.html", "utf8")).toContain(
    "<title>What attention variants learn</title>",
  );
});

test("what an earlier report on a study left is removed by one on times", async () => {
  expect((await commandLine("report learned.jsonl --format html,md,csv,svg --out shared")).code).toBe(0);
  const { code, stderr } = await commandLine("report timed.jsonl --format html,md --out shared");
  expect({ code, stderr }).toEqual({
    code: 0,
    stderr: "removed what an earlier report left in shared: 3 files\n",
  });
  expect(readdirSync("shared").sort()).toEqual(["index.html", "summary.md"]);
});

test("times and what was learned are one report, also beside a file with only one of them", async () => {
  expect((await commandLine("report both.jsonl --format html,csv --out both")).code).toBe(0);
  expect(readdirSync("both").sort()).toEqual(["cases.csv", "index.html", "learned.csv"]);
  expect(
    (await commandLine("report learned.jsonl both.jsonl timed.jsonl --format html --out all")).code,
  ).toBe(0);
  const page = readFileSync("all/index.html", "utf8");
  expect(page).toContain('id="file-1-learned"');
  expect(page).toContain('id="file-2-learned"');
  expect(page).not.toContain('id="file-3-learned"');
});

test("what was learned is not compared: in one line where there is nothing else, in a note where there is", async () => {
  expect(await commandLine("compare timed.jsonl learned.jsonl")).toMatchObject({
    code: 1,
    stderr:
      "attnbench: compare: must have times to compare, got only what variants learned in learned.jsonl; attnbench report puts several files into one page\n",
  });
  expect((await commandLine("compare learned.jsonl quick.jsonl")).stderr).toContain("in learned.jsonl;");
  const { code, stdout } = await commandLine("compare timed.jsonl both.jsonl");
  expect(code).toBe(0);
  expect(stdout).toContain("note: what variants learned is not compared");
});

test.each(["--replay", "--resume"])(
  "run %s measures no study, and says what goes on with it",
  async (option) => {
    expect(await commandLine(`run ${option} learned.jsonl`)).toMatchObject({
      code: 2,
      stderr: `attnbench: ${option}: must have cases to measure, got only what variants learned in learned.jsonl; attnbench train --resume goes on with that\n`,
    });
  },
);

test("run --replay measures the cases beside a study, and leaves the study where it is", async () => {
  const { code } = await commandLine("run --replay both.jsonl --dry-run");
  expect(code).toBe(0);
  expect(existsSync("results")).toBe(false);
});

test.each(["gate", "calibrate"])("%s --from refuses a study in one line", async (command) => {
  const { code, stderr } = await commandLine(`${command} --from learned.jsonl`);
  expect(code).not.toBe(0);
  expect(stderr).toMatch(/^attnbench: blocks: learned.jsonl line 1: the file is a results file[^\n]*\n$/);
});

test("a study whose rates are chosen by seeds that it reports is refused", async () => {
  const { study, runs } = sampleLearned();
  const line = { ...study, choosing_seeds: [...study.choosing_seeds, study.test_seeds[0]] };
  folder.write("peeked.jsonl", fileOf(learnedLines({ study: line, runs })));
  expect(await commandLine("report peeked.jsonl")).toMatchObject({
    code: 1,
    stderr:
      "attnbench: results: peeked.jsonl line 2: seeds that choose rates must be apart from those that are tested; remove the line\n",
  });
});

test("hostile strings of a study reach neither the terminal nor the page as they are", async () => {
  const { learned } = poisonedLearned(learnedOnly());
  folder.write("evil.jsonl", fileOf(learnedLines(learned)));
  for (const command of ["report evil.jsonl --out evil", "report evil.jsonl quick.jsonl --out evil"]) {
    const { code, stdout, stderr } = await commandLine(command);
    expect(code).toBe(0);
    expect(stdout + stderr).toMatch(/^[\P{Cc}\n]*$/u);
    expect(hostileTraces(partsOf(readFileSync("evil/index.html", "utf8")).markup)).toEqual([]);
  }
});
