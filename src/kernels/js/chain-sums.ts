import type {
  Convolve,
  HalfSquares,
  LogSizes,
  LogSums,
  Means,
  Product,
  Segments,
  Sum,
  Weights,
} from "../../mechanisms/summary/declare.ts";
import type { Workspace } from "../workspace.ts";
import { type Matrices, packColumns, packRows, type Stored } from "./chain-matrices.ts";
import type { ChainStep } from "./chain-step.ts";
import { addProduct } from "./product.ts";

/** Tokens of a product that are taken together. */
const TOKENS = 64;

/** First rows of the segments, and the end of the last. */
export function edgesOf(rows: number, segments: Segments): Int32Array {
  if ("count" in segments) {
    const { count } = segments;
    return Int32Array.from({ length: count + 1 }, (_, at) => Math.floor((at * rows) / count));
  }
  const { size } = segments;
  return Int32Array.from({ length: Math.ceil(rows / size) + 1 }, (_, at) => Math.min(rows, at * size));
}

export function prepareMeans(step: Means, matrices: Matrices, workspace: Workspace): ChainStep {
  const of = matrices.get(step.of);
  const edges = edgesOf(of.rows, step.segments);
  workspace.add(edges);
  const to = matrices.make(step.to, edges.length - 1, of.width, [of]);
  const { width } = of;
  return {
    perHead: to.perHead,
    flops: of.rows * width,
    floats: floatsOf(of),
    run(place) {
      const at = of.at(place);
      to.data.fill(0);
      for (let t = 0; t < to.rows; t++) {
        const target = t * width;
        for (let row = edges[t]; row < edges[t + 1]; row++) {
          for (let i = 0; i < width; i++) to.data[target + i] += of.data[at + row * width + i];
        }
        const rows = edges[t + 1] - edges[t];
        for (let i = 0; i < width; i++) to.data[target + i] /= rows;
      }
    },
  };
}

export function prepareLogSizes(step: LogSizes, matrices: Matrices): ChainStep {
  const of = matrices.get(step.of);
  const edges = edgesOf(of.rows, step.segments);
  const to = matrices.make(step.to, edges.length - 1, 1, []);
  // It depends on no number of the call.
  for (let t = 0; t < to.rows; t++) to.data[t] = Math.log(edges[t + 1] - edges[t]);
  return { perHead: false, flops: 0, floats: 0, run() {} };
}

export function prepareSum(step: Sum, matrices: Matrices): ChainStep {
  const [a, b] = step.of.map((name) => matrices.get(name));
  const to = matrices.make(step.to, a.rows, a.width, [a, b]);
  return {
    perHead: to.perHead,
    flops: 0,
    floats: floatsOf(a) + floatsOf(b),
    run(place) {
      const [aAt, bAt] = [a.at(place), b.at(place)];
      for (let at = 0; at < to.data.length; at++) to.data[at] = a.data[aAt + at] + b.data[bAt + at];
    },
  };
}

export function prepareProduct(step: Product, matrices: Matrices, workspace: Workspace): ChainStep {
  const { transposed } = step;
  const [a, b] = [matrices.get(step.a), matrices.get(step.b)];
  const rows = transposed ? a.width : a.rows;
  const to = matrices.make(step.to, rows, b.width, [a, b]);
  const left = workspace.float64(rows * TOKENS);
  const right = workspace.float64(b.width * TOKENS);
  return {
    perHead: to.perHead,
    flops: 2 * rows * b.rows * b.width,
    floats: floatsOf(a) + floatsOf(b),
    run(place) {
      const [aAt, bAt] = [a.at(place), b.at(place)];
      to.data.fill(0);
      for (let first = 0; first < b.rows; first += TOKENS) {
        const count = Math.min(TOKENS, b.rows - first);
        packColumns(b.data, bAt, b.width, first, count, right, 0, TOKENS);
        if (transposed) packColumns(a.data, aAt, a.width, first, count, left, 0, TOKENS);
        else {
          for (let row = 0; row < rows; row++) {
            for (let at = 0; at < count; at++)
              left[row * TOKENS + at] = a.data[aAt + row * a.width + first + at];
          }
        }
        addProduct(left, 0, TOKENS, right, TOKENS, to.data as Float64Array, 0, b.width, rows, b.width, count);
      }
    },
  };
}

/** All of a row's weights are kept, and so are its scores. */
export function prepareWeights(step: Weights, matrices: Matrices, workspace: Workspace): ChainStep {
  const [queries, keys] = [matrices.get(step.queries), matrices.get(step.keys)];
  const to = matrices.make(step.to, queries.rows, keys.rows, [queries, keys]);
  const scored = scoresInto(queries, keys, step.scale, to.data as Float64Array, workspace);
  return {
    perHead: to.perHead,
    flops: 2 * to.rows * to.width * keys.width,
    floats: floatsOf(queries) + floatsOf(keys),
    run(place) {
      scored(place);
      const { data, rows, width } = to;
      for (let row = 0; row < rows; row++) {
        const [from, end] = [row * width, (row + 1) * width];
        const largest = largestOf(data, from, end);
        let total = 0;
        for (let at = from; at < end; at++) {
          data[at] = Math.exp(data[at] - largest);
          total += data[at];
        }
        for (let at = from; at < end; at++) data[at] /= total;
      }
    },
  };
}

