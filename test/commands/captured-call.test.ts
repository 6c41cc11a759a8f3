import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { findTensor, openSafetensors } from "../../src/input/safetensors.ts";
import { readTensor } from "../../src/input/stored-tensor.ts";
import { readLines } from "../../src/record/read.ts";
import type { CaseLine } from "../../src/record/schema/result-lines.ts";
import { floatBytes, rawSafetensors, truthBytes } from "../input/raw-files.ts";
import { scratchFolder } from "../input/scratch-folder.ts";
import { csvRows } from "../record/csv-rows.ts";
import { commandLine } from "./command-line.ts";

const folder = scratchFolder();
const home = process.cwd();
beforeAll(() => process.chdir(folder.path));
afterAll(() => process.chdir(home));

const HEADS = 2;
const LENGTH = 40;
const HEAD_DIM = 4;
const COUNT = HEADS * LENGTH * HEAD_DIM;
const numbers = Float32Array.from({ length: 3 * COUNT }, (_, at) => Math.sin(at * 1.7) * 2);
const [q, k, v] = [0, 1, 2].map((at) => numbers.subarray(at * COUNT, (at + 1) * COUNT));

type Attends = (query: number, key: number) => boolean;

/** A captured call: its tensors, what the metadata says of it, and its mask where it had one. */
function captured(name: string, metadata: Record<string, string>, mask?: Attends): string {
  const bytes = 4 * COUNT;
  const tensor = (at: number) => ({
    dtype: "F32",
    shape: [1, HEADS, LENGTH, HEAD_DIM],
    data_offsets: [at * bytes, (at + 1) * bytes],
  });
  const truths =
    mask === undefined
      ? []
      : Array.from({ length: LENGTH * LENGTH }, (_, at) => mask(Math.floor(at / LENGTH), at % LENGTH));
  const end = 3 * bytes;
  const header = {
    __metadata__: metadata,
    ...{ q: tensor(0), k: tensor(1), v: tensor(2) },
    ...(mask && {
      mask: { dtype: "BOOL", shape: [LENGTH, LENGTH], data_offsets: [end, end + truths.length] },
    }),
  };
  folder.write(name, rawSafetensors(header, Buffer.concat([floatBytes(numbers), truthBytes(truths)])));
  return join(folder.path, name);
}

/** What the model computed, in float64, by the definition of the call. */
function attention(scale: number, attends: Attends): number[] {
  const out: number[] = [];
  for (let head = 0; head < HEADS; head++) {
    const row = (tensor: Float32Array, token: number) =>
      tensor.subarray((head * LENGTH + token) * HEAD_DIM, (head * LENGTH + token + 1) * HEAD_DIM);
    for (let query = 0; query < LENGTH; query++) {
      const keys = Array.from({ length: LENGTH }, (_, key) => key).filter((key) => attends(query, key));
      const weights = keys.map((key) =>
        Math.exp(scale * row(q, query).reduce((sum, x, i) => sum + x * row(k, key)[i], 0)),
      );
      const total = weights.reduce((sum, weight) => sum + weight, 0);
      for (let i = 0; i < HEAD_DIM; i++) {
        out.push(
          keys.length === 0
            ? 0
            : keys.reduce((sum, key, at) => sum + weights[at] * row(v, key)[i], 0) / total,
        );
      }
    }
  }
  return out;
}

function largestError(expected: readonly number[]): number {
  const got = readTensor(findTensor(openSafetensors("out.safetensors"), "out"));
  return got.reduce((most, value, at) => Math.max(most, Math.abs(value - expected[at])), 0);
}

const past: Attends = (query, key) => key <= query;

