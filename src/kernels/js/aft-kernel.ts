import type { Problem } from "../../core/problem.ts";
import { callBytes, FLOAT_BYTES, layoutOf, offsetIn } from "../../core/shape.ts";
import { tensorNamed } from "../../core/tensors.ts";
import { biasedKeys, LEARNED, type PositionBiases } from "../../mechanisms/aft/declare.ts";
import type { Runnable } from "../kernel.ts";
import { Workspace } from "../workspace.ts";
import { BiasedKeys, CHUNK } from "./biased-keys.ts";
import { ChannelSums } from "./channel-sums.ts";

/**
 * A sum of weights below this has lost what counts: the biases of its row lie so far apart that all products
 * with the weights of the keys are nearly 0. Such a sum is computed key by key.
 */
const LEAST_TOTAL = 1e-200;

/** Rows `first … first + rows - 1`, and the chunks of keys `from … to - 1` in which any of them has a bias. */
interface Block {
  readonly first: number;
  readonly rows: number;
  readonly from: number;
  readonly to: number;
}

/**
 * An attention-free transformer with position biases, in blocks of rows. Keys that all rows of a block see go through
 * `BiasedKeys`; those among the rows themselves, if the call is causal, are added one by one, since a larger key that
 * comes later must not make what a row sees vanish. Keys beyond the window are sums.
 */
export function prepareAft(problem: Problem, biases: PositionBiases, output: Float32Array): Runnable {
  const { shape, inputs, causal } = problem;
  const { batch, heads, length, headDim } = shape;
  const { rank } = biases;
  const { q, k, v } = inputs;
  const window = biases.window === 0 ? Number.POSITIVE_INFINITY : biases.window;
  const blocks = Array.from({ length: Math.ceil(length / CHUNK) }, (_, index) => blockOf(index));
  const workspace = new Workspace();
  const near = new BiasedKeys(headDim, rank, workspace);
  const before = new ChannelSums(headDim);
  const own = new ChannelSums(headDim);
  /** Of each chunk the sums of the keys from it on, if any block needs them. */
  const after = blocks.some(({ to }) => !causal && to < length)
    ? Array.from({ length: blocks.length + 1 }, () => new ChannelSums(headDim))
    : [];

  function blockOf(index: number): Block {
    const first = index * CHUNK;
    const rows = Math.min(CHUNK, length - first);
    const last = first + rows - 1;
    const end = causal ? first : length;
    const { from } = biasedKeys(biases, first, length);
    const { to } = biasedKeys(biases, last, length);
    return { first, rows, from: from - (from % CHUNK), to: Math.min(end, Math.ceil(to / CHUNK) * CHUNK) };
  }

  const runHead = (entry: number, head: number): void => {
    const [u, w] = [LEARNED.ofQueries, LEARNED.ofKeys].map((name) => tensorNamed(inputs, name));
    const start = offsetIn(layoutOf(shape, "k"), entry, head, 0);
    const tables = head * length * rank;
    const addTo = (sums: ChannelSums, key: number): void => sums.addKey(k, v, start + key * headDim, 0);
    const bias = (row: number, key: number): number => {
      if (Math.abs(row - key) >= window) return 0;
      let sum = 0;
      for (let r = 0; r < rank; r++) sum += u[tables + row * rank + r] * w[tables + key * rank + r];
      return sum;
    };
    before.clear();
    after.at(-1)?.clear();
    for (let chunk = after.length - 2; chunk >= 0; chunk--) {
      after[chunk].copyFrom(after[chunk + 1]);
      for (let key = chunk * CHUNK; key < Math.min(length, (chunk + 1) * CHUNK); key++)
        addTo(after[chunk], key);
    }
    let added = 0;
    for (const { first, rows, from, to } of blocks) {
      for (; added < from; added++) addTo(before, added);
      near.open(u, tables + first * rank, rows);
      for (let key = from; key < to; key += CHUNK) {
        const keys = Math.min(CHUNK, to - key);
        const at = start + key * headDim;
        near.add(rows, w, tables + key * rank, k, v, at, keys, first - key, window);
      }
      for (let row = 0; row < rows; row++) {
        own.copyFrom(before);
        if (to < length && !causal) own.add(after[to / CHUNK]);
        if (from < to) addNear(row, first + row, from, to, start, bias);
        if (causal) {
          for (let key = first; key <= first + row; key++) {
            own.addKey(k, v, start + key * headDim, bias(first + row, key));
          }
        }
        own.write(q, start + (first + row) * headDim, output);
      }
    }
  };

  /** Adds to a row what the keys `from … to - 1` sum up to. */
  const addNear = (
    index: number,
    row: number,
    from: number,
    to: number,
    start: number,
    bias: (row: number, key: number) => number,
  ): void => {
    const { rows, largest } = near;
    const at = index * 2 * headDim;
    for (let c = 0; c < headDim; c++) {
      const total = rows.output[at + headDim + c];
      if (total < LEAST_TOTAL) {
        for (let key = from; key < to; key++) {
          const place = start + key * headDim + c;
          own.addTo(c, k[place] + bias(row, key), v[place], 1);
        }
      } else own.addTo(c, rows.maximum[index] + largest[c], rows.output[at + c], total);
    }
  };

  /** Keys that are added one by one to what is before a block, and to what is after each chunk. */
  const summed = blocks.reduce((most, { from }) => Math.max(most, from), 0) + (after.length > 0 ? length : 0);
  /** Numbers read of the keys among a block's own rows: each for every row that sees it. */
  const readAmong = (rows: number): number => {
    const biased = Math.min(window, rows);
    const biasedPairs = biased * rows - (biased * (biased - 1)) / 2;
    return rows * (rows + 1) * headDim + biasedPairs * 2 * rank;
  };

  return {
    run() {
      for (let entry = 0; entry < batch; entry++)
        for (let head = 0; head < heads; head++) runHead(entry, head);
    },
    output: () => output,
    workspaceBytes: workspace.bytes + [before, own, ...after].reduce((sum, { bytes }) => sum + bytes, 0),
    get executedFlops() {
      const perHead = blocks.reduce((sum, { rows, from, to }) => {
        const pairs = rows * (to - from) + (causal ? (rows * (rows + 1)) / 2 : 0);
        return sum + (4 * headDim + 2 * rank) * pairs;
      }, 0);
      return batch * heads * (perHead + 4 * headDim * summed);
    },
    get bytes() {
      // Keys are read for the largest of them, and once more.
      const near = blocks.reduce((sum, { from, to }) => sum + to - from, 0) * (3 * headDim + rank);
      const among = causal ? blocks.reduce((sum, { rows }) => sum + readAmong(rows), 0) : 0;
      const read = length * rank + near + among + 2 * headDim * summed;
      return callBytes(shape) / 2 + FLOAT_BYTES * batch * heads * read;
    },
    dispose() {},
  };
}
