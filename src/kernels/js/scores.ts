import type { Score } from "../../pairwise/score.ts";
import { addProduct } from "./product.ts";

/** How the scores of one head are made. */
export interface HeadScores {
  /** What the queries are multiplied by as they are packed. */
  readonly factor: number;
  /** Prepares packed queries for `write`; omitted if there is nothing to do. */
  open?(queries: Float64Array, rows: number, width: number): void;
  /**
   * Writes the scores of `rows` packed queries and `keys` packed keys, all `width` wide, to `out` `[rows,
   * stride]`.
   */
  write(
    queries: Float64Array,
    rows: number,
    keys: Float64Array,
    count: number,
    width: number,
    out: Float64Array,
    stride: number,
  ): void;
  /** Operations of one pair. */
  pairFlops(width: number): number;
}

/** The scaled product. */
export function productScores(factor: number): HeadScores {
  return {
    factor,
    write(queries, rows, keys, count, width, out, stride) {
      out.fill(0);
      addProduct(queries, 0, width, keys, width, out, 0, stride, rows, count, width);
    },
    pairFlops: (width) => 2 * width,
  };
}

/** A score that is no product, with the learned vectors of one head. */
export function learnedScores(score: Score, vectors: Readonly<Record<string, Float64Array>>): HeadScores {
  switch (score.kind) {
    case "tanh":
      return { factor: 1, write: tanhScores(vectors.w), pairFlops: (width) => 3 * width };
    case "leaky":
      return { factor: 1, write: leakyScores(vectors.w, score.slope), pairFlops: (width) => 4 * width };
    case "split":
      return {
        factor: 1,
        open(queries, rows, width) {
          for (let at = 0; at < rows * width; at += width) queries[at] = dot(queries, at, vectors.a, width);
        },
        write: splitScores(vectors.b, score.slope),
        pairFlops: () => 2,
      };
    default:
      return score satisfies never;
  }
}

function tanhScores(w: Float64Array): HeadScores["write"] {
  return (queries, rows, keys, count, width, out, stride) => {
    for (let row = 0; row < rows; row++) {
      for (let key = 0; key < count; key++) {
        let sum = 0;
        for (let c = 0; c < width; c++)
          sum += w[c] * Math.tanh(queries[row * width + c] + keys[key * width + c]);
        out[row * stride + key] = sum;
      }
    }
  };
}

function leakyScores(w: Float64Array, slope: number): HeadScores["write"] {
  return (queries, rows, keys, count, width, out, stride) => {
    for (let row = 0; row < rows; row++) {
      for (let key = 0; key < count; key++) {
        let sum = 0;
        for (let c = 0; c < width; c++) {
          const x = queries[row * width + c] + keys[key * width + c];
          sum += w[c] * (x >= 0 ? x : slope * x);
        }
        out[row * stride + key] = sum;
      }
    }
  };
}

/** The first number of a row of queries is what `open` made of it. */
function splitScores(b: Float64Array, slope: number): HeadScores["write"] {
  return (queries, rows, keys, count, width, out, stride) => {
    for (let key = 0; key < count; key++) {
      const ofKey = dot(keys, key * width, b, width);
      for (let row = 0; row < rows; row++) {
        const x = queries[row * width] + ofKey;
        out[row * stride + key] = x >= 0 ? x : slope * x;
      }
    }
  };
}

function dot(rows: Float64Array, at: number, vector: Float64Array, width: number): number {
  let sum = 0;
  for (let c = 0; c < width; c++) sum += rows[at + c] * vector[c];
  return sum;
}
