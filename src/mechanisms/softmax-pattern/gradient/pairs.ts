import { FLOAT32_EPSILON, FLOAT32_LEAST } from "../../../core/error-budget.ts";
import type { BoundPattern } from "../../../core/pattern.ts";
import { kvHeadOf, layoutOf, offsetIn } from "../../../core/shape.ts";
import { tensorNamed } from "../../../core/tensors.ts";
import type { BoundBias } from "../../../pairwise/bias.ts";
import { BIAS_TABLE, bindBiases } from "../../../pairwise/bind-biases.ts";
import { bindHeads } from "../../../pattern/bind.ts";
import type { GradientProblem } from "../../gradient/gradient-kind.ts";
import type { Rounding } from "../../oracle.ts";
import type { SoftmaxPattern } from "../declare.ts";
import { type KeyRows, productsWith, sizesWith } from "../key-sums.ts";
import { attendedOf, withBias } from "../oracle.ts";
import { scoresOf } from "../oracle-scores.ts";
import { weightsOfRow } from "../oracle-weights.ts";
import { logitGradients } from "./logits.ts";

/** The pairs of one query: their weights, and the gradients of their logits. */
export interface RowPairs {
  readonly keys: Int32Array;
  /** Normalised. */
  readonly weights: Float64Array;
  readonly logits: Float64Array;
  /** How far a float32 rounding of what goes into each may move it; and logits' terms before anything cancels. */
  moved(): {
    readonly weights: Float64Array;
    readonly logits: Float64Array;
    readonly magnitudes: Float64Array;
  };
}

/** The queries of a problem by the definition, from membership alone. */
export interface Queries {
  readonly patterns: readonly BoundPattern[];
  readonly biases: readonly BoundBias[] | null;
  /** The pairs of a query that dout has numbers for. O(N·d) time. */
  pairs(batch: number, head: number, query: number): RowPairs;
}

/** Made anew for each pass, since inputs may hold other numbers the next time. */
export function queriesOf(problem: GradientProblem<SoftmaxPattern>, round: Rounding): Queries {
  const { inputs, mechanism, ...task } = problem;
  const { shape, causal } = task;
  const { v, dout } = inputs;
  const { valueDim: width } = shape;
  const patterns = bindHeads(mechanism, task);
  const { bias: added, normaliser } = mechanism;
  const table = added?.table && tensorNamed(inputs, BIAS_TABLE);
  const biases = added === undefined ? null : bindBiases(added, { ...shape, causal }, table);
  const scores = scoresOf(problem);
  const first = shape.length - shape.queries;
  return {
    patterns,
    biases,
    pairs(batch, head, query) {
      const keys = attendedOf(shape.length, (key) => patterns[head].attends(query, key));
      const bias = biases?.[head];
      const { logits, sizes } = withBias(
        scores(batch, head, query, round)(keys),
        keys,
        bias === undefined ? null : (key) => bias.at(query + first, key),
        round,
      );
      const weights = weightsOfRow(normaliser, logits, sizes, round);
      const shares = weights.weights.map((weight) => round(weights.normalised(weight)));
      const doutAt = offsetIn(layoutOf(shape, "output"), batch, head, query);
      const rows: KeyRows = {
        from: v,
        at: offsetIn(layoutOf(shape, "v"), batch, kvHeadOf(shape, head), 0),
        width,
        keys,
      };
      const products = productsWith(dout, doutAt, rows, round);
      const gradients = logitGradients(
        normaliser,
        { weights, shares, products, sizes: () => sizesWith(dout, doutAt, rows) },
        round,
      );
      return {
        keys,
        weights: shares,
        logits: gradients.values,
        moved() {
          const { by, magnitudes } = gradients.moved();
          // A subnormal weight may be lost.
          const ofWeights = weights
            .moved()
            .map((one, j) => one + FLOAT32_EPSILON * shares[j] + FLOAT32_LEAST);
          return { weights: ofWeights, logits: by.map((one) => one + FLOAT32_LEAST), magnitudes };
        },
      };
    },
  };
}
