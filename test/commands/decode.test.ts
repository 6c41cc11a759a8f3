import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { parameterize } from "../../src/core/variant.ts";
import { findTensor, openSafetensors } from "../../src/input/safetensors.ts";
import { readTensor } from "../../src/input/stored-tensor.ts";
import { builtInKinds } from "../../src/mechanisms/kinds.ts";
import { isDecoded } from "../../src/mechanisms/why-undefined.ts";
import { readLines } from "../../src/record/read.ts";
import type { CaseLine } from "../../src/record/schema/result-lines.ts";
import { variants } from "../../variants/index.ts";
import { scratchFolder } from "../input/scratch-folder.ts";
import { goldenFailure } from "../kernels/golden-cases.ts";
import { csvRows } from "../record/csv-rows.ts";
import { commandLine } from "./command-line.ts";

vi.mock("../../src/gate/run-process.ts", () => import("../gate/in-this-process.ts"));
const folder = scratchFolder();
const home = process.cwd();
const SMALL = "--mode decode --variants full,local,linear --lengths 16,64 --rounds 2";
const golden = join(import.meta.dirname, "../golden");
beforeAll(async () => {
  process.chdir(folder.path);
  const { code, stderr } = await commandLine(`run ${SMALL} --out kept.jsonl`);
  expect({ code, failed: /failed|attnbench:/.test(stderr) }).toEqual({ code: 0, failed: false });
});
afterAll(() => process.chdir(home));

const caseLines = (path: string) =>
  readLines(path).lines.filter((line): line is CaseLine => line.type === "case");

describe("a run that decodes", () => {
  test("measures a token at each position, and softmax recomputing all of them beside it", () => {
    const lines = caseLines("kept.jsonl");
    expect(lines.map((line) => line.case).sort()).toEqual(
      [16, 64]
        .flatMap((position) => [
          `full/wasm/b1h1n${position}d64/decode`,
          `full/wasm/b1h1n${position}d64/recompute`,
          `linear(eps=0.000001)/wasm/b1h1n${position}d64/decode`,
          `local(window=128)/wasm/b1h1n${position}d64/decode`,
        ])
        .sort(),
    );
    for (const line of lines) {
      expect({ name: line.case, outcome: line.outcome, reason: line.reason }).toEqual({
        name: line.case,
        outcome: "measured",
        reason: null,
      });
      expect(line.gate_error).toBeLessThanOrEqual(line.gate_budget ?? 0);
      if (line.mode === "recompute") expect(line).not.toHaveProperty("state_bytes");
      else expect(line.prefill_s).toBeGreaterThan(0);
    }
    const full = lines.find((line) => line.case === "full/wasm/b1h1n64d64/decode");
    expect(full).toMatchObject({ pairs: 65, useful_flops: 65 * 256, executed_flops: null, exponent: 1 });
    expect(full?.state_bytes).toBe(2 * 64 * 64 * 4);
    const [whole] = lines.filter((line) => line.case === "full/wasm/b1h1n64d64/recompute");
    expect(whole).toMatchObject({ pairs: (65 * 66) / 2, title: "Full, recomputing all tokens for each" });
  });

  test("records how fast states of each size are read, and tells what share of that a step reaches", () => {
    const { environment } = readLines("kept.jsonl").run;
    const largest = Math.max(...(environment.read_rates ?? []).map(({ bytes }) => bytes));
    expect(largest).toBeGreaterThanOrEqual(2 * 64 * 64 * 4);
    const rows = csvRows(readFileSync("kept.csv", "utf8"));
    for (const { mode, percent_of_bandwidth: percent } of rows) {
      if (mode === "decode") expect(Number(percent)).toBeGreaterThan(0);
      else expect(percent).toBe("");
    }
  });

  test("is gone on with and run again by its file, which says the mode", async () => {
    const { code } = await commandLine("run --replay kept.jsonl --out again.jsonl");
    expect(code).toBe(0);
    const names = (path: string) => readLines(path).run.plan.cases.map((one) => one.case);
    expect(names("again.jsonl")).toEqual(names("kept.jsonl"));
    const { stderr } = await commandLine("run --resume again.jsonl");
    expect(stderr).toMatch(/nothing was left to do/);
    expect(await commandLine("run --resume again.jsonl --mode decode")).toMatchObject({ code: 2 });
  });

  test("is compared with another by what it measures, and not with forward passes", async () => {
    await commandLine("run --variants full --lengths 16 --causal --rounds 2 --out forward.jsonl");
    const nothing = await commandLine("compare kept.jsonl forward.jsonl --json");
    expect(nothing.stderr).toMatch(/cell/);
    expect(nothing).toMatchObject({ code: 1, stdout: "" });
    const { stdout } = await commandLine("compare kept.jsonl again.jsonl --json");
    expect(stdout).toContain('"full/wasm/b1h1n64d64/decode"');
    expect(stdout).toContain('"full/wasm/b1h1n64d64/recompute"');
    const { stdout: table } = await commandLine("compare kept.jsonl again.jsonl --group-by variant --table");
    for (const name of ["full, cached", "full, recomputed"]) {
      expect(table.match(new RegExp(`^${name} +(16|64) `, "gm"))).toHaveLength(2);
      // The group.
      expect(table).toMatch(new RegExp(`^${name} +2 `, "m"));
    }
  });

  test("is held to the bytes of its state exactly", async () => {
    const { stdout } = await commandLine("compare kept.jsonl kept.jsonl --json");
    expect(JSON.parse(stdout).work).toEqual([]);
    const more = readFileSync("kept.jsonl", "utf8").replace(
      /"state_bytes":(\d+)/,
      (_, bytes) => `"state_bytes":${bytes}0`,
    );
    folder.write("more.jsonl", more);
    const { code, stdout: changed } = await commandLine(
      "compare kept.jsonl more.jsonl --json --fail-on work",
    );
    expect(code).toBe(4);
    expect(JSON.parse(changed).work).toMatchObject([{ quantity: "state_bytes", accepted: false }]);
  });

  test("is refused where a line says of a case what its plan does not", async () => {
    const forward = readFileSync("kept.jsonl", "utf8").replace(
      /^(\{"type":"case".*?),"mode":"decode"/m,
      "$1",
    );
    folder.write("forward-line.jsonl", forward);
    for (const words of ["report forward-line.jsonl", "compare forward-line.jsonl kept.jsonl"]) {
      const { code, stderr } = await commandLine(words);
      expect(code).toBe(1);
      expect(stderr).toMatch(
        /line 2: mode of a case must be as planned, got another of '.*'; remove the line/,
      );
    }
  });

  test.each([
    ["--threads 2", /--threads: decoding runs on 1 thread, got 2/],
    [
      `--input ${golden}/small.safetensors --lengths 48`,
      /--lengths: to step around position 48 takes 52 tokens/,
    ],
  ])("refuses %s", async (words, message) => {
    const { code, stderr } = await commandLine(`run --mode decode --variants local ${words}`);
    expect(code).toBe(2);
    expect(stderr).toMatch(message);
  });

  test.each([
    "run --variants local --causal=false",
    `run --variants local --config ${folder.write("causal.json", '{"causal": false}')}`,
    `gate --base ${home} --head ${home} --variants local --causal=false`,
    "apply local --input gaussian --length 16 --output never.safetensors --causal=false",
  ])("refuses to look ahead: %s --mode decode", async (words) => {
    const { code, stdout, stderr } = await commandLine(`${words} --mode decode`);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toBe("attnbench: --causal: decoding is always causal, got false; omit the option\n");
  });

  test("skips positions so far that checking a step would take more than the budget, before inputs are made", async () => {
    const words =
      "run --mode decode --variants full,linear --lengths 8M --head-dim 4 --budget 1s --out far.jsonl";
    const { code, stderr } = await commandLine(words);
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /nothing was measured; checking it is expected to take [\d.]+ \w+, more than the budget/,
    );
    expect(caseLines("far.jsonl").map(({ outcome }) => outcome)).toEqual(["skipped", "skipped"]);
  });

  test("knows no other mode, and lists those that there are", async () => {
    const { code, stderr } = await commandLine("run --mode sideways");
    expect(code).toBe(2);
    expect(stderr).toMatch(/mode 'sideways'.*forward.*decode.*backward.*train/);
  });

  test("goes to positions of 64k where none are given, softmax recomputing to 4k", async () => {
    const { stdout } = await commandLine("run --mode decode --dry-run --json --variants full");
    const cases: CaseLine[] = JSON.parse(stdout).cases;
    const positions = (mode: string) => cases.filter((one) => one.mode === mode).map(({ length }) => length);
    expect(positions("decode")).toEqual([256, 512, 1024, 2048, 4096, 8192, 16384, 32768, 65536]);
    expect(positions("recompute")).toEqual([256, 512, 1024, 2048, 4096]);
  });

  test("recomputes to 16k where positions are given: further on it would take the time of all others", async () => {
    const words = "run --mode decode --dry-run --json --variants full --lengths 8k..32k";
    const cases: CaseLine[] = JSON.parse((await commandLine(words)).stdout).cases;
    const recomputed = cases.filter(({ mode }) => mode === "recompute").map(({ length }) => length);
    expect(recomputed).toEqual([8192, 16_384]);
  });
});

