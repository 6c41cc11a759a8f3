import { expect, test } from "vitest";
import type { TableRow } from "../../src/core/table-one.ts";
import { declareVariant, findVariant } from "../../src/core/variant.ts";
import { MOST_TOKENS, tableEntry, withTableOne } from "../../src/library/table-one.ts";
import { builtInKinds, kindsOf } from "../../src/mechanisms/kinds.ts";
import { simpleKind } from "../../src/mechanisms/simple-kind.ts";
import { softmaxPattern } from "../../src/mechanisms/softmax-pattern/declare.ts";
import { everything } from "../../src/pattern/band.ts";
import { lettersOf, lettersText, pathText, valueText } from "../../src/text/table-one.ts";
import { variants } from "../../variants/index.ts";
import { sampleResults } from "../report/sample-results.ts";

const usual = { params: {}, causal: false, heads: 1, headDim: 64 };

function entryOf(id: string, lengths: readonly number[], more: object = {}) {
  return tableEntry(findVariant(variants, id), builtInKinds, { ...usual, lengths, ...more });
}

test("a variant's row has its formulas, their values, and what a search found", () => {
  const local = entryOf("local", [512], { params: { window: 100 } });
  expect(local.perLayer[0].text).toBe("N(2w + 1)d");
  expect(lettersOf(local)).toEqual({ w: 100 });
  // Rows near the ends have fewer keys: w(w + 1) pairs are missing.
  expect(local.perLayer[0].values).toEqual([{ length: 512, value: (512 * 201 - 100 * 101) * 64 }]);
  expect(local.path[0].values).toEqual([{ length: 512, value: 6 }]);
  expect(local.searches).toEqual([{ length: 512, layers: 6, exact: true }]);
  expect(pathText(local, 512)).toBe("6 ✓");
});

test("the comparison with convolutions and recurrent networks has their numbers", () => {
  const [full, lstm, conv] = ["full", "lstm", "conv-full"].map((id) => entryOf(id, [4096], { causal: true }));
  expect([full, lstm, conv].map(({ sequential }) => valueText(sequential, 4096))).toEqual(["1", "4096", "1"]);
  expect([full, lstm, conv].map(({ path }) => valueText(path, 4096))).toEqual(["1", "4096", "1365"]);
  expect(lstm.perLayer[0].values[0].value).toBe(4096 * 64 ** 2);
  expect(conv.perLayer[0].values[0].value).toBe(4096 * 4 * 64 ** 2);
});

test("what can be computed in several ways has a value for each, in their order, and letters that are defined", () => {
  for (const id of ["linear", "retention", "gla", "delta", "rwkv7", "aft-simple", "conv-full", "min-gru"]) {
    for (const length of [2, 512]) {
      const entry = entryOf(id, [length], { causal: true });
      const { perLayer, sequential, path } = entry;
      for (const [cells, text] of [
        [perLayer, valueText(perLayer, length)],
        [sequential, valueText(sequential, length)],
        [path, pathText(entry, length)],
      ] as const) {
        if (text !== "–") expect([id, text.split(" | ").length]).toEqual([id, cells.length]);
      }
      for (const { text, letters = {} } of sequential) {
        for (const [letter] of text.matchAll(/\b[A-Z]\b/g))
          expect(["N", ...Object.keys(letters)]).toContain(letter);
      }
    }
  }
  const { sequential } = entryOf("retention", [512], { causal: true });
  expect(valueText(sequential, 512)).toBe("1 | 9 | – | 512");
  expect(lettersText(sequential)).toBe("C = tokens of a chunk");
});

test("a variant is causal, or not, as it can be", () => {
  expect(entryOf("lstm", [8]).causal).toBe(true);
  expect(entryOf("swin", [64], { causal: true }).causal).toBe(false);
  expect(entryOf("full", [8], { causal: true }).causal).toBe(true);
});

test("lengths at which a pattern is not defined, or that are too long to count, have no value", () => {
  const { perLayer, path, searches } = entryOf("neighbourhood", [64, 65, 2 * MOST_TOKENS]);
  expect(perLayer[0].values.map(({ value }) => value === null)).toEqual([false, true, true]);
  expect(path[0].values.map(({ value }) => value === null)).toEqual([false, true, true]);
  expect(searches.map(({ length }) => length)).toEqual([64]);
});

