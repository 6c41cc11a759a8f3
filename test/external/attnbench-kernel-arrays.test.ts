import { join } from "node:path";
import * as fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Dialogue } from "./dialogue.ts";
import { pythonWith } from "./pythons.ts";
import { caseOf, type HeadRows, numbersOf, SharedCase, unwritten } from "./shared-case.ts";
import { keysOf, type Stored } from "./shared-files.ts";

/** Rows of ranges that rise and do not touch, of one head or of several. */
const patterns = fc
  .record({
    length: fc.integer({ min: 1, max: 24 }),
    queries: fc.integer({ min: 1, max: 12 }),
    heads: fc.constantFrom(1, 1, 3),
  })
  .chain(({ length, queries, heads }) => {
    const row = fc
      .uniqueArray(fc.integer({ min: 0, max: length }), { maxLength: 20 })
      .map((edges) => edges.sort((a, b) => a - b).slice(0, edges.length - (edges.length % 2)));
    const rows = fc.array(row, { minLength: queries, maxLength: queries });
    const head = fc.oneof(
      { arbitrary: rows, weight: 4 },
      fc.constant(Array.from({ length: queries }, () => [0, length])),
    );
    return fc.record({
      length: fc.constant(length),
      pattern: fc.array(head, { minLength: heads, maxLength: heads }),
    });
  });

/** A block of which one pair is missing, beside one that is full. */
const allButOne = Array.from({ length: 8 }, (_, row) => [row === 3 ? 1 : 0, 16]);

/** 1 where a pair is attended, `[heads, queries, length]`. */
function attended(pattern: HeadRows, length: number): readonly number[] {
  return pattern.flat().flatMap((row) => {
    const keys = new Set(keysOf(row));
    return Array.from({ length }, (_, key) => Number(keys.has(key)));
  });
}

/** 2 where a pair's block is attended as a whole, 1 where it is in part. */
function byBlock(pattern: HeadRows, length: number, size: number): readonly number[] {
  const pairs = attended(pattern, length);
  const queries = pattern[0].length;
  return pairs.map((_, at) => {
    const [key, query, head] = [
      at % length,
      Math.floor(at / length) % queries,
      Math.floor(at / length / queries),
    ];
    const [row, column] = [Math.floor(query / size) * size, Math.floor(key / size) * size];
    let count = 0;
    for (let i = row; i < Math.min(row + size, queries); i++) {
      for (let j = column; j < Math.min(column + size, length); j++)
        count += pairs[(head * queries + i) * length + j];
    }
    return count === size * size ? 2 : Math.min(count, 1);
  });
}

const plain = pythonWith();
const withNumpy = pythonWith("numpy");
const withTorch = pythonWith("torch");
const withFlex = pythonWith("torch.nn.attention.flex_attention");

test("there is a Python with NumPy to try arrays with", (context) => {
  if (withNumpy === null) context.skip("no python3 here imports numpy: case.numpy is not tested");
  expect(withNumpy).toMatch(/python/);
});

test("there is a Python with PyTorch to try tensors with", (context) => {
  if (withTorch === null) context.skip("no python3 here imports torch: case.torch is not tested");
  expect(withTorch).toMatch(/python/);
});

test("there is a PyTorch with FlexAttention to try block masks with", (context) => {
  if (withFlex === null) context.skip("no python3 here has FlexAttention: case.block_mask is not tested");
  expect(withFlex).toMatch(/python/);
});

describe.each([
  { by: "Python", python: plain, kernels: ["by-ranges", "by-csr", "by-blocks"] },
  { by: "NumPy", python: withNumpy, kernels: ["by-numpy-mask"] },
  { by: "PyTorch", python: withTorch, kernels: ["by-torch-mask", "by-mask-mod", "by-bit-maps", "by-edges"] },
  { by: "FlexAttention", python: withFlex, kernels: ["by-block-mask"] },
])("a pattern as $by sees it", ({ python, kernels }) => {
  const size = 8;
  let dialogue: Dialogue;
  let shared: SharedCase;
  beforeAll(async () => {
    if (python === null) return;
    dialogue = new Dialogue([python, join(import.meta.dirname, "programs/patterns.py")]);
    shared = new SharedCase(dialogue);
    // The first of them imports what it needs.
    await written(kernels[0], 1, [[[0, 1]]]);
  });
  afterAll(async () => {
    if (python === null) return;
    await before;
    shared.remove();
    expect((await dialogue.end()).code).toBe(0);
  });

  let before: Promise<unknown> = Promise.resolve();

  /** What a kernel writes of a pattern. One after the other: a property that takes too long leaves one behind. */
  function written(kernel: string, length: number, heads: HeadRows): Promise<readonly number[]> {
    const mine = before.then(() => writtenNow(kernel, length, heads));
    before = mine.catch(() => {});
    return mine;
  }

  async function writtenNow(kernel: string, length: number, heads: HeadRows): Promise<readonly number[]> {
    const queries = heads[0].length;
    const sizes = { heads: heads.length, length, queries, value_dim: length };
    const rows = (count: number) => numbersOf([1, heads.length, count, 2]);
    const inputs = { q: rows(queries), k: rows(length), v: rows(length) };
    const output = unwritten([1, heads.length, queries, length]);
    const data = caseOf({ ...sizes, params: { size } });
    const { call, answer } = await shared.prepare(kernel, data, inputs, output, heads);
    expect(answer).toEqual({ ok: {} });
    const { out } = await shared.output(call);
    await dialogue.ask("dispose", { call });
    return [...out];
  }

  test.skipIf(python === null).each(kernels)("is the one that attnbench has: %s", async (kernel) => {
    await fc.assert(
      fc.asyncProperty(patterns, async ({ length, pattern }) => {
        // Edges of a graph are those of all heads.
        const heads = kernel === "by-edges" ? pattern.slice(0, 1) : pattern;
        const pairs = kernel === "by-blocks" ? byBlock(heads, length, size) : attended(heads, length);
        expect(await written(kernel, length, heads)).toEqual(pairs);
      }),
      { numRuns: 40, examples: [[{ length: 16, pattern: [allButOne] }]] },
    );
  });
});

