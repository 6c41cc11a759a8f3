import type { Choice } from "../../../core/choice.ts";
import type { Problem } from "../../../core/problem.ts";
import type { RowPlace } from "../../../core/rows.ts";
import { kvHeadOf, layoutOf, offsetIn } from "../../../core/shape.ts";
import { float64, type Oracle } from "../../oracle.ts";
import type { Reformer, Selection } from "../declare.ts";
import { selectionOracle } from "../oracle.ts";
import { ofHead } from "../rules/heads.ts";
import { reformer } from "../rules/reformer.ts";
import { sortRounds } from "../rules/reformer-chunks.ts";

/**
 * The rounds of a choice, each with a softmax of its own, merged as Kitaev et al. 2020, arXiv 2001.04451, appendix A, do:
 * with the errors of float32 that one softmax over all has.
 */
export function mergedRounds(problem: Problem<Selection>, rule: Reformer, choice: Choice): Oracle {
  const exact = selectionOracle(problem).on?.(choice);
  if (exact === undefined) throw new TypeError("reformer: its oracle must judge choices");
  return {
    rows(places, round) {
      const computed = exact.rows(places, round);
      const precise = round === float64 ? computed : exact.rows(places, float64);
      return computed.map(({ values, ...rest }, index) => {
        const merged = mergedRow(problem, rule, choice, places[index]);
        return { values: values.map((value, i) => merged[i] + (value - precise[index].values[i])), ...rest };
      });
    },
  };
}

/** One row in float64. */
function mergedRow(
  problem: Problem<Selection>,
  rule: Reformer,
  choice: Choice,
  place: RowPlace,
): Float64Array {
  const { inputs, causal } = problem;
  const { shape, v } = inputs;
  const { length, valueDim } = shape;
  const buckets = ofHead(choice.buckets, shape, place, rule.rounds * length);
  const score = reformer.bind(rule, problem).score?.(place, float64);
  if (score === undefined) throw new TypeError("reformer: it must have scores of its own");
  const rounds = Array.from({ length: rule.rounds }, (_, index) => {
    const own = buckets.subarray(index * length, (index + 1) * length);
    const { sees } = sortRounds({ ...rule, rounds: 1 }, length, own);
    const keys = Array.from({ length }, (_, key) => key);
    return keys.filter((key) => key !== place.row && (!causal || key < place.row) && sees(place.row, key));
  });
  const shown = new Int32Array(length);
  for (const key of rounds.flat()) shown[key]++;
  // Where no round shows another, each shows the query's own token.
  if (rounds.every((keys) => keys.length === 0)) {
    for (const keys of rounds) keys.push(place.row);
    shown[place.row] = rule.rounds;
  }
  const values = new Float64Array(valueDim);
  const valuesAt = offsetIn(layoutOf(shape, "v"), place.batch, kvHeadOf(shape, place.head), 0);
  const logSums = rounds.map((keys) => logSum(keys.map((key) => score(key).value - Math.log(shown[key]))));
  const all = logSum(logSums);
  for (const [index, keys] of rounds.entries()) {
    const share = Math.exp(logSums[index] - all);
    for (const key of keys) {
      const weight = share * Math.exp(score(key).value - Math.log(shown[key]) - logSums[index]);
      for (let i = 0; i < valueDim; i++) values[i] += weight * v[valuesAt + key * valueDim + i];
    }
  }
  return values;
}

function logSum(numbers: readonly number[]): number {
  const most = Math.max(...numbers);
  if (most === Number.NEGATIVE_INFINITY) return most;
  return most + Math.log(numbers.reduce((sum, one) => sum + Math.exp(one - most), 0));
}
