import { describe, expect, it } from "vitest";
import { everyRow } from "../../../src/core/rows.ts";
import { type Shape, shapeOf } from "../../../src/core/shape.ts";
import { tensorNamed } from "../../../src/core/tensors.ts";
import { parameterize, type Variant } from "../../../src/core/variant.ts";
import { syntheticSource } from "../../../src/input/synthetic.ts";
import { callInputs } from "../../../src/mechanisms/call-inputs.ts";
import type { JudgedProblem } from "../../../src/mechanisms/judged.ts";
import { builtInKinds } from "../../../src/mechanisms/kinds.ts";
import { withNamed } from "../../../src/mechanisms/named-inputs.ts";
import { float64 } from "../../../src/mechanisms/oracle.ts";
import { whyUndefined } from "../../../src/mechanisms/why-undefined.ts";
import { detr } from "../../../variants/layer/detr.ts";
import { detrCross } from "../../../variants/layer/detr-cross.ts";
import { layers } from "../../../variants/layer/index.ts";
import { sagan } from "../../../variants/layer/sagan.ts";
import { workOf } from "../judge.ts";

function problemOf(
  variant: Variant,
  values: Record<string, number | boolean | null>,
  shape: Shape,
): JudgedProblem {
  const judged = builtInKinds.judged(parameterize(variant, values));
  const inputs = withNamed(judged, callInputs(judged, syntheticSource("gaussian", 5), shape), 5);
  return { ...judged, shape, causal: false, threads: 1, inputs };
}

function outputOf(problem: JudgedProblem): number[] {
  const rows = problem.kind.oracle(problem).rows(everyRow(problem.shape), float64);
  return rows.flatMap(({ values }) => [...values]);
}

/** A matrix as rows of numbers. */
type Matrix = number[][];

function matrix(values: ArrayLike<number>, width: number): Matrix {
  return Array.from({ length: values.length / width }, (_, r) =>
    Array.from({ length: width }, (_, c) => values[r * width + c]),
  );
}

function times(a: Matrix, b: Matrix): Matrix {
  return a.map((row) => b[0].map((_, c) => row.reduce((sum, x, i) => sum + x * b[i][c], 0)));
}

function plus(a: Matrix, b: Matrix): Matrix {
  return a.map((row, r) => row.map((x, c) => x + b[r][c]));
}

function columns(a: Matrix, from: number, to: number): Matrix {
  return a.map((row) => row.slice(from, to));
}

/** softmax(scale · q kᵀ) v. */
function attend(q: Matrix, k: Matrix, v: Matrix, scale: number): Matrix {
  return q.map((row) => {
    const powers = k.map((key) => Math.exp(scale * key.reduce((sum, x, i) => sum + x * row[i], 0)));
    const total = powers.reduce((sum, one) => sum + one, 0);
    return v[0].map((_, c) => v.reduce((sum, value, j) => sum + (powers[j] / total) * value[c], 0));
  });
}

function expectRows(output: readonly number[], rows: Matrix): void {
  const expected = rows.flat();
  expect(output).toHaveLength(expected.length);
  for (const [at, x] of expected.entries()) expect(Math.abs(output[at] - x)).toBeLessThan(1e-12);
}

describe("the block of SAGAN", () => {
  /** The largest of each square of an image of 4 rows of 6 pixels. */
  const pooled = (a: Matrix): Matrix =>
    [0, 2, 4, 12, 14, 16].map((first) =>
      a[0].map((_, c) => Math.max(...[0, 1, 6, 7].map((by) => a[first + by][c]))),
    );

  it.each([true, false])(
    "is softmax without a scale of narrow products, added to the image: pool %s",
    (pool) => {
      const [length, d] = [24, 16];
      const shape = shapeOf({ batch: 1, heads: 1, length, headDim: d });
      const { inputs, ...rest } = problemOf(sagan, { pool, width: 6 }, shape);
      const gamma = Float32Array.of(0.5);
      const problem = { ...rest, inputs: { ...inputs, "layer.gamma": gamma } };
      const weights = (name: string, width: number) => matrix(tensorNamed(inputs, name), width);
      const x = matrix(inputs.q, d);
      const squares = pool ? pooled : (a: Matrix) => a;
      const theta = times(x, weights("layer.wq", d / 8));
      const phi = squares(times(x, weights("layer.wk", d / 8)));
      const g = squares(times(x, weights("layer.wv", d / 2)));
      const made = times(attend(theta, phi, g, 1), weights("layer.wo", d));
      expectRows(
        outputOf(problem),
        plus(
          x,
          made.map((row) => row.map((one) => 0.5 * one)),
        ),
      );
    },
  );

  it("needs 2.5NC² and 0.3125N²C operations with pooling", () => {
    const [length, d] = [64, 32];
    const shape = shapeOf({ batch: 1, heads: 1, length, headDim: d });
    const { mechanism } = problemOf(sagan, { width: 8 }, shape);
    const { usefulFlops } = workOf({ mechanism, shape, causal: false, threads: 1 });
    expect(usefulFlops).toBe(2.5 * length * d ** 2 + 0.3125 * length ** 2 * d);
  });

  it("takes an image for a square if nobody says how wide it is", () => {
    const shape = shapeOf({ batch: 1, heads: 1, length: 36, headDim: 8 });
    expect(outputOf(problemOf(sagan, {}, shape))).toEqual(outputOf(problemOf(sagan, { width: 6 }, shape)));
  });
});

