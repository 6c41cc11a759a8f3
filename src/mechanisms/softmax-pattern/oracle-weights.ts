import { FLOAT32_EPSILON } from "../../core/error-budget.ts";
import type { Normaliser } from "../../pairwise/normaliser.ts";
import { type Rounding, sumsOf } from "../oracle.ts";

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
 * Weights by the definition of a normaliser, softmax if there is none. `sizes` gives, for each score, the sum
 * of its terms before anything cancels: it may be off by ε times that.
 */
export function weightsOfRow(
  normaliser: Normaliser | undefined,
  logits: Float64Array,
  sizes: () => Float64Array,
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
  logits: Float64Array,
  sizes: () => Float64Array,
  sink: number | null,
  round: Rounding,
): RowWeights {
  const largest = logits.reduce((most, one) => Math.max(most, one), sink ?? Number.NEGATIVE_INFINITY);
  const weights = new Float64Array(logits.length);
  const within = sumsOf(round);
  let total = sink === null ? 0 : round(Math.exp(round(sink - largest)));
  let exact = total;
  for (let at = 0; at < logits.length; at++) {
    const weight = round(Math.exp(round(logits[at] - largest)));
    weights[at] = weight;
    total = within(total + weight);
    exact += weight;
  }
  return {
    weights,
    normalised: (sum) => sum / total,
    share: true,
    /** A weight moves by that relative amount while it is small; if it is not, it may be anything up to 1. */
    moved() {
      const off = sizes().map((size, at) => FLOAT32_EPSILON * (size + largest - logits[at]));
      // If the largest score comes out too small, all others weigh that much more.
      let most = 0;
      for (let at = 0; at < logits.length; at++) if (logits[at] === largest) most = Math.max(most, off[at]);
      const lift = Math.exp(most) / exact;
      return weights.map((weight, at) => Math.min(1, weight * Math.expm1(off[at]) * lift));
    },
  };
}

/** `w_j = max(s_j, 0) / n^alpha`: Wortsman et al. 2023, arXiv 2309.08586, with n the keys of the row. */
function reluWeights(
  logits: Float64Array,
  sizes: () => Float64Array,
  alpha: number,
  round: Rounding,
): RowWeights {
  const factor = round(logits.length ** -alpha);
  return {
    weights: logits.map((logit) => Math.max(logit, 0)),
    normalised: (sum) => sum * factor,
    share: false,
    moved: () =>
      sizes().map((size, at) => {
        const off = FLOAT32_EPSILON * size;
        return logits[at] < -off ? 0 : off * factor;
      }),
  };
}

/** `w_j = σ(s_j + b)`, b = -ln n if it is null: Ramapuram et al. 2024, arXiv 2409.04431. */
function sigmoidWeights(
  logits: Float64Array,
  sizes: () => Float64Array,
  bias: number | null,
  round: Rounding,
): RowWeights {
  const added = round(bias ?? -Math.log(logits.length));
  const shifted = logits.map((logit) => round(logit + added));
  const weights = shifted.map((x) => {
    const small = round(Math.exp(-Math.abs(x)));
    return round((x >= 0 ? 1 : small) / round(1 + small));
  });
  return {
    weights,
    normalised: (sum) => sum,
    share: false,
    moved: () =>
      sizes().map((size, at) => {
        const off = FLOAT32_EPSILON * (size + Math.abs(added) + Math.abs(shifted[at]));
        return Math.min(1, weights[at] * Math.expm1(off));
      }),
  };
}
