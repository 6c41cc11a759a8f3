import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { findTensor, openSafetensors } from "../../src/input/safetensors.ts";
import { readTensor } from "../../src/input/stored-tensor.ts";
import { readLines } from "../../src/record/read.ts";
import { scratchFolder } from "../input/scratch-folder.ts";
import { csvRows } from "../record/csv-rows.ts";
import { commandHost } from "./hosted.ts";

const folder = scratchFolder();
const plugin = join(import.meta.dirname, "../plugin/half.ts");
// Plug-ins are imported by Node itself.
const ended = commandHost(folder.path);
const small = "--variants full,local --set local.window=8 --lengths 32 --head-dim 8 --rounds 1";

describe("run --dtype", () => {
  test("measures by kernels that have it, and says so in names, lines, columns and the report", async () => {
    const { code, stderr } = await ended(
      `run ${small} --plugin ${plugin} --kernel half --dtype float16 --out half.jsonl`,
    );
    expect(stderr).not.toContain("failed");
    expect(code).toBe(0);
    const { run, lines } = readLines(join(folder.path, "half.jsonl"));
    const cases = lines.filter((line) => line.type === "case");
    expect(run.plan.cases.map((one) => [one.case, one.dtype])).toEqual([
      ["full/half/b1h1n32d8/float16", "float16"],
      ["local(window=8)/half/b1h1n32d8/float16", "float16"],
    ]);
    expect(cases.map(({ dtype, outcome }) => [dtype, outcome])).toEqual([
      ["float16", "measured"],
      ["float16", "measured"],
    ]);
    for (const { gate_error: error, gate_budget: budget } of cases) {
      expect(budget).toBeGreaterThan(1e-4);
      expect(budget).toBeLessThan(0.02);
      expect(error).toBeGreaterThan(1e-5);
    }
    const rows = csvRows(readFileSync(join(folder.path, "half.csv"), "utf8"));
    expect(rows.map(({ dtype }) => dtype)).toEqual(["float16", "float16"]);
    expect(await ended("report half.jsonl --out report")).toMatchObject({ code: 0 });
    expect(readFileSync(join(folder.path, "report/summary.md"), "utf8")).toContain("float16");
  });

  test("goes on with --resume and again with --replay, in the same dtype", async () => {
    const shared = `--plugin ${plugin}`;
    expect(await ended(`run --resume half.jsonl ${shared}`)).toMatchObject({ code: 0 });
    expect(await ended(`run --replay half.jsonl ${shared} --out again.jsonl`)).toMatchObject({ code: 0 });
    expect(readLines(join(folder.path, "again.jsonl")).run.plan.cases.map(({ dtype }) => dtype)).toEqual([
      "float16",
      "float16",
    ]);
    const { code, stderr } = await ended(`run --resume half.jsonl ${shared} --dtype float32`);
    expect(code).toBe(2);
    expect(stderr).toContain("--dtype: the plan comes from the file and cannot be changed");
  });

  test("is float32 if nothing is said, of which files say nothing", async () => {
    for (const words of ["", " --dtype float32"]) {
      const { stdout } = await ended(`run ${small} --kernel js --dry-run --json${words}`);
      expect(stdout).toContain('"full/js/b1h1n32d8"');
      expect(stdout).not.toContain("dtype");
    }
  });

  test("takes what auto finds, and refuses where nothing has it", async () => {
    const taken = await ended(`run ${small} --plugin ${plugin} --dtype float16 --dry-run`);
    expect(taken.stdout).toContain("full/half/b1h1n32d8/float16");
    const refused = await ended(`run ${small} --kernel wasm --dtype bfloat16 --out none.jsonl`);
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain("it computes in float32, not in bfloat16");
  });

  test.each([
    ["--dtype half", /unknown dtype 'half'.*float16/],
    ["--dtype float16 --mode decode", /--dtype: decoding is in float32 alone, got float16; omit the option/],
    [
      "--dtype float16 --kernel half --variants top-k",
      /what attention over chosen keys chooses is judged in float32 alone; omit --dtype/,
    ],
  ])("%s is refused in one line", async (words, reason) => {
    const { code, stderr } = await ended(`run --lengths 32 --plugin ${plugin} --out refused.jsonl ${words}`);
    expect(code).toBe(2);
    expect(stderr).toMatch(reason);
  });

  test("fails what rounds to float16 and was not told to, and what adds up in it over many keys", async () => {
    const unsaid = await ended(`run ${small} --plugin ${plugin} --kernel half-unsaid --out unsaid.jsonl`);
    expect(unsaid.code).toBe(1);
    expect(unsaid.stderr).toMatch(/verification: row \d+ .* over budget/);
    const sums = await ended(
      `run --variants full --lengths 512 --head-dim 8 --rounds 1 --plugin ${plugin} --kernel half,half-sums --dtype float16 --out sums.jsonl`,
    );
    expect(sums.code).toBe(1);
    const rows = csvRows(readFileSync(join(folder.path, "sums.csv"), "utf8"));
    expect(rows.map(({ kernel, outcome }) => [kernel, outcome])).toEqual([
      ["half", "measured"],
      ["half-sums", "failed"],
    ]);
  });
});

test("check --dtype verifies over awkward shapes", async () => {
  const words = `check local --plugin ${plugin} --kernel half-short,half-unsaid --dtype float16 --json`;
  const { code, stdout } = await ended(words);
  expect(code).toBe(0);
  const { results } = JSON.parse(stdout);
  expect(results).toMatchObject([
    { kernel: "half-short", check: "gate", failure: null },
    { kernel: "half-unsaid", check: "gate", notRun: "it computes in float32, not in float16" },
  ]);
});

test("apply --dtype gives what the rounded tensors give, and says in what numbers", async () => {
  const words = `apply full --input gaussian --length 24 --head-dim 8 --plugin ${plugin} --kernel half --dtype float16 --output out.safetensors`;
  const { code, stdout } = await ended(words);
  expect(code).toBe(0);
  expect(stdout).toContain(", in float16");
  const out = openSafetensors(join(folder.path, "out.safetensors"));
  const values = readTensor(findTensor(out, "out"));
  expect(values.every((x) => Math.f16round(x) === x)).toBe(true);
  expect(out.metadata).toMatchObject({ dtype: "float16" });
});
