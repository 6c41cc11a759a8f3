import type { Problem } from "../../core/problem.ts";
import { layoutOf, offsetIn, type Shape, seeingRows, seenBytes, TENSORS } from "../../core/shape.ts";
import type { FeatureMap } from "../../mechanisms/feature-map/declare.ts";
import type { Runnable } from "../kernel.ts";
import { Workspace } from "../workspace.ts";
import { featureFunction } from "./features.ts";
import { addProduct } from "./product.ts";
import { writeUnseeing } from "./unseeing-rows.ts";

/** Tokens taken together. Larger chunks cost more of the causal triangle, smaller ones more calls. */
const CHUNK = 64;

/**
 * Linear attention. Non-causal it is *parallel*: one state of all keys, then every query reads it. Causal it
 * is *chunked*: a query reads the state of the chunks before its own, and in its own chunk the keys up to
 * itself. Heads of q that share k and v share the state, and each chunk is packed once for them.
 *
 * The state is `[valueDim + 1, headDim]`: row i < valueDim is `Σ_j v_j[i] φ(k_j)`, the last row is the
 * normaliser `z`, for which every value is treated as having one more column of ones. Katharopoulos et al.
 * 2020, arXiv 2006.16236, eq. 5 to 12.
 */
export function prepareFeatureMap(problem: Problem, mechanism: FeatureMap, output: Float32Array): Runnable {
  const { shape, inputs, causal } = problem;
  const { headDim, valueDim, length, batch, heads, kvHeads } = shape;
  const [ofQ, ofK, ofV, ofOutput] = TENSORS.map((name) => layoutOf(shape, name));
  const wide = valueDim + 1;
  const phi = featureFunction(mechanism.feature);
  const workspace = new Workspace();
  const queries = workspace.float64(CHUNK * headDim);
  const keys = workspace.float64(CHUNK * headDim);
  const keyColumns = workspace.float64(headDim * CHUNK);
  const valueColumns = workspace.float64(wide * CHUNK);
  const state = workspace.float64(wide * headDim);
  const sums = workspace.float64(CHUNK * wide);
  const weights = workspace.float64(causal ? CHUNK * CHUNK : 0);

  const packQueries = (from: number, count: number): void => {
    for (let at = 0; at < count * headDim; at++) queries[at] = phi(inputs.q[from + at]);
  };
  const packKeysAndValues = (keysFrom: number, valuesFrom: number, count: number): void => {
    for (let token = 0; token < count; token++) {
      const keyAt = keysFrom + token * headDim;
      for (let i = 0; i < headDim; i++) {
        const feature = phi(inputs.k[keyAt + i]);
        keys[token * headDim + i] = feature;
        keyColumns[i * CHUNK + token] = feature;
      }
      const valueAt = valuesFrom + token * valueDim;
      for (let i = 0; i < valueDim; i++) valueColumns[i * CHUNK + token] = inputs.v[valueAt + i];
      valueColumns[valueDim * CHUNK + token] = 1;
    }
  };
  const addToState = (count: number): void =>
    addProduct(valueColumns, 0, CHUNK, keyColumns, CHUNK, state, 0, headDim, wide, headDim, count);
  const readState = (count: number): void => {
    sums.fill(0);
    addProduct(queries, 0, headDim, state, headDim, sums, 0, wide, count, wide, headDim);
  };
  /** The keys of the chunk itself, of which the first of `count` rows sees `seen`, and each one more. */
  const addTriangle = (count: number, firstSeen: number): void => {
    weights.fill(0);
    for (let row = 0; row < count; row++) {
      const seen = firstSeen + row;
      addProduct(
        queries,
        row * headDim,
        headDim,
        keys,
        headDim,
        weights,
        row * CHUNK,
        CHUNK,
        1,
        seen,
        headDim,
      );
      addProduct(weights, row * CHUNK, CHUNK, valueColumns, CHUNK, sums, row * wide, wide, 1, wide, seen);
    }
  };
  const writeRows = (to: number, count: number): void => {
    for (let row = 0; row < count; row++) {
      const divisor = sums[row * wide + valueDim] + mechanism.epsilon;
      const target = to + row * valueDim;
      for (let i = 0; i < valueDim; i++) output[target + i] = sums[row * wide + i] / divisor;
    }
  };

  const group = heads / kvHeads;
  const runHead = (entry: number, kvHead: number): void => {
    state.fill(0);
    const takeIn = (from: number, count: number): void =>
      packKeysAndValues(offsetIn(ofK, entry, kvHead, from), offsetIn(ofV, entry, kvHead, from), count);
    /** Rows of every head that reads these keys; `firstSeen` if they see some of their own chunk. */
    const answer = (from: number, count: number, firstSeen: number | null): void => {
      for (let head = kvHead * group; head < (kvHead + 1) * group; head++) {
        packQueries(offsetIn(ofQ, entry, head, from), count);
        readState(count);
        if (firstSeen !== null) addTriangle(count, firstSeen);
        writeRows(offsetIn(ofOutput, entry, head, from), count);
      }
    };
    // The last query stands at the last token.
    const before = length - shape.queries;
    forEachChunk(length, (from, count) => {
      takeIn(from, count);
      const firstRow = Math.max(0, from - before);
      const rows = from + count - before - firstRow;
      if (causal && rows > 0) answer(firstRow, rows, firstRow + before - from + 1);
      addToState(count);
    });
    if (!causal) forEachChunk(shape.queries, (from, count) => answer(from, count, null));
  };

  return {
    run() {
      writeUnseeing(shape, causal, mechanism.epsilon, output);
      for (let entry = 0; entry < batch; entry++) {
        for (let kvHead = 0; kvHead < kvHeads; kvHead++) runHead(entry, kvHead);
      }
    },
    output: () => output,
    workspaceBytes: workspace.bytes,
    executedFlops: batch * flops(shape, causal),
    bytes: seenBytes(shape, causal),
    dispose() {},
  };
}

function forEachChunk(tokens: number, visit: (from: number, count: number) => void): void {
  for (let from = 0; from < tokens; from += CHUNK) visit(from, Math.min(CHUNK, tokens - from));
}

/** Operations of one batch entry: writing and reading the state, and the triangles of the chunks. */
function flops(shape: Shape, causal: boolean): number {
  const { heads, kvHeads, length, headDim, valueDim } = shape;
  const wide = valueDim + 1;
  const rows = seeingRows(shape, causal);
  const state = 2 * headDim * wide * (kvHeads * length + heads * rows);
  if (!causal) return state;
  // Of the rows before the first query there is nothing.
  const pairs = trianglePairs(length) - trianglePairs(length - rows);
  return state + heads * pairs * 2 * (headDim + wide);
}

/** Pairs of the first `tokens` tokens with tokens of their own chunk up to themselves. */
function trianglePairs(tokens: number): number {
  const triangle = (count: number): number => (count * (count + 1)) / 2;
  return Math.floor(tokens / CHUNK) * triangle(CHUNK) + triangle(tokens % CHUNK);
}