describe("the attention of DETR", () => {
  const d = 16;

  it("adds positions to queries and keys, and not to values", () => {
    const shape = shapeOf({ batch: 1, heads: 1, length: 20, headDim: d });
    const problem = problemOf(detr, { heads: 2, width: 5 }, shape);
    const { inputs } = problem;
    const at = (name: string) => matrix(tensorNamed(inputs, name), d);
    const x = matrix(inputs.q, d);
    const placed = plus(x, at("layer.key_positions"));
    expect(at("layer.query_positions")).toEqual(at("layer.key_positions"));
    const [q, k, v] = [
      times(placed, at("layer.wq")),
      times(placed, at("layer.wk")),
      times(x, at("layer.wv")),
    ];
    const heads = [0, 8].map((from) =>
      attend(
        columns(q, from, from + 8),
        columns(k, from, from + 8),
        columns(v, from, from + 8),
        1 / Math.sqrt(8),
      ),
    );
    const joined = heads[0].map((row, r) => [...row, ...heads[1][r]]);
    expectRows(outputOf(problem), times(joined, at("layer.wo")));
  });

  it("has as many rows as object queries, whose positions are learned", () => {
    const shape = shapeOf({ batch: 1, heads: 1, length: 20, queries: 7, headDim: d });
    const problem = problemOf(detrCross, { heads: 2, width: 5 }, shape);
    const { inputs } = problem;
    const table = tensorNamed(inputs, "layer.query_positions");
    expect(table).toHaveLength(7 * d);
    expect(Math.max(...table.map(Math.abs))).toBeLessThan(0.1);
    expect(tensorNamed(inputs, "layer.key_positions")).toHaveLength(20 * d);
    expect(outputOf(problem)).toHaveLength(7 * d);
  });

  it("needs 4MD² + 4ND² + 4MND operations for M object queries", () => {
    const [length, queries] = [40, 10];
    const shape = shapeOf({ batch: 1, heads: 1, length, queries, headDim: d });
    const { mechanism } = problemOf(detrCross, {}, shape);
    const { usefulFlops } = workOf({ mechanism, shape, causal: false, threads: 1 });
    expect(usefulFlops).toBe(4 * queries * d ** 2 + 4 * length * d ** 2 + 4 * queries * length * d);
  });
});

describe("a declared layer", () => {
  const refusal = (variant: Variant, shape: Shape): string | null =>
    whyUndefined(builtInKinds.judged(parameterize(variant, {})), { causal: false }, shape);

  it("refuses tokens whose width its heads cannot share, in one line", () => {
    const shape = shapeOf({ batch: 1, heads: 1, length: 64, headDim: 20 });
    for (const variant of [sagan, detr, detrCross]) {
      expect(refusal(variant, shape)).toBe(
        "its heads are as wide as a token over 8, so its width must be a multiple of 8, got 20",
      );
    }
  });

  it.each(layers)("refuses calls of several heads: $id", (variant) => {
    const shape = shapeOf({ batch: 1, heads: 4, length: 64, headDim: 8 });
    expect(refusal(variant, shape)).toContain("got 4 heads; omit --heads");
  });

  it("remains itself where variants are put into layers", () => {
    const judged = builtInKinds.judged(parameterize(sagan, {}));
    const layer = {
      modelDim: 16,
      heads: 2,
      kvHeads: 2,
      headDim: 8,
      valueDim: 8,
      positions: null,
      biases: false,
    };
    expect(builtInKinds.under(judged, { layer }).mechanism).toEqual(judged.mechanism);
  });
});
