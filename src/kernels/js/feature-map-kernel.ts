import type { Problem } from "../../core/problem.ts";
import { layoutOf, offsetIn, type Shape, seeingRows, seenBytes, TENSORS } from "../../core/shape.ts";
import type { FeatureMap } from "../../mechanisms/feature-map/declare.ts";
import type { Runnable } from "../kernel.ts";
import { Workspace } from "../workspace.ts";
import { featureRows, makingFlops } from "./features/feature-rows.ts";
import { learnedBy } from "./features/learned.ts";
import { addProduct } from "./product.ts";
import { writeUnseeing } from "./unseeing-rows.ts";

/** Tokens taken together. Larger chunks cost more of the causal triangle, smaller ones more calls. */
const CHUNK = 64;

/**
 * Linear attention. Non-causal it is *parallel*: one state of all keys, then every query reads it. Causal it
 * is *chunked*: a query reads the state of the chunks before its own, and in its own chunk the keys up to
 * itself. Heads of q that share k and v share the state, and each chunk is packed once for them.
 *
 * The state is `[valueDim + 1, features]`: row i < valueDim is `Σ_j v_j[i] φ(k_j)`, the last row is the
 * normaliser `z`, for which every value is treated as having one more column of ones. Katharopoulos et al.
 * 2020, arXiv 2006.16236, eq. 5 to 12.
 */
export function prepareFeatureMap(problem: Problem, mechanism: FeatureMap, output: Float32Array): Runnable {
  const { shape, inputs, causal } = problem;
  const { valueDim, length, batch, heads, kvHeads } = shape;
  const [ofQ, ofK, ofV, ofOutput] = TENSORS.map((name) => layoutOf(shape, name));
  const wide = valueDim + 1;
  const features = featureRows(mechanism, shape, CHUNK);
  const { count: width } = features;
  const learn = learnedBy(problem, mechanism);
  const workspace = new Workspace();
  const queries = workspace.float64(CHUNK * width);
  const keys = workspace.float64(CHUNK * width);
  const keyColumns = workspace.float64(width * CHUNK);
  const valueColumns = workspace.float64(wide * CHUNK);
  const state = workspace.float64(wide * width);
  const sums = workspace.float64(CHUNK * wide);
  const weights = workspace.float64(causal ? CHUNK * CHUNK : 0);

  const packKeysAndValues = (keysFrom: number, position: number, valuesFrom: number, count: number): void => {
    features.write(inputs.k, keysFrom, count, position, keys);
    for (let token = 0; token < count; token++) {
      const keyAt = token * width;
      for (let i = 0; i < width; i++) keyColumns[i * CHUNK + token] = keys[keyAt + i];
      const valueAt = valuesFrom + token * valueDim;
      for (let i = 0; i < valueDim; i++) valueColumns[i * CHUNK + token] = inputs.v[valueAt + i];
      valueColumns[valueDim * CHUNK + token] = 1;
    }
  };
  const addToState = (count: number): void =>
    addProduct(valueColumns, 0, CHUNK, keyColumns, CHUNK, state, 0, width, wide, width, count);
  const readState = (count: number): void => {
    sums.fill(0);
    addProduct(queries, 0, width, state, width, sums, 0, wide, count, wide, width);
  };
  /** The keys of the chunk itself, of which the first of `count` rows sees `seen`, and each one more. */
  const addTriangle = (count: number, firstSeen: number): void => {
    weights.fill(0);
    for (let row = 0; row < count; row++) {
      const seen = firstSeen + row;
      addProduct(queries, row * width, width, keys, width, weights, row * CHUNK, CHUNK, 1, seen, width);
      addProduct(weights, row * CHUNK, CHUNK, valueColumns, CHUNK, sums, row * wide, wide, 1, wide, seen);
    }
  };
  const writeRows = (to: number, count: number): void => {
    for (let row = 0; row < count; row++) {
      // Without a feature in common there is nothing to read, also where ε is 0.
      const divisor = sums[row * wide + valueDim] + mechanism.epsilon || 1;
      const target = to + row * valueDim;
      for (let i = 0; i < valueDim; i++) output[target + i] = sums[row * wide + i] / divisor;
    }
  };

  const group = heads / kvHeads;
  // The last query stands at the last token.
  const before = length - shape.queries;
  const runHead = (entry: number, kvHead: number): void => {
    learn(kvHead, features);
    state.fill(0);
    const takeIn = (from: number, count: number): void => {
      const keysFrom = offsetIn(ofK, entry, kvHead, from);
      packKeysAndValues(keysFrom, from, offsetIn(ofV, entry, kvHead, from), count);
    };
    /** Rows of every head that reads these keys; `firstSeen` if they see some of their own chunk. */
    const answer = (from: number, count: number, firstSeen: number | null): void => {
      for (let head = kvHead * group; head < (kvHead + 1) * group; head++) {
        features.write(inputs.q, offsetIn(ofQ, entry, head, from), count, from + before, queries);
        readState(count);
        if (firstSeen !== null) addTriangle(count, firstSeen);
        writeRows(offsetIn(ofOutput, entry, head, from), count);
      }
    };
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
      writeUnseeing(shape, causal, output);
      for (let entry = 0; entry < batch; entry++) {
        for (let kvHead = 0; kvHead < kvHeads; kvHead++) runHead(entry, kvHead);
      }
    },
    output: () => output,
    workspaceBytes: workspace.bytes + features.bytes,
    executedFlops: batch * flops(shape, mechanism, width, causal),
    bytes: seenBytes(shape, causal),
    dispose() {},
  };
}

function forEachChunk(tokens: number, visit: (from: number, count: number) => void): void {
  for (let from = 0; from < tokens; from += CHUNK) visit(from, Math.min(CHUNK, tokens - from));
}

/**
 * Operations of one batch entry: making features, writing and reading the state, and the triangles of the
 * chunks.
 */
function flops(shape: Shape, { feature }: FeatureMap, width: number, causal: boolean): number {
  const { heads, kvHeads, length, headDim, valueDim } = shape;
  const wide = valueDim + 1;
  const rows = seeingRows(shape, causal);
  const each = makingFlops(feature, headDim) + 2 * width * wide;
  const state = each * (kvHeads * length + heads * rows);
  if (!causal) return state;
  // Of the rows before the first query there is nothing.
  const pairs = trianglePairs(length) - trianglePairs(length - rows);
  return state + heads * pairs * 2 * (width + wide);
}

/** Pairs of the first `tokens` tokens with tokens of their own chunk up to themselves. */
function trianglePairs(tokens: number): number {
  const triangle = (count: number): number => (count * (count + 1)) / 2;
  return Math.floor(tokens / CHUNK) * triangle(CHUNK) + triangle(tokens % CHUNK);
}
