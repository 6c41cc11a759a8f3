import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { findTensor, openSafetensors } from "../../src/input/safetensors.ts";
import { readTensor } from "../../src/input/stored-tensor.ts";
import { writeSafetensors } from "../../src/input/write-safetensors.ts";
import { readLines } from "../../src/record/read.ts";
import type { CaseLine } from "../../src/record/schema/result-lines.ts";
import { scratchFolder } from "../input/scratch-folder.ts";
import { csvRows } from "../record/csv-rows.ts";
import { commandHost } from "./hosted.ts";

const folder = scratchFolder();
const plugin = join(import.meta.dirname, "../plugin/any-shape.ts");
// Plug-ins are imported by Node itself.
const ended = commandHost(folder.path);
const ours = `--plugin ${plugin} --kernel any-shape`;

/** Of one call: heads of q and of k and v, queries, keys, and widths of keys and of values. */
interface Sizes {
  readonly heads: number;
  readonly kvHeads: number;
  readonly queries: number;
  readonly keys: number;
  readonly d: number;
  readonly dv: number;
}

const grouped: Sizes = { heads: 4, kvHeads: 2, queries: 24, keys: 24, d: 6, dv: 6 };
const step: Sizes = { heads: 4, kvHeads: 1, queries: 1, keys: 24, d: 6, dv: 4 };
const part: Sizes = { heads: 2, kvHeads: 2, queries: 5, keys: 24, d: 6, dv: 6 };
const more: Sizes = { heads: 2, kvHeads: 1, queries: 30, keys: 24, d: 6, dv: 9 };

const numbersOf = (count: number, phase: number) =>
  Float32Array.from({ length: count }, (_, at) => 2 * Math.sin(phase + at * 1.7));

function tensorsOf({ heads, kvHeads, queries, keys, d, dv }: Sizes) {
  return {
    q: { shape: [1, heads, queries, d], data: numbersOf(heads * queries * d, 0) },
    k: { shape: [1, kvHeads, keys, d], data: numbersOf(kvHeads * keys * d, 1) },
    v: { shape: [1, kvHeads, keys, dv], data: numbersOf(kvHeads * keys * dv, 2) },
  };
}

/** What the call gives, in float64, by its definition; the keys up to `length` only. */
function attention(sizes: Sizes, causal: boolean, length = sizes.keys): number[] {
  const { heads, kvHeads, queries, keys, d, dv } = sizes;
  const { q, k, v } = tensorsOf(sizes);
  const out: number[] = [];
  for (let head = 0; head < heads; head++) {
    const shared = Math.floor((head * kvHeads) / heads);
    for (let query = 0; query < queries; query++) {
      const row = q.data.subarray((head * queries + query) * d, (head * queries + query + 1) * d);
      const seen = Array.from({ length }, (_, key) => key).filter(
        (key) => !causal || key <= query + length - queries,
      );
      const weights = seen.map((key) =>
        Math.exp(
          row.reduce((sum, x, i) => sum + x * k.data[(shared * keys + key) * d + i], 0) / Math.sqrt(d),
        ),
      );
      const total = weights.reduce((sum, weight) => sum + weight, 0);
      for (let i = 0; i < dv; i++) {
        const value = (key: number) => v.data[(shared * keys + key) * dv + i];
        out.push(seen.reduce((sum, key, at) => sum + (weights[at] * value(key)) / total, 0));
      }
    }
  }
  return out;
}

function captured(sizes: Sizes, metadata: Record<string, string> = {}): string {
  const path = join(folder.path, "captured.safetensors");
  writeSafetensors(path, tensorsOf(sizes), metadata);
  return path;
}

function largestError(expected: readonly number[]): number {
  const got = readTensor(findTensor(openSafetensors(join(folder.path, "out.safetensors")), "out"));
  expect(got).toHaveLength(expected.length);
  return got.reduce((most, value, at) => Math.max(most, Math.abs(value - expected[at])), 0);
}

