import type { AttendBlocks, Balance, MixBlocks } from "../../mechanisms/summary/declare.ts";
import type { Workspace } from "../workspace.ts";
import { type Matrices, packColumns, packRows, type Stored } from "./chain-matrices.ts";
import type { ChainStep } from "./chain-step.ts";
import { floatsOf, scoresInto } from "./chain-sums.ts";
import { addProduct } from "./product.ts";
import { type RowState, softmaxFull } from "./softmax-tile.ts";

const QUERIES = 32;
const KEYS = 128;
/** Blocks of a sum that are taken together. */
const BLOCKS = 64;

/** Scores, from which columns and then rows have their `ln Σ exp` taken, so many times. */
export function prepareBalance(step: Balance, matrices: Matrices, workspace: Workspace): ChainStep {
  const [queries, keys] = [matrices.get(step.queries), matrices.get(step.keys)];
  const to = matrices.make(step.to, queries.rows, keys.rows, [queries, keys]);
  const logs = to.data as Float64Array;
  const scored = scoresInto(queries, keys, step.scale, logs, workspace);
  const { rows, width } = to;
  return {
    perHead: to.perHead,
    flops: 2 * rows * width * keys.width,
    floats: floatsOf(queries) + floatsOf(keys),
    run(place) {
      scored(place);
      for (let iteration = 0; iteration < step.iterations; iteration++) {
        for (let column = 0; column < width; column++) lessLogSum(logs, column, width, rows * width);
        for (let row = 0; row < rows; row++) lessLogSum(logs, row * width, 1, (row + 1) * width);
      }
    },
  };
}

/** Takes `ln Σ exp` of every `stride`-th number from `from` on, before `end`, from each of them. */
function lessLogSum(logs: Float64Array, from: number, stride: number, end: number): void {
  let largest = -Number.MAX_VALUE;
  for (let at = from; at < end; at += stride) if (logs[at] > largest) largest = logs[at];
  let total = 0;
  for (let at = from; at < end; at += stride) total += Math.exp(logs[at] - largest);
  const logSum = largest + Math.log(total);
  for (let at = from; at < end; at += stride) logs[at] -= logSum;
}

/** Mixes blocks, a row of one after the other: sums over blocks, of so many blocks at a time. */
export function prepareMixBlocks(step: MixBlocks, matrices: Matrices, workspace: Workspace): ChainStep {
  const { size } = step;
  const [logs, of] = [matrices.get(step.logs), matrices.get(step.of)];
  const blocks = logs.rows;
  const { width } = of;
  const to = matrices.make(step.to, blocks * size, width, [logs, of]);
  const inLast = of.rows - (blocks - 1) * size;
  const shares = workspace.float64(blocks * blocks);
  const columns = workspace.float64(width * BLOCKS);
  const sums = workspace.float64(blocks * width);
  const mixed = to.data as Float64Array;

  /** Shares of the first `count` blocks in each, which sum to 1. */
  const share = (count: number): void => {
    for (let row = 0; row < blocks; row++) {
      const from = row * blocks;
      let largest = -Number.MAX_VALUE;
      for (let at = from; at < from + count; at++) if (logs.data[at] > largest) largest = logs.data[at];
      let total = 0;
      for (let at = from; at < from + count; at++) {
        shares[at] = Math.exp(logs.data[at] - largest);
        total += shares[at];
      }
      for (let at = from; at < from + count; at++) shares[at] /= total;
    }
  };
  const mixRow = (row: number, count: number, start: number): void => {
    sums.fill(0);
    for (let first = 0; first < count; first += BLOCKS) {
      const many = Math.min(BLOCKS, count - first);
      for (let block = 0; block < many; block++) {
        const source = start + ((first + block) * size + row) * width;
        for (let i = 0; i < width; i++) columns[i * BLOCKS + block] = of.data[source + i];
      }
      addProduct(shares, first, blocks, columns, BLOCKS, sums, 0, width, blocks, width, many);
    }
    for (let block = 0; block < blocks; block++) {
      const target = (block * size + row) * width;
      for (let i = 0; i < width; i++) mixed[target + i] = sums[block * width + i];
    }
  };
  return {
    perHead: to.perHead,
    flops: 2 * blocks * of.rows * width,
    floats: floatsOf(of),
    run(place) {
      const start = of.at(place);
      share(blocks);
      for (let row = 0; row < inLast; row++) mixRow(row, blocks, start);
      if (inLast === size) return;
      share(blocks - 1);
      for (let row = inLast; row < size; row++) mixRow(row, blocks - 1, start);
    },
  };
}

