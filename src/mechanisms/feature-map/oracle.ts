import { FLOAT32_TINIEST } from "../../core/error-budget.ts";
import type { ExactProblem } from "../../core/problem.ts";
import { remembered } from "../../core/remembered.ts";
import type { RowPlace } from "../../core/rows.ts";
import { kvHeadOf, layoutOf, offsetIn } from "../../core/shape.ts";
import { layoutBy } from "../../core/tensor-spec.ts";
import { tensorNamed } from "../../core/tensors.ts";
import type { Oracle, ReferenceRow, Rounding } from "../oracle.ts";
import type { FeatureMap } from "./declare.ts";
import { featureInputs } from "./inputs.ts";
import { pairWeights } from "./oracle-weights.ts";
import { WeighedRows } from "./weighed-rows.ts";

/**
 * Linear attention as a weighted sum over keys, without any state: `Σ_j (φ(q)·φ(k_j)) v_j / (Σ_j φ(q)·φ(k_j) +
 * ε)`, over all j or those up to the query's own place. Katharopoulos et al. 2020, arXiv 2006.16236, eq. 4.
 * Rows that read the same keys share one sweep over them, in which what is made of each key is made once.
 */
export function featureMapOracle(problem: ExactProblem<FeatureMap>): Oracle {
  const { shape } = problem;
  return {
    rows(places, round) {
      const sweeps = new Map<number, RowPlace[]>();
      for (const place of places) {
        const slice = place.batch * shape.kvHeads + kvHeadOf(shape, place.head);
        remembered(sweeps, slice, () => []).push(place);
      }
      const rows = new Map<RowPlace, ReferenceRow>();
      for (const group of sweeps.values()) {
        const swept = sweep(problem, group, round);
        for (const [index, place] of group.entries()) rows.set(place, swept[index]);
      }
      return places.map((place) => rows.get(place) ?? emptyRow(shape.valueDim));
    },
  };
}

/** Rows of one batch entry whose heads read the same head of k and v. */
function sweep(
  { inputs, mechanism, causal }: ExactProblem<FeatureMap>,
  places: readonly RowPlace[],
  round: Rounding,
): ReferenceRow[] {
  const { q, k, v, shape } = inputs;
  const { length, queries, headDim, valueDim } = shape;
  const { batch, head: someHead } = places[0];
  const kvHead = kvHeadOf(shape, someHead);
  // The last query stands at the last key.
  const positionOf = ({ row }: RowPlace): number => row + length - queries;
  // Rows that see more keys come first, so that those that see a key are the first ones.
  const order = places
    .map((place, index) => ({ place, index, last: causal ? positionOf(place) : length - 1 }))
    .sort((a, b) => b.last - a.last);
  const weights = pairWeights({
    mechanism,
    q,
    k,
    learned: learnedBy(inputs, mechanism, kvHead),
    headDim,
    length,
    queries: order.length,
    round,
  });
  for (const [at, { place }] of order.entries()) {
    weights.query(at, offsetIn(layoutOf(shape, "q"), batch, place.head, place.row), positionOf(place));
  }
  const keysAt = offsetIn(layoutOf(shape, "k"), batch, kvHead, 0);
  const valuesAt = offsetIn(layoutOf(shape, "v"), batch, kvHead, 0);
  const rows = new WeighedRows(weights, order.length, valueDim, round);
  let seen = order.length;
  for (let key = 0; key < length; key++) {
    while (seen > 0 && order[seen - 1].last < key) seen--;
    if (seen === 0) break;
    weights.key(keysAt + key * headDim, key, seen);
    rows.add(v, valuesAt + key * valueDim, seen);
  }
  const done: ReferenceRow[] = new Array(order.length);
  for (const [at, { index, last }] of order.entries()) {
    // Before the first key there is nothing to read.
    done[index] = last < 0 ? emptyRow(valueDim) : rows.row(at, mechanism.epsilon);
  }
  return done;
}

/** What the layer learned for a head of k and v, `[rows, headDim]`. */
export function learnedBy(
  inputs: ExactProblem["inputs"],
  mechanism: FeatureMap,
  kvHead: number,
): Float64Array {
  const [named] = Object.entries(featureInputs(mechanism));
  if (named === undefined) return new Float64Array(0);
  const [name, spec] = named;
  const layout = layoutBy(inputs.shape, spec);
  const at = offsetIn(layout, 0, kvHead, 0);
  return Float64Array.from(tensorNamed(inputs, name).subarray(at, at + layout.rows * layout.width));
}

function emptyRow(valueDim: number): ReferenceRow {
  const zeros = new Float64Array(valueDim);
  return { values: zeros, magnitudes: zeros, slack: () => zeros.map(() => FLOAT32_TINIEST) };
}