describe("apply on a captured call", () => {
  test.each<[string, Sizes, boolean, object]>([
    ["of grouped heads", grouped, true, { kv_heads: 2 }],
    [
      "of a decode step with grouped heads and narrower values",
      step,
      false,
      { kv_heads: 1, queries: 1, value_dim: 4 },
    ],
    ["of a part of a text with a cache", part, true, { queries: 5, alignment: "end" }],
    ["of more queries than keys and wider values", more, false, { kv_heads: 1, queries: 30, value_dim: 9 }],
    ["of more queries than keys, the first of which see none", more, true, { queries: 30, alignment: "end" }],
  ])("%s gives what the definition gives", async (_, sizes, causal, told) => {
    const words = `apply full ${ours} --input ${captured(sizes)} --output out.safetensors --json`;
    const { code, stdout, stderr } = await ended(causal ? `${words} --causal` : words);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(largestError(attention(sizes, causal))).toBeLessThan(1e-5);
    const out = openSafetensors(join(folder.path, "out.safetensors"));
    expect(findTensor(out, "out").shape).toEqual([1, sizes.heads, sizes.queries, sizes.dv]);
    expect(JSON.parse(stdout)).toMatchObject({ shape: [1, sizes.heads, sizes.keys, sizes.d], ...told });
    expect(JSON.parse(stdout).fidelity_error).toBeLessThan(1e-5);
    if (!("alignment" in told)) expect(stdout).not.toContain("alignment");
  });

  test("says what differs from the usual shape, and where the queries stand", async () => {
    const input = captured({ ...part, kvHeads: 1, dv: 3 });
    const { stdout } = await ended(`apply full ${ours} --input ${input} --output out.safetensors --causal`);
    expect(stdout.split("\n")[0]).toBe(
      `full by any-shape on file:${input} [1, 2, 24, 6] (1 head of k and v, 5 queries, values 3 wide), causal with the last query at the last key`,
    );
  });

  test("takes the first keys and all queries if a length is asked for", async () => {
    const words = `apply full ${ours} --input ${captured(part)} --length 9 --output out.safetensors`;
    expect((await ended(`${words} --causal`)).code).toBe(0);
    expect(largestError(attention(part, true, 9))).toBeLessThan(1e-5);
  });

  test.each([
    [grouped, "--kv-heads 4", "--kv-heads: the input has 2, got 4; omit the option"],
    [part, "--queries 4", "--queries: the input has 5, got 4; omit the option"],
    [step, "--value-dim 6", "--value-dim: the input has 4, got 6; omit the option"],
    [step, "--mode decode", "--mode decode: the input must have a query for each key, got 1 for 24"],
  ])("is refused another shape than its own: %#", async (sizes, words, message) => {
    const all = `apply full ${ours} --input ${captured(sizes)} --output out.safetensors ${words}`;
    const { code, stderr } = await ended(all);
    expect({ code, lines: stderr.trimEnd().split("\n").length }).toEqual({ code: 2, lines: 1 });
    expect(stderr).toContain(message);
  });

  test("with is_causal at the first key is refused in one line", async () => {
    const input = captured(part, { is_causal: "True" });
    const { code, stderr } = await ended(`apply full ${ours} --input ${input} --output out.safetensors`);
    expect({ code, lines: stderr.trimEnd().split("\n").length }).toEqual({ code: 2, lines: 1 });
    expect(stderr).toContain("is_causal must be False with 5 queries and 24 keys");
  });
});

test.each(["js", "wasm"])(
  "apply by %s decodes a captured call of grouped heads with narrower values",
  async (kernel) => {
    const sizes = { ...grouped, dv: 4 };
    const words = `apply full --kernel ${kernel} --input ${captured(sizes)} --output out.safetensors`;
    const decoded = await ended(`${words} --mode decode`);
    expect(decoded).toMatchObject({ code: 0, stderr: "" });
    expect(decoded.stdout).toContain(
      "[1, 4, 24, 6] (2 heads of k and v, values 4 wide), causal, token by token",
    );
    expect(largestError(attention(sizes, true))).toBeLessThan(1e-5);
    expect((await ended(words)).code).toBe(0);
    expect(largestError(attention(sizes, false))).toBeLessThan(1e-5);
  },
);

