import type { BoundPattern } from "../../core/pattern.ts";
import type { Normaliser } from "../../pairwise/normaliser.ts";
import { visibleKeys } from "../visible-keys.ts";
import type { TileMaskWords, Tokens } from "../walk-schedule.ts";
import type { Workspace } from "../workspace.ts";
import { type RowState, softmaxFull, softmaxMasked } from "./softmax-tile.ts";

/** How the scores of one pattern's rows become weights, tile by tile. */
export interface Weighing {
  /** What a row's maximum and total are before it has seen a key. */
  readonly maximum: number;
  readonly total: number;
  /**
   * Turns the scores of a tile into weights, `[rows, stride]`: 0 where the mask, if there is one, has no key.
   * `queries` says which row of the pattern each of them is.
   */
  weigh(tile: ScoreTile, state: RowState, valueDim: number, mask: TileMaskWords | null): void;
  /** What the sum of a row's weighted values is multiplied by. */
  factor(state: RowState, row: number, query: number): number;
}

/** A tile of scores. */
export interface ScoreTile {
  readonly scores: Float64Array;
  readonly stride: number;
  readonly rows: number;
  readonly keys: number;
  /** The rows' queries. */
  readonly queries: Tokens;
}

/** The weighing of a normaliser, softmax if there is none. */
export function weighingOf(
  normaliser: Normaliser | undefined,
  pattern: BoundPattern,
  workspace: Workspace,
): Weighing {
  const counts = (): Float64Array => {
    const keys = visibleKeys(pattern);
    workspace.add(keys);
    return keys;
  };
  switch (normaliser?.kind) {
    case undefined:
      return softmaxWeighing(Number.NEGATIVE_INFINITY, 0);
    case "sink":
      return softmaxWeighing(normaliser.logit, 1);
    case "relu": {
      const factors = counts().map((keys) => (keys === 0 ? 0 : keys ** -normaliser.alpha));
      return {
        ...STATELESS,
        weigh: (tile, _state, _valueDim, mask) => eachPair(tile, mask, (_query, score) => Math.max(score, 0)),
        factor: (_state, _row, query) => factors[query],
      };
    }
    case "sigmoid": {
      const { bias } = normaliser;
      const added = counts().map((keys) => bias ?? -Math.log(keys));
      return {
        ...STATELESS,
        weigh: (tile, _state, _valueDim, mask) =>
          eachPair(tile, mask, (query, score) => sigmoid(score + added[query])),
        factor: () => 1,
      };
    }
    default:
      return normaliser satisfies never;
  }
}

/** Nothing is carried from tile to tile besides the output. */
const STATELESS = { maximum: Number.NEGATIVE_INFINITY, total: 0 } as const;

function softmaxWeighing(maximum: number, total: number): Weighing {
  return {
    maximum,
    total,
    weigh({ scores, stride, rows, keys }, state, valueDim, mask) {
      if (mask === null) softmaxFull(scores, stride, rows, keys, state, valueDim);
      else softmaxMasked(scores, stride, rows, keys, state, valueDim, mask);
    },
    // A row that attended nothing is zero.
    factor: (state, row) => (state.maximum[row] === Number.NEGATIVE_INFINITY ? 0 : 1 / state.total[row]),
  };
}

function eachPair(
  { scores, stride, rows, keys, queries }: ScoreTile,
  mask: TileMaskWords | null,
  weigh: (query: number, score: number) => number,
): void {
  for (let row = 0; row < rows; row++) {
    const query = queries.token(row);
    for (let key = 0; key < keys; key++) {
      const at = row * stride + key;
      scores[at] = mask === null || mask.attends(row, key) ? weigh(query, scores[at]) : 0;
    }
  }
}

/** The logistic function, without an exponential that overflows. */
export function sigmoid(x: number): number {
  const small = Math.exp(-Math.abs(x));
  return (x >= 0 ? 1 : small) / (1 + small);
}