describe("apply full gives what the model computed", () => {
  test.each<[string, Record<string, string>, Attends | undefined, number, Attends]>([
    ["with its own scale", { scale: "0.1" }, undefined, 0.1, () => true],
    ["causal", { is_causal: "True", scale: "None" }, undefined, 0.5, past],
    ["under a causal mask", {}, past, 0.5, past],
    [
      "under a window, scaled",
      { scale: "1.25" },
      (i, j) => past(i, j) && i - j < 5,
      1.25,
      (i, j) => past(i, j) && i - j < 5,
    ],
    ["padded on the right", {}, (_, j) => j < 33, 0.5, (_, j) => j < 33],
    [
      "padded on the left and causal",
      { is_causal: "True" },
      (_, j) => j >= 6,
      0.5,
      (i, j) => past(i, j) && j >= 6,
    ],
  ])("%s", async (_, metadata, mask, scale, attends) => {
    const input = captured("call.safetensors", metadata, mask);
    for (const kernel of ["wasm", "js"]) {
      const { code, stdout } = await commandLine(
        `apply full --kernel ${kernel} --input ${input} --output out.safetensors --json`,
      );
      expect(code).toBe(0);
      expect(largestError(attention(scale, attends))).toBeLessThan(1e-5);
      expect(JSON.parse(stdout).fidelity_error).toBeLessThan(1e-5);
    }
    const decoded = await commandLine(`apply full --mode decode --input ${input} --output out.safetensors`);
    expect(decoded.code).toBe(0);
    expect(largestError(attention(scale, (i, j) => past(i, j) && attends(i, j)))).toBeLessThan(1e-5);
  });

  test("and says so of tensors that nobody said it of", async () => {
    const input = captured("bare.safetensors", {});
    const { stdout } = await commandLine(
      `apply full --input ${input} --scale 0.2 --causal --output out.safetensors`,
    );
    expect(stdout).toContain("[1, 2, 40, 4], causal, scale 0.2\n");
    expect(largestError(attention(0.2, past))).toBeLessThan(1e-5);
    expect(openSafetensors("out.safetensors").metadata).toMatchObject({ scale: "0.2", causal: "true" });
  });

  test.each([
    [
      "full --scale 0.3",
      "--scale: the call that file:said.safetensors was captured from had 0.1, got 0.3; omit the option",
    ],
    [
      "full --causal=false",
      "--causal: the call that file:said.safetensors was captured from was causal, got false",
    ],
    [
      "linear",
      "apply linear: linear attention sums all keys at once and takes no mask but causal; omit the mask",
    ],
    [
      "full --length 3",
      "--length: the input's mask leaves no key before token 3, got 3 tokens; ask for more",
    ],
  ])("but not %s, which it did not", async (words, message) => {
    captured("said.safetensors", { scale: "0.1", is_causal: "True" }, (_, j) => j >= 3);
    const { code, stderr } = await commandLine(
      `apply ${words} --input said.safetensors --output never.safetensors`,
    );
    expect({ code, stderr }).toMatchObject({ code: 2, stderr: expect.stringContaining(message) });
  });
});

const casesOf = (name: string): CaseLine[] => readLines(name).lines.filter((line) => line.type === "case");

