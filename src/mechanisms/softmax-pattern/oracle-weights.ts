import { FLOAT32_EPSILON } from "../../core/error-budget.ts";
import type { Normaliser } from "../../pairwise/normaliser.ts";
import type { Rounding } from "../oracle.ts";

/** The weights of one row, up to a factor that they all share. */
export interface RowWeights {
  readonly weights: Float64Array;
  /** A sum of weighted values with that factor. */
  normalised(sum: number): number;
  /** Whether a larger weight makes the others smaller. */
  readonly share: boolean;
  /** How far a float32 rounding of what goes into its score moves each weight, normalised. */
  moved(): Float64Array;
}

/**
 * Weights by the definition of a normaliser, softmax if there is none. `sizes` holds, for each score, the sum
 * of its terms before anything cancels: it may be off by ε times that.
 */
export function weightsOfRow(
  normaliser: Normaliser | undefined,
  logits: readonly number[],
  sizes: readonly number[],
  round: Rounding,
): RowWeights {
  switch (normaliser?.kind) {
    case undefined:
      return softmaxWeights(logits, sizes, null, round);
    case "sink":
      return softmaxWeights(logits, sizes, normaliser.logit, round);
    case "relu":
      return reluWeights(logits, sizes, normaliser.alpha, round);
    case "sigmoid":
      return sigmoidWeights(logits, sizes, normaliser.bias, round);
    default:
      return normaliser satisfies never;
  }
}

/**
 * `w_j = exp(s_j - max)`, divided by their sum, to which a sink adds its own: Vaswani et al. 2017, arXiv
 * 1706.03762, eq. 1.
 */
function softmaxWeights(
  logits: readonly number[],
  sizes: readonly number[],
  sink: number | null,
  round: Rounding,
): RowWeights {
  const largest = logits.reduce((most, one) => Math.max(most, one), sink ?? Number.NEGATIVE_INFINITY);
  const weights = Float64Array.from(logits, (logit) => round(Math.exp(round(logit - largest))));
  const first = sink === null ? 0 : round(Math.exp(round(sink - largest)));
  const total = weights.reduce((sum, weight) => round(sum + weight), first);
  return {
    weights,
    normalised: (sum) => sum / total,
    share: true,
    /** A weight moves by that relative amount while it is small; if it is not, it may be anything up to 1. */
    moved() {
      const exact = weights.reduce((sum, weight) => sum + weight, first);
      const off = (at: number): number => FLOAT32_EPSILON * (sizes[at] + largest - logits[at]);
      // If the largest score comes out too small, all others weigh that much more.
      let lift = 0;
      for (let at = 0; at < logits.length; at++) if (logits[at] === largest) lift = Math.max(lift, off(at));
      return weights.map((weight, at) =>
        Math.min(1, (weight / exact) * Math.expm1(off(at)) * Math.exp(lift)),
      );
    },
  };
}

/** `w_j = max(s_j, 0) / n^alpha`: Wortsman et al. 2023, arXiv 2309.08586, with n the keys of the row. */
function reluWeights(
  logits: readonly number[],
  sizes: readonly number[],
  alpha: number,
  round: Rounding,
): RowWeights {
  const factor = round(logits.length ** -alpha);
  return {
    weights: Float64Array.from(logits, (logit) => Math.max(logit, 0)),
    normalised: (sum) => sum * factor,
    share: false,
    moved: () =>
      Float64Array.from(sizes, (size, at) => {
        const off = FLOAT32_EPSILON * size;
        return logits[at] < -off ? 0 : off * factor;
      }),
  };
}

/** `w_j = σ(s_j + b)`, b = -ln n if it is null: Ramapuram et al. 2024, arXiv 2409.04431. */
function sigmoidWeights(
  logits: readonly number[],
  sizes: readonly number[],
  bias: number | null,
  round: Rounding,
): RowWeights {
  const added = round(bias ?? -Math.log(logits.length));
  const shifted = logits.map((logit) => round(logit + added));
  const weights = Float64Array.from(shifted, (x) => {
    const small = round(Math.exp(-Math.abs(x)));
    return round((x >= 0 ? 1 : small) / round(1 + small));
  });
  return {
    weights,
    normalised: (sum) => sum,
    share: false,
    moved: () =>
      weights.map((weight, at) => {
        const off = FLOAT32_EPSILON * (sizes[at] + Math.abs(added) + Math.abs(shifted[at]));
        return Math.min(1, weight * Math.expm1(off));
      }),
  };
}
