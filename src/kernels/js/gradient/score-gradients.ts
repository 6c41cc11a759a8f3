import type { Score } from "../../../pairwise/score.ts";
import { addToKeys, addToRows, type PackedRows, type Pairs, type Turned } from "./pair-product.ts";

/** One tile: its packed rows of q and k, and the gradients of its logits, which are 0 where a pair is not attended. */
export interface ScoreTile {
  readonly queries: PackedRows;
  readonly keys: PackedRows;
  readonly logits: Pairs;
}

/** Where a tile's gradients are added, `[rows, width]` and `[keys, width]`. */
export interface ScoreSums {
  readonly queries: Float64Array;
  readonly keys: Float64Array;
}

/** How the gradients of one head's scores reach its queries, its keys and its learned vectors. */
export interface ScoreGradients {
  add(tile: ScoreTile, sums: ScoreSums): void;
  /** Operations of one pair. */
  pairFlops(width: number): number;
}

/** Of the scaled product: keys have been multiplied by nothing, and queries by the scale. */
export function productGradients(scale: number, turned: Turned): ScoreGradients {
  return {
    add({ queries, keys, logits }, sums) {
      addToKeys(logits, keys.count, queries, sums.keys, turned);
      const { values, stride } = logits;
      for (let row = 0; row < queries.count; row++) {
        for (let key = 0; key < keys.count; key++) values[row * stride + key] *= scale;
      }
      addToRows(logits, queries.count, keys, sums.queries, turned);
    },
    pairFlops: (width) => 4 * width + 1,
  };
}

/** Learned vectors of one head, and where their gradients are added, by name. */
export interface HeadVectors {
  readonly values: Readonly<Record<string, Float64Array>>;
  readonly sums: Readonly<Record<string, Float64Array>>;
}

/** Of a score that is no product. */
export function learnedGradients(score: Score, { values, sums }: HeadVectors): ScoreGradients {
  switch (score.kind) {
    case "tanh":
      return additiveGradients(values.w, sums.w, Math.tanh, (_x, acted) => 1 - acted * acted, 6);
    case "leaky": {
      const { slope } = score;
      const act = (x: number) => (x >= 0 ? x : slope * x);
      return additiveGradients(values.w, sums.w, act, (x) => (x >= 0 ? 1 : slope), 7);
    }
    case "split":
      return splitGradients(values, sums, score.slope);
    default:
      return score satisfies never;
  }
}

/** Of `Σ_c w_c act(q_c + k_c)`. */
function additiveGradients(
  w: Float64Array,
  dw: Float64Array,
  act: (x: number) => number,
  steepness: (x: number, acted: number) => number,
  flops: number,
): ScoreGradients {
  return {
    add(tile, sums) {
      eachAttended(tile, (row, key, logit) => {
        for (let c = 0; c < w.length; c++) {
          const x = tile.queries.values[row + c] + tile.keys.values[key + c];
          const acted = act(x);
          dw[c] += logit * acted;
          const by = logit * w[c] * steepness(x, acted);
          sums.queries[row + c] += by;
          sums.keys[key + c] += by;
        }
      });
    },
    pairFlops: (width) => flops * width,
  };
}

/** Of `leaky(a·q + b·k)`: what a row has in common for all of its pairs is added up first. */
function splitGradients(
  { a, b }: HeadVectors["values"],
  { a: da, b: db }: HeadVectors["sums"],
  slope: number,
): ScoreGradients {
  return {
    add(tile, sums) {
      eachAttended(tile, (row, key, logit) => {
        let x = 0;
        for (let c = 0; c < a.length; c++) {
          x += a[c] * tile.queries.values[row + c] + b[c] * tile.keys.values[key + c];
        }
        const by = x >= 0 ? logit : slope * logit;
        for (let c = 0; c < a.length; c++) {
          sums.queries[row + c] += by * a[c];
          sums.keys[key + c] += by * b[c];
          da[c] += by * tile.queries.values[row + c];
          db[c] += by * tile.keys.values[key + c];
        }
      });
    },
    pairFlops: (width) => 12 * width,
  };
}

/** Calls with where a pair's rows begin, of each pair that is attended. */
function eachAttended(
  { queries, keys, logits: { values, stride, mask } }: ScoreTile,
  act: (queryAt: number, keyAt: number, logit: number) => void,
): void {
  for (let row = 0; row < queries.count; row++) {
    for (let key = 0; key < keys.count; key++) {
      if (mask !== null && !mask.attends(row, key)) continue;
      act(row * queries.width, key * keys.width, values[row * stride + key]);
    }
  }
}