const shape = [2, 4, 3, 2];
const data = caseOf({ batch: 2, heads: 4, kv_heads: 2, length: 5, queries: 3 });
const inputsBy = (factor: number) => ({
  ...{ q: numbersOf(shape, factor), k: numbersOf([2, 2, 5, 2], 2), v: numbersOf([2, 2, 5, 2], 3) },
  "aft.u": numbersOf([2, 2, 5], 4),
});
/** What the programs compute: q, the first row of k and the last number of what the kind has besides. */
const computed = ({ q, k, "aft.u": more }: ReturnType<typeof inputsBy>) =>
  [...q.data].map((number, at) => {
    const [width, entry, head] = [at % 2, Math.floor(at / 24), Math.floor(at / 6) % 4];
    const first = k.data[(entry * 2 + Math.floor(head / 2)) * 10 + width];
    return Math.fround(Math.fround(number + first) + more.data[19]);
  });

describe.each([
  { name: "numpy", python: withNumpy, kernels: ["writes", "returns"] },
  {
    name: "torch",
    python: withTorch,
    kernels: [
      "writes",
      "returns",
      "writes-tokens-first",
      "returns-tokens-first",
      "returns-an-array",
      "returns-without-asking",
    ],
  },
])("the tensors of $name", ({ name, python, kernels }) => {
  let dialogue: Dialogue;
  let shared: SharedCase;
  beforeAll(async () => {
    if (python === null) return;
    dialogue = new Dialogue([python, join(import.meta.dirname, `programs/arrays-${name}.py`)]);
    shared = new SharedCase(dialogue);
    // It has started, with all that it imports, when it answers.
    await dialogue.ask("hello", { protocol: [1], attnbench: "0" });
  });
  afterAll(async () => {
    if (python === null) return;
    shared.remove();
    expect((await dialogue.end()).code).toBe(0);
  });

  test.skipIf(python === null).each(kernels)(
    "are what attnbench wrote, before and after new numbers: %s",
    async (kernel) => {
      const { call, answer } = await shared.prepare(kernel, data, inputsBy(1), unwritten(shape));
      expect(answer).toEqual({ ok: {} });
      expect([...(await shared.output(call)).out]).toEqual(computed(inputsBy(1)));
      shared.write(call, inputsBy(7));
      await dialogue.ask("load", { call });
      const { answers, out } = await shared.output(call);
      expect(answers[1]).toEqual({ ok: { dtype: "float32", shape } });
      expect([...out]).toEqual(computed(inputsBy(7)));
    },
  );

  test.skipIf(python === null).each([
    [
      "wide",
      /^run returned float64 \[2, 4, 3, 2\], which must be float32 \[2, 4, 3, 2\]; return the output, or nothing/,
    ],
    ["long", /^run returned float32 \[2, 4, 3, 4\], which must be float32 \[2, 4, 3, 2\]; /],
  ])("are not taken for an output that is too %s", async (kernel, error) => {
    const { call } = await shared.prepare(kernel, data, inputsBy(1), unwritten(shape));
    expect((await shared.output(call)).answers[1]).toEqual({ error: expect.stringMatching(error) });
  });

  test.skipIf(python === null)("compute on as many threads as the case says", async () => {
    for (const threads of [1, 2, 1]) {
      const { call, answer } = await shared.prepare(
        "threads",
        { ...data, threads },
        inputsBy(1),
        unwritten(shape),
      );
      expect(answer).toEqual({ ok: {} });
      expect((await shared.output(call)).out[0]).toBe(threads);
    }
  });

  test.skipIf(python === null)("are of half precision where the case is", async () => {
    const halves = (numbers: Stored) => ({
      ...numbers,
      data: Float16Array.from(numbers.data as Float32Array),
    });
    const inputs = Object.fromEntries(
      Object.entries(inputsBy(1)).map(([key, numbers]) => [key, halves(numbers)]),
    );
    const output = halves(unwritten(shape));
    const { call, answer } = await shared.prepare("halves", { ...data, dtype: "float16" }, inputs, output);
    expect(answer).toEqual({ ok: {} });
    expect((await shared.output(call)).answers[1]).toEqual({ ok: { dtype: "float16", shape } });
  });

  test.skipIf(python === null)("are of bfloat16 where there is one", async () => {
    const inputs = { q: bfloats(shape), k: bfloats([2, 2, 5, 2]), v: bfloats([2, 2, 5, 2]) };
    const { answer } = await shared.prepare("halves", { ...data, dtype: "bfloat16" }, inputs, bfloats(shape));
    if (name === "torch" || pythonWith("numpy", "ml_dtypes") !== null) expect(answer).toEqual({ ok: {} });
    else {
      expect(answer).toEqual({
        error: "case.numpy: has no bfloat16 without the package ml_dtypes; use case.torch",
      });
    }
  });
});

/** Ones of bfloat16. */
function bfloats(sizes: readonly number[]): Stored {
  return { shape: sizes, data: new Uint16Array(numbersOf(sizes).data.length).fill(0x3f80) };
}
