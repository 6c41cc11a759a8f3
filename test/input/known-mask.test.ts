import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { KeyMask } from "../../src/core/call-settings.ts";
import { knownMask } from "../../src/input/known-mask.ts";
import { safetensorsSet } from "../../src/input/safetensors.ts";
import { aligned } from "../../src/pattern/aligned.ts";
import { everything } from "../../src/pattern/band.ts";
import { causal } from "../../src/pattern/causal.ts";
import { within } from "../../src/pattern/within.ts";
import { masks } from "../pattern/arbitrary-patterns.ts";
import { floatBytes, rawSafetensors, truthBytes } from "./raw-files.ts";
import { refusal } from "./refusal.ts";
import { scratchFolder } from "./scratch-folder.ts";

const folder = scratchFolder();
const BATCH = 2;
const HEADS = 3;

/** A mask in a file, of this shape; floats where `additive`. */
function stored(shape: readonly number[], values: Iterable<number>, dtype: "BOOL" | "F32") {
  const list = [...values];
  const data = dtype === "F32" ? floatBytes(list) : truthBytes(list.map(Boolean));
  const header = { mask: { dtype, shape, data_offsets: [0, data.length] } };
  return safetensorsSet(folder.write("mask.safetensors", rawSafetensors(header, data))).tensor("mask");
}

/** Rows of a pattern, `[queries, length]`. */
function rowsOf(
  length: number,
  attends: (query: number, key: number) => boolean,
  queries = length,
): number[] {
  return Array.from({ length: queries * length }, (_, at) =>
    Number(attends(Math.floor(at / length), at % length)),
  );
}

/** What a mask is broadcast to if queries and keys are the same tokens. */
function self(batch: number, heads: number, length: number) {
  return { batch, heads, queries: length, length };
}

/** Bound at a length, the last query at the last key. */
function patternOf(past: boolean, mask: KeyMask | null, length: number, queries: number) {
  const pattern = mask === null ? everything() : within(everything(), mask);
  return aligned(past ? causal(pattern) : pattern, queries).bind({ length, head: 0 });
}