describe("decoded outputs", () => {
  interface GoldenCase {
    output: string;
    variant: string;
    params: Record<string, number>;
    causal: boolean;
  }
  const cases = ["small", "odd"].flatMap((name) => {
    const { cases: all } = JSON.parse(readFileSync(join(golden, `${name}.json`), "utf8")) as {
      cases: GoldenCase[];
    };
    return all
      .filter(({ causal }) => causal)
      .map((one) => ({ ...one, title: `${name}: ${one.output}`, file: join(golden, `${name}.safetensors`) }));
  });

  test.each(cases)("of $title are what PyTorch computed of whole sequences, by every kernel", async (one) => {
    const settings = Object.entries(one.params).flatMap(([key, value]) => ["--set", `${key}=${value}`]);
    for (const kernel of ["wasm", "js"]) {
      const words = [
        "apply",
        one.variant,
        "--mode",
        "decode",
        "--input",
        one.file,
        "--output",
        "out.safetensors",
      ];
      const { code, stdout, stderr } = await commandLine([
        ...words,
        "--json",
        "--kernel",
        kernel,
        ...settings,
      ]);
      expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
      const told = JSON.parse(stdout);
      expect(told).toMatchObject({ mode: "decode", causal: true });
      const got = readTensor(findTensor(openSafetensors("out.safetensors"), "out"));
      expect(goldenFailure(one.title, got)).toBeNull();
    }
  });

  test("of every variant that is decoded go through the gate by auto; others say that they cannot", async () => {
    for (const variant of variants) {
      const { id } = variant;
      const words = `apply ${id} --mode decode --input gaussian --length 40 --output out.safetensors`;
      const { code, stdout, stderr } = await commandLine(words);
      if (!isDecoded(builtInKinds.judged(parameterize(variant, {})))) {
        expect({ id, code, stdout }).toEqual({ id, code: 2, stdout: "" });
        expect(stderr).toMatch(
          /^attnbench: apply \S+: decoding is not defined for [^\n]+; (omit --mode decode|set a horizon)\n$/,
        );
        continue;
      }
      expect({ id, code }).toEqual({ id, code: 0 });
      expect(stdout).toMatch(/causal, token by token/);
    }
  });
});
