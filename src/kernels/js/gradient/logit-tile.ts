import type { BoundPattern } from "../../../core/pattern.ts";
import type { Normaliser } from "../../../pairwise/normaliser.ts";
import { visibleKeys } from "../../visible-keys.ts";
import type { TileMaskWords, Tokens } from "../../walk-schedule.ts";
import type { Workspace } from "../../workspace.ts";
import { sigmoid } from "../weighing.ts";

/** A tile of pairs, `[rows, stride]`. */
export interface LogitTile {
  /** Scores, which become weights. */
  readonly weights: Float64Array;
  /** `dout · v` of each pair, which becomes the gradient of its logit. */
  readonly logits: Float64Array;
  readonly stride: number;
  /** The rows' queries. */
  readonly queries: Tokens;
  readonly keys: number;
  /** Pairs without a mask are all attended; others become 0. */
  readonly mask: TileMaskWords | null;
}

/** What a forward pass leaves of each query of one head, where weights share a sum; read for softmax alone. */
export interface QuerySums {
  /** The logarithm of the sum of `exp(score)`. */
  readonly logSums: Float64Array;
  /** `dout · out`. */
  readonly means: Float64Array;
}

/** Turns scores into weights, and the gradients of weights into those of logits. */
export type LogitGradients = (tile: LogitTile, sums: QuerySums) => void;

/** Whether a row's weights share a sum, so that a backward pass needs it of the forward pass. */
export function sharesSum(normaliser: Normaliser | undefined): boolean {
  return normaliser === undefined || normaliser.kind === "sink";
}

/** By the derivative of a normaliser, softmax if there is none. */
export function logitGradients(
  normaliser: Normaliser | undefined,
  pattern: BoundPattern,
  workspace: Workspace,
): LogitGradients {
  const counts = (): Float64Array => {
    const keys = visibleKeys(pattern);
    workspace.add(keys);
    return keys;
  };
  switch (normaliser?.kind) {
    case undefined:
    case "sink":
      return softmaxGradients;
    case "relu": {
      const factors = counts().map((keys) => (keys === 0 ? 0 : keys ** -normaliser.alpha));
      return (tile) =>
        eachPair(tile, (query, at) => {
          const isOn = tile.weights[at] > 0;
          tile.weights[at] = isOn ? factors[query] * tile.weights[at] : reluOf(tile.weights[at]);
          tile.logits[at] = isOn ? factors[query] * tile.logits[at] : reluOf(tile.weights[at]);
        });
    }
    case "sigmoid": {
      const { bias } = normaliser;
      const added = counts().map((keys) => bias ?? -Math.log(keys));
      return (tile) =>
        eachPair(tile, (query, at) => {
          const score = tile.weights[at] + added[query];
          const weight = sigmoid(score);
          tile.weights[at] = weight;
          // 1 - σ(x) is σ(-x), which keeps its digits where the weight is near 1.
          tile.logits[at] *= weight * sigmoid(-score);
        });
    }
    default:
      return normaliser satisfies never;
  }
}

/** 0, or NaN of a score that is none. */
function reluOf(score: number): number {
  return Number.isNaN(score) ? score : 0;
}

/** `p = exp(s - log Σ exp s)`, and `p (dout·v - dout·out)`. */
function softmaxGradients(tile: LogitTile, { logSums, means }: QuerySums): void {
  eachPair(tile, (query, at) => {
    const weight = Math.exp(tile.weights[at] - logSums[query]);
    tile.weights[at] = weight;
    tile.logits[at] = weight * (tile.logits[at] - means[query]);
  });
}

function eachPair(tile: LogitTile, act: (query: number, at: number) => void): void {
  const { weights, logits, stride, queries, keys, mask } = tile;
  for (let row = 0; row < queries.count; row++) {
    const query = queries.token(row);
    for (let key = 0; key < keys; key++) {
      const at = row * stride + key;
      if (mask === null || mask.attends(row, key)) act(query, at);
      else {
        weights[at] = 0;
        logits[at] = 0;
      }
    }
  }
}
