import { copyFileSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readLines } from "../../src/record/read.ts";
import type { FileLine } from "../../src/record/schema/result-lines.ts";
import { scratchFolder } from "../input/scratch-folder.ts";
import { commandLine } from "./command-line.ts";

const folder = scratchFolder();
const home = process.cwd();
beforeAll(() => process.chdir(folder.path));
afterAll(() => process.chdir(home));

const TINY = "--variants full,linear --steps 10 --seeds 1 --rates .01";
const linesOf = (path: string) =>
  readFileSync(path, "utf8")
    .split("\n")
    .filter((line) => line !== "");
/** What a run came to, without what it took. */
const cameTo = (line: string) => JSON.stringify({ ...JSON.parse(line), processor_s: 0 });
const trainedIn = (path: string) => linesOf(path).slice(2).map(cameTo).sort();

describe("a study of ten steps", () => {
  beforeAll(async () => {
    const { code, stderr } = await commandLine(`train ${TINY} --out whole.jsonl`);
    expect(stderr).toMatch(/^training 0\/4, about \d+ s left, going by another machine\n/);
    // Then it goes by what was seen here.
    expect(stderr.replace(/^training \d\/\d, about \d+ s left(, going by another machine)?\n/gm, "")).toBe(
      "",
    );
    expect(code).toBe(0);
  });

  test("writes a file that every reader takes: the run, the study, and a line for each run", () => {
    const { run, lines, learned, truncated } = readLines("whole.jsonl");
    expect({ cases: run.plan.cases, lines, truncated }).toEqual({ cases: [], lines: [], truncated: false });
    const { study, runs } = learned ?? { study: null, runs: [] };
    expect(study?.cells.map(({ cell, parameters }) => [cell, parameters])).toEqual([
      ["full/mqar", 20_484],
      ["linear/mqar", 20_484],
    ]);
    expect(runs.filter(({ role }) => role === "test")).toHaveLength(2);
    for (const one of runs) {
      expect(one).toMatchObject({ outcome: "trained", reason: null });
      for (const agreement of [one.twin?.output, one.twin?.gradients]) {
        expect(agreement?.error).toBeLessThanOrEqual(agreement?.budget ?? 0);
      }
      expect(one.kernel === null).toBe(one.role === "choosing");
    }
  });

  test("goes on after a kill with the same runs, and comes to the same, number for number", async () => {
    const whole = linesOf("whole.jsonl");
    // Within a line, as a kill leaves it.
    writeFileSync("killed.jsonl", `${whole.slice(0, 3).join("\n")}\n${whole[3].slice(0, 40)}`);
    const { code, stdout } = await commandLine("train --resume killed.jsonl");
    expect({ code, told: /wrote killed.jsonl/.test(stdout) }).toEqual({ code: 0, told: true });
    expect(trainedIn("killed.jsonl")).toEqual(trainedIn("whole.jsonl"));
  });

  test("has nothing left to do when it is resumed, and says so", async () => {
    copyFileSync("whole.jsonl", "again.jsonl");
    const { code, stderr } = await commandLine("train --resume again.jsonl");
    expect({ code, stderr }).toEqual({ code: 0, stderr: "nothing was left to do\n" });
    expect(linesOf("again.jsonl")).toEqual(linesOf("whole.jsonl"));
  });

  test("tries again what failed, and only that", async () => {
    const [head, study, first, ...rest] = linesOf("whole.jsonl");
    const failed = { ...JSON.parse(first), outcome: "failed", reason: "no memory", accuracy: null };
    writeFileSync("failed.jsonl", `${[head, study, JSON.stringify(failed), ...rest].join("\n")}\n`);
    const { code } = await commandLine("train --resume failed.jsonl");
    expect(code).toBe(0);
    const lines = linesOf("failed.jsonl");
    expect(lines.slice(0, -1)).toEqual([head, study, JSON.stringify(failed), ...rest]);
    expect(lines.slice(-1).map(cameTo)).toEqual([cameTo(first)]);
    expect(readLines("failed.jsonl").learned?.runs).toHaveLength(rest.length + 1);
  });

  test("is told by a report", async () => {
    const { code } = await commandLine("report whole.jsonl --out page");
    expect(code).toBe(0);
    expect(readFileSync(join("page", "summary.md"), "utf8")).toMatch(/at 64 tokens after 10 steps/);
  });

  test.each([
    ["--resume whole.jsonl --steps 20", /--steps: the study comes from the file and cannot be changed/],
    ["--add-to whole.jsonl", /--add-to: whole.jsonl has a study already; continue it with --resume/],
    ["--out whole.jsonl", /already exists/],
  ])("is not overwritten or changed by train %s", async (words, says) => {
    const before = linesOf("whole.jsonl");
    const { code, stderr, stdout } = await commandLine(`train ${words}`);
    expect(code).toBeGreaterThan(0);
    expect(stderr).toMatch(says);
    expect(stdout).toBe("");
    expect(linesOf("whole.jsonl")).toEqual(before);
  });

  test("by other code is not continued", async () => {
    const [run, study, ...rest] = linesOf("whole.jsonl");
    const other = JSON.stringify({ ...JSON.parse(study), trainer: "@jax-js/jax 0.0.1" });
    writeFileSync("other.jsonl", `${[run, other, ...rest].join("\n")}\n`);
    const { code, stderr } = await commandLine("train --resume other.jsonl");
    expect(code).toBe(1);
    expect(stderr).toMatch(/the study began with @jax-js\/jax 0\.0\.1, here is @jax-js\/jax \S+; restore it/);
  });
});