export function prepareLessLogSums(step: LogSums, matrices: Matrices, workspace: Workspace): ChainStep {
  const [of, rows, bias] = [matrices.get(step.of), matrices.get(step.rows), matrices.get(step.bias)];
  const to = matrices.make(step.to, rows.rows, 1, [of, rows, bias]);
  const scores = workspace.float64(rows.rows * rows.rows);
  const scored = scoresInto(rows, rows, step.scale, scores, workspace);
  return {
    perHead: to.perHead,
    flops: 2 * rows.rows * rows.rows * rows.width,
    floats: 0,
    run(place) {
      scored(place);
      const [ofAt, biasAt] = [of.at(place), bias.at(place)];
      const count = to.rows;
      for (let row = 0; row < count; row++) {
        const from = row * count;
        for (let other = 0; other < count; other++) scores[from + other] += bias.data[biasAt + other];
        const largest = largestOf(scores, from, from + count);
        let total = 0;
        for (let at = from; at < from + count; at++) total += Math.exp(scores[at] - largest);
        to.data[row] = of.data[ofAt + row] - largest - Math.log(total);
      }
    },
  };
}

export function prepareHalfSquares(step: HalfSquares, matrices: Matrices): ChainStep {
  const of = matrices.get(step.of);
  const to = matrices.make(step.to, of.rows, 1, [of]);
  const half = step.factor / 2;
  return {
    perHead: to.perHead,
    flops: 0,
    floats: floatsOf(of),
    run(place) {
      let at = of.at(place);
      for (let row = 0; row < of.rows; row++) {
        let squares = 0;
        for (let i = 0; i < of.width; i++, at++) {
          const x = of.data[at];
          squares += x * x;
        }
        to.data[row] = half * squares;
      }
    },
  };
}

export function prepareConvolve(step: Convolve, matrices: Matrices, workspace: Workspace): ChainStep {
  const [of, values, taps] = [matrices.get(step.of), matrices.get(step.values), matrices.get(step.taps)];
  const to = matrices.make(step.to, of.rows, of.width, [of, values, taps]);
  const { width } = of;
  const before = values.rows - of.rows - Math.floor(taps.width / 2);
  const sums = workspace.float64(width);
  // Taps outside of the values are not read.
  const reached = Array.from({ length: of.rows }, (_, row) => {
    return Math.max(0, Math.min(taps.width, values.rows - row - before) - Math.max(0, -row - before));
  }).reduce((sum, one) => sum + one, 0);
  return {
    perHead: to.perHead,
    flops: 2 * of.rows * taps.width * width,
    floats: reached * (width + 1) + floatsOf(to),
    run(place) {
      const [valuesAt, tapsAt, toAt] = [values.at(place), taps.at(place), to.at(place)];
      for (let row = 0; row < of.rows; row++) {
        const [first, from] = [row + before, row * width];
        const [start, end] = [Math.max(0, -first), Math.min(taps.width, values.rows - first)];
        for (let i = 0; i < width; i++) sums[i] = of.data[from + i];
        for (let tap = start; tap < end; tap++) {
          const [factor, at] = [taps.data[tapsAt + tap], valuesAt + (first + tap) * width];
          for (let i = 0; i < width; i++) sums[i] += factor * values.data[at + i];
        }
        for (let i = 0; i < width; i++) to.data[toAt + from + i] = sums[i];
      }
    },
  };
}

/** `scale·queries·keysᵀ` of a few rows. */
export function scoresInto(
  queries: Stored,
  keys: Stored,
  scale: number,
  to: Float64Array,
  workspace: Workspace,
): ChainStep["run"] {
  const { width } = keys;
  const left = workspace.float64(queries.rows * width);
  const right = workspace.float64(keys.rows * width);
  return (place) => {
    packRows(queries.data, queries.at(place), width, 0, queries.rows, scale, left);
    packRows(keys.data, keys.at(place), width, 0, keys.rows, 1, right);
    to.fill(0);
    addProduct(left, 0, width, right, width, to, 0, keys.rows, queries.rows, keys.rows, width);
  };
}

function largestOf(data: Float32Array | Float64Array, from: number, end: number): number {
  let largest = -Number.MAX_VALUE;
  for (let at = from; at < end; at++) if (data[at] > largest) largest = data[at];
  return largest;
}

export function floatsOf({ isTensor, rows, width }: Stored): number {
  return isTensor ? rows * width : 0;
}
