import type { Attend } from "../../mechanisms/summary/declare.ts";
import type { Workspace } from "../workspace.ts";
import { type Matrices, type Place, packColumns, packRows, type Stored } from "./chain-matrices.ts";
import type { ChainStep } from "./chain-step.ts";
import { addProduct } from "./product.ts";
import { type RowState, softmaxFull } from "./softmax-tile.ts";

const QUERIES = 32;
const KEYS = 128;

/** Cross attention in tiles, with an online softmax: all values that are weighed alike in one. */
export function prepareAttend(step: Attend, matrices: Matrices, workspace: Workspace): ChainStep {
  const { scale, ended } = step;
  const queries = step.queries === null ? null : matrices.get(step.queries);
  const keys = step.keys === null ? null : matrices.get(step.keys);
  const bias = step.bias === undefined ? null : matrices.get(step.bias);
  const pairs = [{ to: step.to, values: step.values }, ...(step.also ?? [])];
  const values = pairs.map((one) => matrices.get(one.values));
  const read = [queries, keys, bias, ...values].filter((one) => one !== null);
  const rows = queries?.rows ?? (keys as Stored).width;
  const length = values[0].rows;
  const targets = pairs.map((one, at) => matrices.make(one.to, rows, values[at].width, read));
  const logSums = step.logSums === undefined ? null : matrices.make(step.logSums, rows, 1, read);

  const width = values.reduce((sum, one) => sum + one.width, 0);
  const headDim = queries?.width ?? (keys as Stored).width;
  const packedQueries = workspace.float64(QUERIES * headDim);
  const packedKeys = workspace.float64(KEYS * headDim);
  const columns = workspace.float64(width * KEYS);
  const scores = workspace.float64(QUERIES * KEYS);
  const state: RowState = {
    maximum: workspace.float64(QUERIES),
    total: workspace.float64(QUERIES),
    output: workspace.float64(QUERIES * width),
  };
  const seen = (row: number): number =>
    ended === undefined
      ? length
      : Math.max(0, Math.min(length, Math.floor((row + 1 + ended.keysBefore) / ended.size)));

  /** Scores of a tile, `[count, KEYS]`. */
  const score = (place: Place, first: number, count: number, key: number, many: number): void => {
    if (keys === null || queries === null) unitScores(place, first, count, key, many);
    else {
      packRows(keys.data, keys.at(place), headDim, key, many, 1, packedKeys);
      for (let row = 0; row < count; row++) scores.fill(0, row * KEYS, row * KEYS + many);
      addProduct(packedQueries, 0, headDim, packedKeys, headDim, scores, 0, KEYS, count, many, headDim);
    }
    if (bias === null) return;
    const biasAt = bias.at(place) + key;
    for (let row = 0; row < count; row++) {
      for (let at = 0; at < many; at++) scores[row * KEYS + at] += bias.data[biasAt + at];
    }
  };
  /** A product with a unit vector is a channel. */
  const unitScores = (place: Place, first: number, count: number, key: number, many: number): void => {
    for (let row = 0; row < count; row++) {
      for (let at = 0; at < many; at++) {
        const channel =
          queries === null
            ? (keys as Stored).data[(keys as Stored).at(place) + (key + at) * headDim + first + row]
            : queries.data[queries.at(place) + (first + row) * headDim + key + at];
        scores[row * KEYS + at] = scale * channel;
      }
    }
  };
  const weigh = (first: number, count: number, key: number, many: number): void => {
    if (ended === undefined || seen(first) >= key + many) {
      softmaxFull(scores, KEYS, count, many, state, width);
      addProduct(scores, 0, KEYS, columns, KEYS, state.output, 0, width, count, width, many);
      return;
    }
    // Rows by themselves: what a row does not see may not even be finite.
    for (let row = 0; row < count; row++) weighRow(row, Math.min(many, seen(first + row) - key));
  };
  const own: RowState = {
    maximum: workspace.float64(1),
    total: workspace.float64(1),
    output: workspace.float64(width),
  };
  const ownScores = workspace.float64(KEYS);
  const weighRow = (row: number, many: number): void => {
    if (many <= 0) return;
    for (let at = 0; at < many; at++) ownScores[at] = scores[row * KEYS + at];
    own.maximum[0] = state.maximum[row];
    own.total[0] = state.total[row];
    for (let i = 0; i < width; i++) own.output[i] = state.output[row * width + i];
    softmaxFull(ownScores, KEYS, 1, many, own, width);
    addProduct(ownScores, 0, KEYS, columns, KEYS, own.output, 0, width, 1, width, many);
    state.maximum[row] = own.maximum[0];
    state.total[row] = own.total[0];
    for (let i = 0; i < width; i++) state.output[row * width + i] = own.output[i];
  };
  const write = (place: Place, first: number, count: number): void => {
    for (let row = 0; row < count; row++) {
      const empty = state.maximum[row] === Number.NEGATIVE_INFINITY;
      const factor = empty ? 0 : 1 / state.total[row];
      let from = row * width;
      for (const target of targets) {
        const to = target.at(place) + (first + row) * target.width;
        for (let i = 0; i < target.width; i++) target.data[to + i] = state.output[from++] * factor;
      }
      if (logSums !== null) logSums.data[first + row] = state.maximum[row] + Math.log(state.total[row]);
    }
  };
  const packValues = (place: Place, key: number, many: number): void => {
    let row = 0;
    for (const one of values) {
      packColumns(one.data, one.at(place), one.width, key, many, columns, row, KEYS);
      row += one.width;
    }
  };

  let flops = 0;
  let floats = 0;
  const perPair = queries === null || keys === null ? 0 : 2 * headDim;
  const valuesPerKey = values.reduce((sum, one) => sum + (one.isTensor ? one.width : 0), 0);
  for (let first = 0; first < rows; first += QUERIES) {
    const count = Math.min(QUERIES, rows - first);
    const end = seen(first + count - 1);
    flops += count * end * perPair;
    for (let row = first; row < first + count; row++) flops += 2 * width * seen(row);
    // Of keys that are scored by their channels, each channel is read once.
    const perKey = keys?.isTensor ? (queries === null ? count : headDim) : 0;
    floats += end * (perKey + valuesPerKey) + (queries?.isTensor ? count * headDim : 0);
  }
  for (const target of targets) if (target.isTensor) floats += rows * target.width;

  return {
    perHead: targets[0].perHead,
    flops,
    floats,
    run(place) {
      for (let first = 0; first < rows; first += QUERIES) {
        const count = Math.min(QUERIES, rows - first);
        if (queries !== null && keys !== null) {
          packRows(queries.data, queries.at(place), headDim, first, count, scale, packedQueries);
        }
        state.maximum.fill(Number.NEGATIVE_INFINITY);
        state.total.fill(0);
        state.output.fill(0);
        const end = seen(first + count - 1);
        for (let key = 0; key < end; key += KEYS) {
          const many = Math.min(KEYS, end - key);
          packValues(place, key, many);
          score(place, first, count, key, many);
          weigh(first, count, key, many);
        }
        write(place, first, count);
      }
    },
  };
}