test("what is learned is added to a file of times, which keeps its lines", async () => {
  await commandLine("run --variants full,linear --lengths 32,64 --rounds 2 --out times.jsonl");
  const before = linesOf("times.jsonl");
  const { code } = await commandLine("train --quick --variants full --steps 10 --add-to times.jsonl");
  expect(code).toBe(0);
  expect(linesOf("times.jsonl").slice(0, before.length)).toEqual(before);
  expect(
    linesOf("times.jsonl")
      .slice(before.length)
      .map((line) => (JSON.parse(line) as FileLine).type),
  ).toEqual(["study", "trained"]);
});

test("a plan says what would be trained, and why something is not", async () => {
  const { code, stdout } = await commandLine(
    "train --dry-run --tasks listops,mqar:pairs=8 --variants full,delta,local --set local.window=4",
  );
  expect(code).toBe(0);
  expect(stdout).toMatch(/^delta is not trained on listops: it is always causal/m);
  expect(stdout).toMatch(/^full +mqar pairs=8 +20\.5k/m);
  expect(stdout).toMatch(/^30 runs at least, \d+ at once: about \d.* left, going by another machine$/m);
  expect(existsSync("results")).toBe(false);
});

describe("train refuses in one line", () => {
  test.each([
    ["--tasks nosuch", /unknown task 'nosuch'/],
    ["--tasks mqar:pairs=99", /mqar\.pairs must be at most half/],
    ["--tasks mqar,mqar", /--tasks: mqar is named twice/],
    ["--tasks mqar:pairs=NaN", /mqar\.pairs must be a number, got 'NaN'/],
    ["--tasks ,", /unknown task ''/],
    ["--variants nosuch", /unknown variant 'nosuch'/],
    ["--variants linformer --tasks mqar", /no variant can be trained on what was chosen; linformer/],
    ["--head-dims 7", /--head-dims: must divide the 32 channels/],
    ["--rates 0", /--rates: must be rates from 1e-6 to 10/],
    ["--rates NaN", /--rates: must be rates/],
    ["--rates .01 --quick", /--rates: --quick has one rate/],
    ["--seeds 0", /--seeds: must be an integer from 1 to 100/],
    ["--steps 1e9", /--steps: must be an integer/],
    ["--workers -1", /--workers: must be an integer from 1/],
    ["--out a.jsonl --add-to b.jsonl", /--out and --add-to: name one file/],
    ["--out no/such/folder/a.jsonl", /cannot be written/],
    ["--resume nosuch.jsonl", /nosuch\.jsonl/],
    ["--add-to nosuch.jsonl", /nosuch\.jsonl/],
  ])("%s", async (words, says) => {
    const { code, stderr, stdout } = await commandLine(`train ${words}`);
    expect(stderr).toMatch(says);
    expect(stderr.trim().split("\n")).toHaveLength(1);
    expect({ code: code === 1 || code === 2, stdout }).toEqual({ code: true, stdout: "" });
  });
});
