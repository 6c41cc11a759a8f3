import { FLOAT32_EPSILON } from "../../../core/error-budget.ts";
import type { Normaliser } from "../../../pairwise/normaliser.ts";
import { type Rounding, sumsOf } from "../../oracle.ts";

/** The gradient of `dout · out` with respect to the logits of one row, which are its scores with what is added to them. */
export interface LogitGradients {
  readonly values: Float64Array;
  /**
   * How far a float32 rounding of what goes into each may move it, if its weight is moved by so much; and its terms before
   * anything cancels.
   */
  moved(weights: Float64Array): { readonly by: Float64Array; readonly magnitudes: Float64Array };
}

/** What a row's logits have made, and what is asked of it. */
interface Row {
  /** The weights, normalised. */
  readonly shares: Float64Array;
  /** `dout · v` of each key, and the sums of its terms before anything cancels. */
  readonly products: Float64Array;
  readonly sizes: () => Float64Array;
}

/** By the derivative of a normaliser, softmax if there is none. */
export function logitGradients(
  normaliser: Normaliser | undefined,
  row: Row,
  round: Rounding,
): LogitGradients {
  switch (normaliser?.kind) {
    case undefined:
    case "sink":
      return ofSoftmax(row, round);
    case "relu":
      return ofRelu(row, normaliser.alpha, round);
    case "sigmoid":
      return ofSigmoid(row, round);
    default:
      return normaliser satisfies never;
  }
}

/** `p_j (dout·v_j - D)` with `D = Σ_j p_j dout·v_j`: a sink has a share too, and its value is 0. */
function ofSoftmax({ shares, products, sizes }: Row, round: Rounding): LogitGradients {
  const within = sumsOf(round);
  let mean = 0;
  for (let j = 0; j < shares.length; j++) mean = within(mean + within(shares[j] * products[j]));
  mean = round(mean);
  return {
    values: shares.map((share, j) => round(share * round(products[j] - mean))),
    moved(moved) {
      const sums = sizes();
      let ofMean = 0;
      let sizeOfMean = 0;
      for (let j = 0; j < shares.length; j++) {
        ofMean += moved[j] * Math.abs(products[j] - mean) + FLOAT32_EPSILON * shares[j] * sums[j];
        sizeOfMean += shares[j] * Math.abs(products[j]);
      }
      return {
        by: shares.map((share, j) => {
          const off = FLOAT32_EPSILON * (sums[j] + Math.abs(products[j])) + ofMean;
          return moved[j] * (Math.abs(products[j] - mean) + off) + share * off;
        }),
        magnitudes: shares.map((share, j) => share * (Math.abs(products[j]) + sizeOfMean)),
      };
    },
  };
}

/** `dout·v_j / n^alpha` where a score is above 0; at 0, where there is none, that of the numbers below it. */
function ofRelu({ shares, products, sizes }: Row, alpha: number, round: Rounding): LogitGradients {
  const factor = round(shares.length ** -alpha);
  const values = products.map((product, j) => (shares[j] > 0 ? round(factor * product) : 0));
  return {
    values,
    moved(moved) {
      const sums = sizes();
      return {
        by: products.map((product, j) => {
          // A score that a rounding may move across 0 has all of its gradient or nothing.
          const crossing = moved[j] > 0 && shares[j] <= moved[j] ? factor * Math.abs(product) : 0;
          return crossing + (shares[j] > 0 ? factor * FLOAT32_EPSILON * sums[j] : 0);
        }),
        magnitudes: values.map(Math.abs),
      };
    },
  };
}

/** `p_j (1 - p_j) dout·v_j`. */
function ofSigmoid({ shares, products, sizes }: Row, round: Rounding): LogitGradients {
  const slopes = shares.map((share) => round(share * round(1 - share)));
  const values = slopes.map((slope, j) => round(slope * products[j]));
  return {
    values,
    moved(moved) {
      const sums = sizes();
      return {
        by: slopes.map((slope, j) => {
          const off = FLOAT32_EPSILON * sums[j];
          return (moved[j] + FLOAT32_EPSILON * shares[j]) * (Math.abs(products[j]) + off) + slope * off;
        }),
        magnitudes: values.map(Math.abs),
      };
    },
  };
}
