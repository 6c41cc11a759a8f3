import { everyRow } from "../../src/core/rows.ts";
import { shapeOf, type UsualShape } from "../../src/core/shape.ts";
import { type AttentionInputs, tensorNamed } from "../../src/core/tensors.ts";
import { parameterize, type Variant } from "../../src/core/variant.ts";
import { syntheticSource } from "../../src/input/synthetic.ts";
import { type FeatureMap, isFeatureMap } from "../../src/mechanisms/feature-map/declare.ts";
import { featureMapKind } from "../../src/mechanisms/feature-map/kind.ts";
import { fullOracle } from "../../src/mechanisms/full-oracle.ts";
import type { JudgedProblem } from "../../src/mechanisms/judged.ts";
import { withNamed } from "../../src/mechanisms/named-inputs.ts";
import { float64, type Oracle } from "../../src/mechanisms/oracle.ts";

/** A problem of a feature map. */
export type FeatureProblem = JudgedProblem & { readonly mechanism: FeatureMap };

/** The mechanism of a variant that is a feature map. */
export function featureMapOf(variant: Variant, params: Record<string, unknown> = {}): FeatureMap {
  const { mechanism } = parameterize(variant, params);
  if (!isFeatureMap(mechanism)) throw new TypeError(`${variant.id} has no feature map`);
  return mechanism;
}

/** One head of normal numbers, whose queries and keys are multiplied by `size`. */
export function featureProblem(
  variant: Variant,
  params: Record<string, unknown>,
  shape: Partial<UsualShape> = {},
  { size = 1, causal = false, seed = 3 } = {},
): FeatureProblem {
  const mechanism = featureMapOf(variant, params);
  const whole = shapeOf({ batch: 1, heads: 1, length: 24, headDim: 8, ...shape });
  const { q, k, v } = syntheticSource("gaussian", seed).inputs(whole);
  const scaled = (x: Float32Array) => x.map((one) => one * size);
  const inputs: AttentionInputs = { shape: whole, q: scaled(q), k: scaled(k), v };
  const judged = { mechanism, kind: featureMapKind };
  return { ...judged, shape: whole, causal, threads: 1, inputs: withNamed(judged, inputs, 0) };
}

/** All rows of an oracle, in the order of the output. */
export function allRows(oracle: Oracle, { shape }: JudgedProblem): number[] {
  return oracle.rows(everyRow(shape), float64).flatMap(({ values }) => [...values]);
}

/** All rows of the problem's own oracle. */
export function outputOf(problem: JudgedProblem): number[] {
  return allRows(problem.kind.oracle(problem), problem);
}

/** All rows of full softmax attention. */
export function fullOutput(problem: JudgedProblem): number[] {
  return allRows(fullOracle(problem), problem);
}

/** The mean of v in all rows of one head. */
export function meanOutput({ shape, inputs }: JudgedProblem): number[] {
  const { length, queries, valueDim } = shape;
  const mean = Array.from({ length: valueDim }, (_, i) => {
    let sum = 0;
    for (let key = 0; key < length; key++) sum += inputs.v[key * valueDim + i];
    return sum / length;
  });
  return Array.from({ length: queries }, () => mean).flat();
}

/** The rows `index` of a tensor of one head, `[rows, width]`. */
export function rowOfInput(problem: JudgedProblem, name: string, index: number): number[] {
  const { headDim, valueDim } = problem.shape;
  const width = name === "v" ? valueDim : headDim;
  return [...tensorNamed(problem.inputs, name).subarray(index * width, (index + 1) * width)];
}

/** Relative Frobenius distance. */
export function distance(a: readonly number[], b: readonly number[]): number {
  const squares = (x: readonly number[]) => x.reduce((sum, one) => sum + one * one, 0);
  return Math.sqrt(squares(a.map((one, at) => one - b[at])) / squares(b));
}

/** `Σ_j w_ij v_j / (Σ_j w_ij + ε)` of one head by a function of the two rows and their positions. */
export function byPairs(
  problem: FeatureProblem,
  weight: (q: readonly number[], k: readonly number[], i: number, j: number) => number,
): number[] {
  const { shape, causal, mechanism } = problem;
  const rows = (name: string) =>
    Array.from({ length: shape.length }, (_, at) => rowOfInput(problem, name, at));
  const [queries, keys, values] = [rows("q"), rows("k"), rows("v")];
  return queries.flatMap((query, i) => {
    const weights = keys.map((key, j) => (causal && j > i ? 0 : weight(query, key, i, j)));
    const total = weights.reduce((sum, one) => sum + one, mechanism.epsilon);
    return Array.from({ length: shape.valueDim }, (_, column) => {
      const sum = weights.reduce((all, one, j) => all + one * values[j][column], 0);
      return total === 0 ? 0 : sum / total;
    });
  });
}

export function dot(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, x, at) => sum + x * b[at], 0);
}
