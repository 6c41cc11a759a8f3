import { FLOAT32_EPSILON, FLOAT32_LEAST } from "../../../core/error-budget.ts";
import { type BoundPattern, type Intervals, measure } from "../../../core/pattern.ts";
import { kvHeadOf, layoutOf, offsetIn } from "../../../core/shape.ts";
import { tensorNamed } from "../../../core/tensors.ts";
import type { BoundBias } from "../../../pairwise/bias.ts";
import { BIAS_TABLE, bindBiases } from "../../../pairwise/bind-biases.ts";
import { bindHeads } from "../../../pattern/bind.ts";
import type { GradientProblem } from "../../gradient/gradient-kind.ts";
import type { Rounding } from "../../oracle.ts";
import type { SoftmaxPattern } from "../declare.ts";
import { type KeyRows, productsWith } from "../key-sums.ts";
import { attendedOf, withBias } from "../oracle.ts";
import { scoresOf } from "../oracle-scores.ts";
import { weightsOfRow } from "../oracle-weights.ts";
import { logitGradients } from "./logits.ts";
import { ProductSizes } from "./norms.ts";

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
  /**
   * The pairs of a query that dout has numbers for. O(N·d) time. `isAsked` is whether its own row is asked for: of others,
   * which only add to what is, long sequences are not asked about every key.
   */
  pairs(batch: number, head: number, query: number, isAsked: boolean): RowPairs;
}

/**
 * Of more keys intervals tell which a query attends, as property tests hold them to membership: a key's gradient is made of as
 * many queries as attend it, and to ask each of those about every key would take minutes.
 */
const MOST_ASKED = 2 ** 16;

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
  const bounds = new ProductSizes(problem);
  const first = shape.length - shape.queries;
  return {
    patterns,
    biases,
    pairs(batch, head, query, isAsked) {
      const pattern = patterns[head];
      const keys =
        isAsked || shape.length <= MOST_ASKED
          ? attendedOf(shape.length, (key) => pattern.attends(query, key))
          : keysIn(pattern.intervals(query));
      const bias = biases?.[head];
      const asked = scores(batch, head, query, round)(keys);
      const { logits, sizes } = withBias(
        mechanism.score === undefined
          ? { ...asked, sizes: () => bounds.ofScores(batch, head, query, keys) }
          : asked,
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
        { shares, products, sizes: () => bounds.ofValues(batch, head, query, keys) },
        round,
      );
      return {
        keys,
        weights: shares,
        logits: gradients.values,
        moved() {
          const offs = weights.moved();
          const { by, magnitudes } = gradients.moved(offs);
          // A subnormal weight may be lost.
          const ofWeights = offs.map((one, j) => one + FLOAT32_EPSILON * shares[j] + FLOAT32_LEAST);
          return { weights: ofWeights, logits: by.map((one) => one + FLOAT32_LEAST), magnitudes };
        },
      };
    },
  };
}

/** The keys of some ranges, in order. */
function keysIn(ranges: Intervals): Int32Array {
  const keys = new Int32Array(measure(ranges));
  let count = 0;
  for (let at = 0; at < ranges.length; at += 2) {
    for (let key = ranges[at]; key < ranges[at + 1]; key++) keys[count++] = key;
  }
  return keys;
}