/** Attention within blocks: the rows of both keys in tiles, with an online softmax. */
export function prepareAttendBlocks(step: AttendBlocks, matrices: Matrices, workspace: Workspace): ChainStep {
  const { size, scale } = step;
  const queries = matrices.get(step.queries);
  const parts = step.keys.map((name, at) => ({
    keys: matrices.get(name),
    values: matrices.get(step.values[at]),
  }));
  const read: Stored[] = [queries, ...parts.flatMap(({ keys, values }) => [keys, values])];
  const headDim = queries.width;
  const { width } = parts[0].values;
  const to = matrices.make(step.to, queries.rows, width, read);
  const packedQueries = workspace.float64(QUERIES * headDim);
  const packedKeys = workspace.float64(KEYS * headDim);
  const columns = workspace.float64(width * KEYS);
  const scores = workspace.float64(QUERIES * KEYS);
  const state: RowState = {
    maximum: workspace.float64(QUERIES),
    total: workspace.float64(QUERIES),
    output: workspace.float64(QUERIES * width),
  };
  const pairs = parts.reduce((sum, { keys }) => {
    let own = 0;
    for (let first = 0; first < queries.rows; first += size) {
      own += Math.min(size, queries.rows - first) * Math.min(size, keys.rows - first);
    }
    return sum + own;
  }, 0);
  const groups = Math.ceil(size / QUERIES);
  return {
    perHead: to.perHead,
    flops: 2 * pairs * (headDim + width),
    floats: read.reduce((sum, one) => sum + floatsOf(one) * (one === queries ? 1 : groups), floatsOf(to)),
    run(place) {
      const [queriesAt, toAt] = [queries.at(place), to.at(place)];
      for (let block = 0; block < queries.rows; block += size) {
        const end = Math.min(queries.rows, block + size);
        for (let first = block; first < end; first += QUERIES) {
          const count = Math.min(QUERIES, end - first);
          packRows(queries.data, queriesAt, headDim, first, count, scale, packedQueries);
          state.maximum.fill(Number.NEGATIVE_INFINITY);
          state.total.fill(0);
          state.output.fill(0);
          for (const { keys, values } of parts) {
            const last = Math.min(keys.rows, block + size);
            for (let key = block; key < last; key += KEYS) {
              const many = Math.min(KEYS, last - key);
              packRows(keys.data, keys.at(place), headDim, key, many, 1, packedKeys);
              packColumns(values.data, values.at(place), width, key, many, columns, 0, KEYS);
              for (let row = 0; row < count; row++) scores.fill(0, row * KEYS, row * KEYS + many);
              addProduct(
                packedQueries,
                0,
                headDim,
                packedKeys,
                headDim,
                scores,
                0,
                KEYS,
                count,
                many,
                headDim,
              );
              softmaxFull(scores, KEYS, count, many, state, width);
              addProduct(scores, 0, KEYS, columns, KEYS, state.output, 0, width, count, width, many);
            }
          }
          for (let row = 0; row < count; row++) {
            const target = toAt + (first + row) * width;
            for (let i = 0; i < width; i++) {
              to.data[target + i] = state.output[row * width + i] / state.total[row];
            }
          }
        }
      }
    },
  };
}