describe("run", () => {
  const casesIn = (name: string): CaseLine[] =>
    readLines(join(folder.path, name)).lines.filter((line) => line.type === "case");

  test("measures the shapes that were asked for, and says which they are", async () => {
    const shape = "--heads 4 --kv-heads 2 --head-dim 6 --value-dim 4 --queries 9 --causal";
    const words = `run ${ours} --variants full,local --set local.window=3 ${shape} --lengths 9,16,33 --rounds 1`;
    const { code, stderr } = await ended(`${words} --out asked.jsonl`);
    expect({ code, stderr }).toMatchObject({ code: 0 });
    const cases = casesIn("asked.jsonl");
    expect(cases.map(({ case: name, outcome }) => `${name} ${outcome}`).sort()).toEqual(
      ["b1h4kv2n9d6v4", "b1h4kv2m9n16d6v4", "b1h4kv2m9n33d6v4"]
        .flatMap((one) => [
          `full/any-shape/${one}/causal measured`,
          `local(window=3)/any-shape/${one}/causal measured`,
        ])
        .sort(),
    );
    const at = (variant: string, length: number) =>
      cases.find((one) => one.variant === variant && one.length === length);
    // Nine queries of 33 keys, the last of which sees them all.
    expect(at("full", 33)).toMatchObject({ pairs: 9 * 33 - 36, alignment: "end", exponent: 1 });
    expect(at("full", 33)?.useful_flops).toBe(2 * (6 + 4) * 4 * (9 * 33 - 36));
    expect(at("local", 33)).toMatchObject({ pairs: 9 * 4, exponent: 0 });
    // As many queries as keys are the same tokens.
    expect(at("full", 9)).toMatchObject({ pairs: 45, exponent: 2 });
    expect(at("full", 9)).not.toHaveProperty("alignment");
    const rows = csvRows(readFileSync(join(folder.path, "asked.csv"), "utf8"));
    const row = rows.find((one) => one.variant === "local" && one.length === "33");
    expect(row).toMatchObject({ kv_heads: "2", queries: "9", value_dim: "4", alignment: "end" });
    const again = await ended(`run --plugin ${plugin} --replay asked.jsonl --dry-run --json`);
    const planned = JSON.parse(again.stdout).cases as CaseLine[];
    expect(planned.map((one) => [one.case, one.alignment]).sort()).toEqual(
      cases.map((one) => [one.case, one.alignment]).sort(),
    );
  });

  test("takes the shape of a captured call from its file, and cuts its keys alone", async () => {
    const { code } = await ended(
      `run ${ours} --variants full --input ${captured(step)} --lengths 7,24 --rounds 1 --out step.jsonl`,
    );
    expect(code).toBe(0);
    expect(casesIn("step.jsonl")).toMatchObject(
      [7, 24].map((length) => ({
        length,
        ...{
          outcome: "measured",
          heads: 4,
          kv_heads: 1,
          queries: 1,
          head_dim: 6,
          value_dim: 4,
          pairs: length,
        },
      })),
    );
    expect(casesIn("step.jsonl")[0].fidelity_error).toBeLessThan(1e-5);
  });

  test("gives a text's last tokens as queries at every length, and refuses more than there are", async () => {
    const text = folder.write("text.txt", "one two three four five six seven eight nine ten ".repeat(4));
    const words = `run ${ours} --variants full --input text:${text} --head-dim 4 --rounds 1 --queries 8`;
    expect((await ended(`${words} --lengths 10,40 --out text.jsonl`)).code).toBe(0);
    expect(casesIn("text.jsonl").map((one) => [one.length, one.outcome])).toEqual([
      [10, "measured"],
      [40, "measured"],
    ]);
    const { code, stderr } = await ended(`${words} --lengths 4,40 --out none.jsonl`);
    expect(code).toBe(2);
    expect(stderr).toContain(
      "queries are the text's last tokens and must be at most as many as keys, got 8 for 4",
    );
  });

  test("says why a kernel without freedoms skips such a case", async () => {
    const sink = join(import.meta.dirname, "../plugin/sink.ts");
    const { code, stderr } = await ended(
      `run --plugin ${sink} --kernel plain --variants full --heads 2 --kv-heads 1 --lengths 8 --dry-run`,
    );
    expect(code).toBe(2);
    expect(stderr).toContain("it takes as many heads of k and v as of q, got 1 for 2");
  });
});