describe("a run on a captured call", () => {
  test("records its scale and its mask, skips what cannot have one, and is run again with both", async () => {
    captured("run.safetensors", { scale: "0.1", is_causal: "True" }, (i, j) => i - j <= 4 && j >= 6);
    const { code } = await commandLine(
      "run --input run.safetensors --variants full,local,linear --lengths 20,40 --rounds 1 --out run.jsonl",
    );
    expect(code).toBe(0);
    const mask = { left: 4, right: null, from: 6, to: null };
    const cases = casesOf("run.jsonl");
    expect(cases).toHaveLength(6);
    for (const one of cases) {
      expect(one).toMatchObject({
        scale: 0.1,
        mask,
        causal: true,
        outcome: one.variant === "linear" ? "skipped" : "measured",
      });
      expect(one.case).toContain("/causal/scale=0.1/mask(left=4,from=6)");
    }
    // Rows from 6 on have 1, 2, 3, 4, 5, 5, … keys.
    expect(cases.find(({ variant, length }) => variant === "full" && length === 40)).toMatchObject({
      pairs: 10 + 5 * 30,
    });
    expect(
      cases
        .filter(({ variant }) => variant === "full")
        .every(({ fidelity_error: error }) => (error ?? 1) < 1e-5),
    ).toBe(true);
    const rows = csvRows(readFileSync("run.csv", "utf8"));
    expect(rows[0]).toMatchObject({ scale: "0.1", mask: "left=4,from=6" });
    expect(rows.find(({ variant }) => variant === "full")).toMatchObject({ ideal_speedup: "1" });
    const again = await commandLine("run --replay run.jsonl --out again.jsonl");
    expect(again.code).toBe(0);
    expect(
      casesOf("again.jsonl")
        .map(({ case: name }) => name)
        .sort(),
    ).toEqual(cases.map(({ case: name }) => name).sort());
    const resumed = await commandLine("run --resume run.jsonl --scale 0.1");
    expect(resumed).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("--scale: the plan comes from the file"),
    });
  });

  test("says nothing of scale where none is given, and is no comparison for one that has another", async () => {
    const small = "run --variants local --lengths 16 --rounds 1";
    await commandLine(`${small} --out usual.jsonl`);
    await commandLine(`${small} --scale 0.5 --out scaled.jsonl`);
    const usual = readFileSync("usual.jsonl", "utf8") + readFileSync("usual.csv", "utf8");
    expect(usual).not.toMatch(/scale|mask|tensors/);
    expect(casesOf("scaled.jsonl")).toMatchObject([
      { scale: 0.5, case: "local(window=128)/wasm/b1h1n16d64/scale=0.5", outcome: "measured" },
    ]);
    const { code, stderr } = await commandLine("compare usual.jsonl scaled.jsonl");
    expect({ code, stderr }).toMatchObject({ code: 1, stderr: expect.stringContaining("scale") });
  });

  test("takes tensors by their names, which a run again takes, too", async () => {
    const bytes = 4 * COUNT;
    const names = ["q", "k", "v"].map((name, at) => [
      `layers.3.${name}`,
      { dtype: "F32", shape: [1, HEADS, LENGTH, HEAD_DIM], data_offsets: [at * bytes, (at + 1) * bytes] },
    ]);
    folder.write("layers.safetensors", rawSafetensors(Object.fromEntries(names), floatBytes(numbers)));
    const words = [
      "run",
      "--input",
      "layers.safetensors",
      "--variants",
      "local",
      "--lengths",
      "8",
      "--rounds",
      "1",
      "--out",
      "layers.jsonl",
    ];
    const { code } = await commandLine([...words, "--tensors", "layers.{3}.{q,k,v}"]);
    expect(code).toBe(0);
    expect(readLines("layers.jsonl").run.plan.tensors).toBe("layers.{3}.{q,k,v}");
    expect(casesOf("layers.jsonl")[0].input).toBe(
      "file:layers.safetensors (layers.3.q, layers.3.k, layers.3.v)",
    );
    expect((await commandLine("run --replay layers.jsonl --out layers2.jsonl")).code).toBe(0);
    const written = await commandLine([
      "apply",
      "--tensors",
      "layers.3.q",
      "layers.3.k",
      "layers.3.v",
      "full",
      "--input",
      "layers.safetensors",
      "--output",
      "out.safetensors",
    ]);
    expect(written.code).toBe(0);
    expect(largestError(attention(0.5, () => true))).toBeLessThan(1e-5);
  });
});

test("no shard of a checkpoint is lost to an output", async () => {
  const shard = readFileSync(captured("model-1.safetensors", {}));
  const map = { q: "model-1.safetensors", k: "model-1.safetensors", v: "model-1.safetensors" };
  folder.write("model.safetensors.index.json", JSON.stringify({ weight_map: map }));
  const { code, stderr } = await commandLine(
    "apply full --input model.safetensors.index.json --output model-1.safetensors",
  );
  expect({ code, stderr }).toMatchObject({
    code: 2,
    stderr: expect.stringContaining("must be a different file from the input"),
  });
  expect(readFileSync("model-1.safetensors")).toEqual(shard);
});

test.each(["0", "-1", "NaN", "Infinity", "1e400", "1e-40", "0x10", "1/8", "eight"])(
  "--scale %s is refused",
  async (scale) => {
    const { code, stderr } = await commandLine([
      "apply",
      "full",
      "--input",
      "gaussian",
      "--length",
      "8",
      "--output",
      "never.safetensors",
      `--scale=${scale}`,
    ]);
    expect({ code, stderr }).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("--scale: must be a number from 1e-30 to 1e+30, such as 0.125, got"),
    });
  },
);
