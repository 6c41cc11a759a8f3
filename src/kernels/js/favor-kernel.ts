import type { Problem } from "../../core/problem.ts";
import { layoutOf, offsetIn, seenBytes, TENSORS } from "../../core/shape.ts";
import { channelFactor, type Favor, type FeatureMap } from "../../mechanisms/feature-map/declare.ts";
import type { Runnable } from "../kernel.ts";
import { Workspace } from "../workspace.ts";
import { makingFlops } from "./features/feature-rows.ts";
import { learnedBy } from "./features/learned.ts";
import { Projection } from "./features/projection.ts";
import { addProduct } from "./product.ts";

/** Tokens taken together. */
const CHUNK = 64;

/**
 * FAVOR+ over all keys as two softmaxes: each feature is one over keys, of `w_r·k' - |k'|²/2`, in chunks with a
 * running maximum; and each query one over features, of `w_r·q'` and the maximum of the feature. The state is
 * `[valueDim + 1, features]`, whose last row is the sum of a feature's weights. Choromanski et al. 2020,
 * arXiv 2009.14794, lemma 1.
 */
export function prepareFavor(
  problem: Problem,
  mechanism: FeatureMap,
  { features }: Favor,
  output: Float32Array,
): Runnable {
  const { shape, inputs, causal } = problem;
  const { headDim, valueDim, length, batch, heads, kvHeads } = shape;
  const [ofQ, ofK, ofV, ofOutput] = TENSORS.map((name) => layoutOf(shape, name));
  const wide = valueDim + 1;
  const factor = channelFactor(mechanism, headDim);
  const learn = learnedBy(problem, mechanism);
  const projection = new Projection(features, headDim);
  const workspace = new Workspace();
  const x = workspace.float64(CHUNK * headDim);
  /** Exponents of a chunk, and then its weights, `[tokens, features]`. */
  const weights = workspace.float64(CHUNK * features);
  const keyColumns = workspace.float64(features * CHUNK);
  const valueColumns = workspace.float64(wide * CHUNK);
  const state = workspace.float64(wide * features);
  const largest = workspace.float64(features);
  const sums = workspace.float64(CHUNK * wide);

  const project = (from: Float32Array, at: number, count: number): void => {
    for (let i = 0; i < count * headDim; i++) x[i] = from[at + i] * factor;
    projection.apply(x, count, weights);
  };
  /** Exponents of keys, `[features, tokens]`. */
  const packKeys = (at: number, count: number): void => {
    project(inputs.k, at, count);
    for (let token = 0; token < count; token++) {
      let half = 0;
      for (let c = 0; c < headDim; c++) half += x[token * headDim + c] ** 2 / 2;
      for (let r = 0; r < features; r++) {
        keyColumns[r * CHUNK + token] = weights[token * features + r] - half;
      }
    }
  };
  const packValues = (at: number, count: number): void => {
    for (let token = 0; token < count; token++) {
      const valueAt = at + token * valueDim;
      for (let i = 0; i < valueDim; i++) valueColumns[i * CHUNK + token] = inputs.v[valueAt + i];
      valueColumns[valueDim * CHUNK + token] = 1;
    }
  };
  /** Exponents become weights relative to the largest so far, and the state with them. */
  const weighKeys = (count: number): void => {
    for (let r = 0; r < features; r++) {
      const from = r * CHUNK;
      let most = largest[r];
      for (let token = 0; token < count; token++) most = Math.max(most, keyColumns[from + token]);
      if (most > largest[r]) {
        const scaling = Math.exp(largest[r] - most);
        for (let row = 0; row < wide; row++) state[row * features + r] *= scaling;
      }
      largest[r] = most;
      for (let token = 0; token < count; token++) {
        keyColumns[from + token] = Math.exp(keyColumns[from + token] - most);
      }
    }
  };
  const weighQueries = (count: number): void => {
    for (let row = 0; row < count; row++) {
      const from = row * features;
      let most = Number.NEGATIVE_INFINITY;
      for (let r = 0; r < features; r++) {
        weights[from + r] += largest[r];
        most = Math.max(most, weights[from + r]);
      }
      for (let r = 0; r < features; r++) weights[from + r] = Math.exp(weights[from + r] - most);
    }
  };

  const group = heads / kvHeads;
  const runHead = (entry: number, kvHead: number): void => {
    learn(kvHead, projection);
    state.fill(0);
    largest.fill(Number.NEGATIVE_INFINITY);
    for (let from = 0; from < length; from += CHUNK) {
      const count = Math.min(CHUNK, length - from);
      packKeys(offsetIn(ofK, entry, kvHead, from), count);
      packValues(offsetIn(ofV, entry, kvHead, from), count);
      weighKeys(count);
      addProduct(valueColumns, 0, CHUNK, keyColumns, CHUNK, state, 0, features, wide, features, count);
    }
    for (let head = kvHead * group; head < (kvHead + 1) * group; head++) {
      for (let from = 0; from < shape.queries; from += CHUNK) {
        const count = Math.min(CHUNK, shape.queries - from);
        project(inputs.q, offsetIn(ofQ, entry, head, from), count);
        weighQueries(count);
        sums.fill(0);
        addProduct(weights, 0, features, state, features, sums, 0, wide, count, wide, features);
        const to = offsetIn(ofOutput, entry, head, from);
        for (let row = 0; row < count; row++) {
          const divisor = sums[row * wide + valueDim];
          for (let i = 0; i < valueDim; i++) output[to + row * valueDim + i] = sums[row * wide + i] / divisor;
        }
      }
    }
  };

  return {
    run() {
      for (let entry = 0; entry < batch; entry++) {
        for (let kvHead = 0; kvHead < kvHeads; kvHead++) runHead(entry, kvHead);
      }
    },
    output: () => output,
    workspaceBytes: workspace.bytes + projection.bytes,
    executedFlops:
      batch *
      (kvHeads * length + heads * shape.queries) *
      (makingFlops(mechanism.feature, headDim) + 2 * features * wide),
    bytes: seenBytes(shape, causal),
    dispose() {},
  };
}
