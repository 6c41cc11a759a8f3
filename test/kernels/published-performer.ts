import type { Problem } from "../../src/core/problem.ts";
import { tensorNamed } from "../../src/core/tensors.ts";
import { simpleKernel } from "../../src/kernels/simple-kernel.ts";
import { type FeatureMap, isFeatureMap } from "../../src/mechanisms/feature-map/declare.ts";

/** What published programs add to features: 1e-6 in JAX (google-research), 1e-4 in PyTorch. */
const EPSILON = 1e-4;

/**
 * Performer as published programs have it: the largest `w_r·x'` is subtracted, of a query's own, of keys of all
 * positions, and not that of the exponent, which has -|x'|²/2 besides; then ε is added to every feature.
 * Non-causal, in float64, `[queries, valueDim]` of one slice of batch and heads.
 */
export function publishedPerformer(problem: Problem<FeatureMap>, slice: number): Float64Array {
  const { shape, inputs, mechanism } = problem;
  const { length, headDim, valueDim } = shape;
  const { feature } = mechanism;
  if (feature.kind !== "favor") throw new TypeError("published performer: it has positive random features");
  const w = rowsOf(tensorNamed(inputs, "performer.w"), slice % shape.heads, feature.features, headDim);
  const scale = headDim ** -0.25;
  const tokens = (tensor: Float32Array) =>
    rowsOf(tensor, slice, length, headDim).map((row) => {
      const x = row.map((one) => one * scale);
      const dash = Float64Array.from(w, (one) => dot(one, x));
      return { dash, half: dot(x, x) / 2, largest: dash.reduce((most, one) => Math.max(most, one)) };
    });
  const keys = tokens(inputs.k);
  const most = keys.reduce((all, { largest }) => Math.max(all, largest), Number.NEGATIVE_INFINITY);
  const features = ({ dash, half }: (typeof keys)[number], largest: number) =>
    dash.map((one) => Math.exp(one - half - largest) + EPSILON);
  const keyFeatures = keys.map((key) => features(key, most));
  const values = rowsOf(inputs.v, slice, length, valueDim);
  const output = new Float64Array(length * valueDim);
  for (const [row, query] of tokens(inputs.q).entries()) {
    const own = features(query, query.largest);
    const weights = keyFeatures.map((key) => dot(own, key));
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    for (const [key, value] of values.entries()) {
      for (let i = 0; i < valueDim; i++) output[row * valueDim + i] += (weights[key] * value[i]) / total;
    }
  }
  return output;
}

/** The same as a kernel. */
export const publishedPerformerKernel = simpleKernel({
  id: "published-performer",
  prepare(problem, output) {
    const { mechanism, shape } = problem;
    if (!isFeatureMap(mechanism)) throw new TypeError(mechanism.kind);
    const { batch, heads, length, valueDim } = shape;
    return () => {
      for (let slice = 0; slice < batch * heads; slice++) {
        output.set(publishedPerformer({ ...problem, mechanism }, slice), slice * length * valueDim);
      }
    };
  },
});

function rowsOf(tensor: Float32Array, head: number, rows: number, width: number): Float64Array[] {
  return Array.from({ length: rows }, (_, row) => {
    const at = (head * rows + row) * width;
    return Float64Array.from(tensor.subarray(at, at + width));
  });
}

function dot(a: Float64Array, b: Float64Array): number {
  return a.reduce((sum, x, at) => sum + x * b[at], 0);
}
