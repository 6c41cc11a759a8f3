import { errorBudget } from "../../../../core/error-budget.ts";
import { rowIn, rowsIn } from "../../../../core/outputs.ts";
import type { RowPlace } from "../../../../core/rows.ts";
import { gradientName, isGradient } from "../../../gradient/declare.ts";
import { type Law, problemOf } from "../../../laws/law.ts";
import { float32, float64 } from "../../../oracle.ts";
import { outputsOf } from "../../../outputs.ts";
import { isSoftmaxPattern } from "../../declare.ts";

/**
 * What is added to every key moves all scores of a row alike, which softmax does not see: `Σ_j dk_j = 0`. Its error is at most
 * the sum of those that each row is allowed.
 */
export const keysSum: Law = {
  title: "the dk of a head's keys sum to 0",
  applies({ filled: { mechanism } }) {
    if (!isGradient(mechanism) || !isSoftmaxPattern(mechanism.of)) return false;
    // Turned by their positions, keys to which one number was added are not alike; other scores are not linear.
    const { score, turn, normaliser } = mechanism.of;
    return score === undefined && turn === undefined && normaliser === undefined;
  },
  async check(subject) {
    const problem = problemOf(subject);
    const outputs = outputsOf(problem);
    const places = [...rowsIn(outputs)]
      .map(({ place }) => place)
      .filter(({ tensor }) => tensor === gradientName("k"));
    const output = await subject.output(problem);
    const oracle = problem.kind.oracle(problem);
    const [exact, rounded] = [float64, float32].map((round) => oracle.rows(places, round));
    const slacks = exact.map((row) => row.slack());
    const rounding = exact.reduce((most, { values }, index) => {
      const errors = values.map((value, i) => Math.abs(rounded[index].values[i] - value) / slacks[index][i]);
      return errors.filter(Number.isFinite).reduce((a, b) => Math.max(a, b), most);
    }, 0);
    const heads = Map.groupBy(
      places.map((place, index) => ({ place, slack: slacks[index] })),
      ({ place: { batch, head } }) => `batch ${batch}, head ${head}`,
    );
    for (const [head, rows] of heads) {
      const wrong = summedUp(rows, rounding, (place) => {
        const { at, width } = rowIn(outputs, place);
        return output.subarray(at, at + width);
      });
      if (wrong !== null) return `dk of ${head}, ${wrong}`;
    }
    return null;
  },
};

function summedUp(
  rows: ReadonlyArray<{ readonly place: RowPlace; readonly slack: Float64Array }>,
  rounding: number,
  valuesOf: (place: RowPlace) => Float32Array,
): string | null {
  const [{ slack: first }] = rows;
  const sums = new Float64Array(first.length);
  const allowed = new Float64Array(first.length);
  for (const { place, slack } of rows) {
    for (const [column, value] of valuesOf(place).entries()) {
      sums[column] += value;
      allowed[column] += errorBudget(slack[column], rounding);
    }
  }
  const column = sums.findIndex((sum, at) => !(Math.abs(sum) <= allowed[at]));
  if (column < 0) return null;
  return `column ${column}: they sum to ${sums[column]}, ${allowed[column].toExponential(2)} at most; it must be 0`;
}