test.each([
  ["of all tokens", { layers: 4, exact: true }, "4 ✓"],
  ["of some", { layers: 4, exact: false }, "4 (✓)"],
  ["of some, shorter", { layers: 3, exact: false }, "4 ≥ 3"],
  ["of all, shorter: a wrong formula", { layers: 3, exact: true }, "4 ✗ 3"],
  ["longer: a wrong formula", { layers: 5, exact: false }, "4 ✗ 5"],
  ["never", { layers: Number.POSITIVE_INFINITY, exact: true }, "4 ✗ ∞"],
])("a path length of 4 beside a search %s", (_, search, text) => {
  const entry = { ...entryOf("local", [512]), searches: [{ length: 512, ...search }] };
  expect(pathText(entry, 512)).toBe(text);
});

test("a bound says what was found below it, and words what was found at all", () => {
  expect(pathText(entryOf("swin", [512]), 512)).toMatch(/^\d+ of ≤ 20$/);
  expect(pathText(entryOf("graph", [512]), 512)).toMatch(/^(\d+|∞) found$/);
  expect(pathText(entryOf("moba", [512]), 512)).toBe("–");
});

test("rows of a results file are made for passes of built-in variants, one for each setting", () => {
  const { tableOne = [] } = withTableOne(sampleResults({ variants: 12, kernels: ["js", "wasm"] }));
  const ids = tableOne.map(({ variant }) => variant);
  expect(new Set(ids).size).toBe(ids.length);
  expect(ids).toContain("local");
  expect(ids.every((id) => variants.some((variant) => variant.id === id))).toBe(true);
});

test("calls that attend other pairs than the variant says have no row", () => {
  const masked = sampleResults({
    variants: 1,
    alter: (line) => ({ ...line, mask: { left: 5, right: 0, from: 0, to: null } }),
  });
  expect(withTableOne(masked).tableOne).toEqual([]);
  const fewer = sampleResults({ variants: 1, alter: (line) => ({ ...line, queries: 1 }) });
  expect(withTableOne(fewer).tableOne).toEqual([]);
});

test.each([-1, 0.5, 1e300, null, "x"])("a parameter that no declaration allows does no harm: %s", (value) => {
  const params = { window: value, stride: value, tokens: value, block: value, eps: value, left: value };
  const results = sampleResults({ alter: (line) => ({ ...line, params }) });
  expect(withTableOne(results).tableOne?.every(({ variant }) => variant !== "local")).toBe(true);
});

test.each<[string, TableRow, string]>([
  ["no text", { perLayer: { text: "" } }, "mine: table: a formula must have a text, got ''"],
  [
    "a value that is no number",
    { path: [{ text: "N − 2", at: () => Number.NaN }] },
    "mine: table: the value of N − 2 must be a number from 0 on, or Infinity, got NaN",
  ],
  [
    "a negative value",
    { sequential: [{ text: "N − 9", at: ({ length }) => length - 9 }] },
    "mine: table: the value of N − 9 must be a number from 0 on, or Infinity, got -1",
  ],
])("a plug-in's formula with %s is refused in a line", (_, table, line) => {
  const mine = softmaxPattern({
    id: "mine",
    title: "Mine",
    source: "nobody",
    params: {},
    pattern: () => everything(),
    table: () => table,
    exponent: () => 2,
  });
  expect(() => tableEntry(mine, builtInKinds, { ...usual, lengths: [8] })).toThrow(line);
});

test("a variant of a kind that says nothing has dashes", () => {
  const silent = simpleKind<{ kind: "silent" }>({
    id: "silent",
    flops: () => 1,
    reference: ({ v }) => Float64Array.from(v),
    laws: [],
  });
  const variant = declareVariant(
    { id: "mine", title: "Mine", source: "nobody", params: {}, exponent: () => 1 },
    () => ({ kind: "silent" }),
  );
  const entry = tableEntry(variant, kindsOf([silent]), { ...usual, lengths: [8] });
  expect([entry.perLayer, entry.sequential, entry.path, entry.searches]).toEqual([[], [], [], []]);
  expect([valueText(entry.perLayer, 8), pathText(entry, 8)]).toEqual(["–", "–"]);
});
