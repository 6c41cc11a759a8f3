import type { Problem } from "../../core/problem.ts";
import { elementCount, FLOAT_BYTES, rowOffset } from "../../core/shape.ts";
import type { FeatureMap } from "../../mechanisms/feature-map/declare.ts";
import type { Runnable } from "../kernel.ts";
import { Workspace } from "../workspace.ts";
import { featureFunction } from "./features.ts";
import { addProduct } from "./product.ts";

/** Tokens taken together. Larger chunks cost more of the causal triangle, smaller ones more calls. */
const CHUNK = 64;

/**
 * Linear attention. Non-causal it is *parallel*: one state of all keys, then every query reads it. Causal it
 * is *chunked*: a query reads the state of the chunks before its own, and in its own chunk the keys up to
 * itself.
 *
 * The state is `[d + 1, d]`: row i < d is `Σ_j v_j[i] φ(k_j)`, the last row is the normaliser `z`, for which
 * every value is treated as having one more column of ones. Katharopoulos et al. 2020, arXiv 2006.16236, eq.
 * 5 to 12.
 */
export function prepareFeatureMap(problem: Problem, mechanism: FeatureMap, output: Float32Array): Runnable {
  const { shape, inputs, causal } = problem;
  const { headDim, length, batch, heads } = shape;
  const wide = headDim + 1;
  const phi = featureFunction(mechanism.feature);
  const workspace = new Workspace();
  const queries = workspace.float64(CHUNK * headDim);
  const keys = workspace.float64(CHUNK * headDim);
  const keyColumns = workspace.float64(headDim * CHUNK);
  const valueColumns = workspace.float64(wide * CHUNK);
  const state = workspace.float64(wide * headDim);
  const sums = workspace.float64(CHUNK * wide);
  const weights = workspace.float64(causal ? CHUNK * CHUNK : 0);

  const packQueries = (base: number, from: number, count: number): void => {
    for (let at = 0; at < count * headDim; at++) queries[at] = phi(inputs.q[base + from * headDim + at]);
  };
  const packKeysAndValues = (base: number, from: number, count: number): void => {
    for (let token = 0; token < count; token++) {
      const source = base + (from + token) * headDim;
      for (let i = 0; i < headDim; i++) {
        const feature = phi(inputs.k[source + i]);
        keys[token * headDim + i] = feature;
        keyColumns[i * CHUNK + token] = feature;
        valueColumns[i * CHUNK + token] = inputs.v[source + i];
      }
      valueColumns[headDim * CHUNK + token] = 1;
    }
  };
  const addToState = (count: number): void =>
    addProduct(valueColumns, 0, CHUNK, keyColumns, CHUNK, state, 0, headDim, wide, headDim, count);
  const readState = (count: number): void => {
    sums.fill(0);
    addProduct(queries, 0, headDim, state, headDim, sums, 0, wide, count, wide, headDim);
  };
  const addTriangle = (count: number): void => {
    weights.fill(0);
    for (let row = 0; row < count; row++) {
      const seen = row + 1;
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
  const writeRows = (base: number, from: number, count: number): void => {
    for (let row = 0; row < count; row++) {
      const divisor = sums[row * wide + headDim] + mechanism.epsilon;
      const target = base + (from + row) * headDim;
      for (let i = 0; i < headDim; i++) output[target + i] = sums[row * wide + i] / divisor;
    }
  };
  const chunks = (base: number, visit: (base: number, from: number, count: number) => void): void => {
    for (let from = 0; from < length; from += CHUNK) visit(base, from, Math.min(CHUNK, length - from));
  };

  const runHead = (base: number): void => {
    state.fill(0);
    if (causal) {
      chunks(base, (at, from, count) => {
        packQueries(at, from, count);
        packKeysAndValues(at, from, count);
        readState(count);
        addTriangle(count);
        writeRows(at, from, count);
        addToState(count);
      });
      return;
    }
    chunks(base, (at, from, count) => {
      packKeysAndValues(at, from, count);
      addToState(count);
    });
    chunks(base, (at, from, count) => {
      packQueries(at, from, count);
      readState(count);
      writeRows(at, from, count);
    });
  };

  return {
    run() {
      for (let entry = 0; entry < batch; entry++) {
        for (let head = 0; head < heads; head++) runHead(rowOffset(shape, entry, head, 0));
      }
    },
    output: () => output,
    workspaceBytes: workspace.bytes,
    executedFlops: batch * heads * headFlops(length, headDim, causal),
    bytes: 4 * FLOAT_BYTES * elementCount(shape),
    dispose() {},
  };
}

/** Operations of one head: writing and reading the state for every token, and the triangles of the chunks. */
function headFlops(length: number, headDim: number, causal: boolean): number {
  const wide = headDim + 1;
  const state = 4 * length * headDim * wide;
  if (!causal) return state;
  const triangle = (count: number): number => ((count * (count + 1)) / 2) * 2 * (headDim + wide);
  return state + Math.floor(length / CHUNK) * triangle(CHUNK) + triangle(length % CHUNK);
}
