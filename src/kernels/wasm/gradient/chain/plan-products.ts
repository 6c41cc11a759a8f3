import type { Product, PseudoInverse, Weights } from "../../../../mechanisms/summary/declare.ts";
import { rowsComputed, wholePanels } from "../../chain/chain-work.ts";
import { rowItems } from "../../chain/machine-step.ts";
import { type PlannedMatrix, wholeGroups } from "../../chain/matrices.ts";
import { pushOuter, pushProduct } from "../../chain/plan-steps.ts";
import type { PlanningBack } from "./along.ts";

const ROWS_TOGETHER = 48;

/** Squares of the way back through an inverse, besides those of each iteration. */
const INVERSE_SQUARES = 9;

/** `C = A B`: `dA = dC Bᵀ` and `dB = Aᵀ dC`. `C = Aᵀ B`: `dA = B dCᵀ` and `dB = A dC`. */
export function planProductBack(planning: PlanningBack, step: Product): void {
  const { along, phase } = planning;
  const [a, b, from] = [along.read(step.a), along.read(step.b), along.to(step.to)];
  const [ofA, ofB] = [along.sums(step.a), along.sums(step.b)];
  planning.phase = phase + 2;
  if (ofA !== undefined) {
    const [left, right] = step.transposed ? [b, from] : [from, b];
    pushProduct(planning, {
      a: left,
      b: transposed(planning, right, `${step.to} for ${step.a}`, phase),
      result: ofA,
      phase: phase + 1,
      adds: true,
    });
  }
  if (ofB === undefined) return;
  if (step.transposed) pushProduct(planning, { a, b: from, result: ofB, phase, adds: true });
  else pushOuter(planning, { a, b: from, result: ofB, phase, adds: true });
}

/** `ds = p (dp - Σ p dp)` of weights that are known, and from there to queries and keys. */
export function planWeightsBack(planning: PlanningBack, step: Weights): void {
  const { along, matrices, steps, phase } = planning;
  const [weights, from] = [along.read(step.to), along.to(step.to)];
  const [queries, keys] = [along.read(step.queries), along.read(step.keys)];
  const [ofQueries, ofKeys] = [along.sums(step.queries), along.sums(step.keys)];
  const scores = matrices.made(`gradient of scores of ${step.to}`, weights.rows, weights.columns, 0);
  steps.push({
    kind: "softmaxBack",
    words: {
      of: { matrix: weights },
      along: { matrix: from },
      to: { matrix: scores },
      scale: { float: step.scale },
    },
    phase,
    items: rowItems(weights.rows, ROWS_TOGETHER, weights.columns),
    flops: 5 * weights.rows * weights.columns,
    touched: [],
  });
  if (ofQueries !== undefined) {
    pushProduct(planning, { a: scores, b: keys, result: ofQueries, phase: phase + 1, adds: true });
  }
  if (ofKeys !== undefined) {
    pushOuter(planning, { a: scores, b: queries, result: ofKeys, phase: phase + 1, adds: true });
  }
  planning.phase = phase + 3;
}

/** All iterations are one item: they follow from one another. */
export function planInverseBack(planning: PlanningBack, step: PseudoInverse): void {
  const { along, steps, plan, panelKeys } = planning;
  const [source, sums, from] = [along.read(step.of), along.sums(step.of), along.to(step.to)];
  if (sums === undefined) return;
  const { rows } = source;
  const words = wholeGroups(rows) * (source.rowBytes / 4);
  const width = wholePanels(rows, panelKeys);
  steps.push({
    kind: "inverseBack",
    words: {
      of: { matrix: source },
      ofSums: { matrix: sums },
      along: { matrix: from },
      size: step.iterations,
      partials: { place: plan.words((INVERSE_SQUARES + step.iterations) * words) },
      partialBytes: words * 4,
    },
    phase: planning.phase++,
    items: [{ from: 0, to: rows, cost: 15 * step.iterations * rows ** 3 }],
    // Four products forwards, three once more, and eight back.
    flops: step.iterations * 30 * rowsComputed(rows) * rows * width,
    touched: [],
  });
}

function transposed(
  { matrices, steps }: PlanningBack,
  of: PlannedMatrix,
  name: string,
  phase: number,
): PlannedMatrix {
  const result = matrices.made(`${name}, transposed`, of.columns, of.rows, 0);
  steps.push({
    kind: "transpose",
    words: { of: { matrix: of }, to: { matrix: result } },
    phase,
    items: rowItems(of.rows, ROWS_TOGETHER, of.columns),
    flops: 0,
    touched: [[of, 1]],
  });
  return result;
}