describe("a mask that was captured", () => {
  it("is found to be the window and padding that it was made of, however it is broadcast and written", () => {
    const slices = fc.constantFrom<number[][]>([], [1, 1], [BATCH, 1], [1, HEADS], [HEADS], [BATCH, HEADS]);
    fc.assert(
      fc.property(
        masks,
        fc.integer({ min: 1, max: 70 }),
        fc.option(fc.integer({ min: 1, max: 90 }), { nil: undefined }),
        fc.boolean(),
        slices,
        fc.boolean(),
        (mask, length, others, past, ahead, additive) => {
          const queries = others ?? length;
          const wanted = patternOf(past, mask, length, queries);
          const rows = rowsOf(length, wanted.attends, queries);
          const right = Math.min(mask.right ?? Number.POSITIVE_INFINITY, past ? 0 : Number.POSITIVE_INFINITY);
          // Aligned at the first key, which is refused.
          fc.pre(rows.includes(1) && (queries === length || right !== queries - length));
          const copies = ahead.reduce((product, size) => product * size, 1 as number);
          const all = Array.from({ length: copies }, () => rows).flat();
          const numbers = additive ? all.map((value) => (value === 1 ? 0 : Number.NEGATIVE_INFINITY)) : all;
          const tensor = stored([...ahead, queries, length], numbers, additive ? "F32" : "BOOL");
          const found = knownMask(tensor, { batch: BATCH, heads: HEADS, queries, length });
          const bound = patternOf(found.causal, found.mask, length, queries);
          expect(rowsOf(length, bound.attends, queries)).toEqual(rows);
        },
      ),
    );
  });

  it("leaves nothing out where it is all true, is causal where it leaves out the future, and knows a row of padding", () => {
    const shape = self(BATCH, HEADS, 9);
    const of = (values: number[], own = [9, 9]) => knownMask(stored(own, values, "BOOL"), shape);
    expect(of(rowsOf(9, () => true))).toEqual({ causal: false, mask: null });
    expect(of([1], [1])).toEqual({ causal: false, mask: null });
    expect(of(rowsOf(9, (i, j) => j <= i))).toEqual({ causal: true, mask: null });
    expect(of(rowsOf(9, (i, j) => j < i))).toEqual({
      causal: true,
      mask: { left: null, right: -1, from: 0, to: null },
    });
    expect(of([1, 1, 1, 1, 1, 0, 0, 0, 0], [1, 1, 1, 9])).toEqual({
      causal: false,
      mask: { left: null, right: null, from: 0, to: 5 },
    });
    const window = { left: 2, right: null, from: 3, to: null };
    expect(of(rowsOf(9, (i, j) => j <= i && i - j <= 2 && j >= 3))).toEqual({ causal: true, mask: window });
  });

  it("takes the lowest finite number for -inf, as models write it, where a key is left to the row", () => {
    const lowest = -3.4028234663852886e38;
    const rows = (from: number) =>
      rowsOf(8, (i, j) => j <= i && j >= from).map((one) => (one === 1 ? 0 : lowest));
    expect(knownMask(stored([8, 8], rows(0), "F32"), self(1, 1, 8))).toEqual({ causal: true, mask: null });
    expect(refusal(() => knownMask(stored([8, 8], rows(2), "F32"), self(1, 1, 8)))).toContain(
      "must leave each row a key, got none in row 0",
    );
  });

  it("stands at the last key if queries and keys are different tokens", () => {
    const of = (queries: number, length: number, attends: (query: number, key: number) => boolean) =>
      knownMask(stored([queries, length], rowsOf(length, attends, queries), "BOOL"), {
        ...self(BATCH, HEADS, length),
        queries,
      });
    expect(of(3, 9, (i, j) => j <= i + 6)).toEqual({ causal: true, mask: null });
    expect(of(5, 3, (i, j) => j <= i - 2)).toEqual({ causal: true, mask: null });
    expect(of(1, 9, () => true)).toEqual({ causal: false, mask: null });
    const window = { left: 2, right: null, from: 0, to: null };
    expect(of(3, 9, (i, j) => j <= i + 6 && j >= i + 4)).toEqual({ causal: true, mask: window });
    // A cache with room for more: the second of its nine keys is that of the first query.
    const room = { left: null, right: -5, from: 0, to: null };
    expect(of(3, 9, (i, j) => j <= i + 1)).toEqual({ causal: true, mask: room });
  });

  it.each([
    [2, 5, "no query attends the last 3 keys: save k, v and the mask without them"],
    [5, 2, "omit the mask to measure without it, or with --causal"],
  ])(
    "is refused if it makes %d queries of %d keys causal from the first key on",
    (queries, length, advice) => {
      const shape = { ...self(1, 1, length), queries };
      const tensor = stored(
        [queries, length],
        rowsOf(length, (i, j) => j <= i, queries),
        "BOOL",
      );
      expect(refusal(() => knownMask(tensor, shape))).toContain(
        `must be aligned at the last key, got ${queries} queries of ${length} keys aligned at the first; ${advice}`,
      );
    },
  );

  const N = 6;
  const all = N * N;
  const refused: [string, number[], number[], "BOOL" | "F32", string][] = [
    [
      "ALiBi",
      [N, N],
      rowsOf(N, () => true).map((_, at) => -0.5 * (at % N)),
      "F32",
      "must be 0 or -inf, got -0.5 at [0, 1]; biases such as ALiBi",
    ],
    [
      "-10000 for -inf",
      [N, N],
      rowsOf(N, (i, j) => j > i).map((one) => -10000 * one),
      "F32",
      "save mask > -1",
    ],
    ["NaN", [N, N], Array(all).fill(Number.NaN), "F32", "got NaN at [0, 0]; a mask of such numbers gives no"],
    [
      "infinity",
      [N, N],
      Array(all).fill(Number.POSITIVE_INFINITY),
      "F32",
      "got Infinity at [0, 0]; a mask of such numbers",
    ],
    [
      "every second key",
      [N, N],
      rowsOf(N, (_, j) => j % 2 === 0),
      "BOOL",
      "row 0 with keys 0 to 0 and 2 but not between",
    ],
    [
      "rows of padding that see everything",
      [N, N],
      rowsOf(N, (i, j) => i < 2 || (j <= i && j >= 2)),
      "BOOL",
      "got row 0 with keys 0 to 5, unlike its neighbours",
    ],
    [
      "heads that differ",
      [3, N, N],
      [...rowsOf(N, () => true), ...rowsOf(N, (i, j) => j <= i), ...rowsOf(N, () => true)],
      "BOOL",
      "got head 1 different from head 0",
    ],
    [
      "texts of two lengths",
      [2, 1, 1, N],
      [1, 1, 1, 1, 0, 0, 1, 1, 1, 1, 1, 0],
      "BOOL",
      "texts of different lengths with padding; capture texts of one length",
    ],
    [
      "no key at all",
      [N, N],
      Array(all).fill(0),
      "BOOL",
      "must leave at least one key, got no key in any row",
    ],
    [
      "another length",
      [N, N + 1],
      Array(all + N).fill(1),
      "BOOL",
      "must be broadcastable to [2, 3, 6, 6], got [6, 7]",
    ],
    ["five dimensions", [1, 1, 1, N, N], Array(all).fill(1), "BOOL", "must be broadcastable"],
    [
      "a tokenizer's mask",
      [2, N],
      Array(2 * N).fill(1),
      "BOOL",
      "if it is padding, save mask[:, None, None, :]",
    ],
  ];
  it.each(refused)("is refused by its name: %s", (_, shape, values, dtype, message) => {
    expect(refusal(() => knownMask(stored(shape, values, dtype), self(BATCH, HEADS, N)))).toContain(message);
  });

  it("may be whole numbers of any width, which must be 0 or 1", () => {
    const data = Buffer.alloc(32);
    for (const [at, value] of [1n, 0n, 1n, 1n].entries()) data.writeBigInt64LE(value, 8 * at);
    const file = (last: bigint) => {
      data.writeBigInt64LE(last, 24);
      const header = { mask: { dtype: "I64", shape: [2, 2], data_offsets: [0, 32] } };
      return safetensorsSet(folder.write("whole.safetensors", rawSafetensors(header, data))).tensor("mask");
    };
    expect(knownMask(file(1n), self(1, 1, 2))).toEqual({ causal: true, mask: null });
    expect(refusal(() => knownMask(file(-1n), self(1, 1, 2)))).toContain(
      "must be true or false, got -1 at [1, 1]; save mask.bool()",
    );
  });
});
