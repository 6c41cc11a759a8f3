import { FLOAT32_EPSILON, FLOAT32_LEAST } from "../../../core/error-budget.ts";
import { remembered } from "../../../core/remembered.ts";
import type { RowPlace } from "../../../core/rows.ts";
import { layoutOf, offsetIn } from "../../../core/shape.ts";
import { layoutBy } from "../../../core/tensor-spec.ts";
import { gradientName } from "../../gradient/declare.ts";
import type { GradientProblem } from "../../gradient/gradient-kind.ts";
import { float64, type Oracle, type ReferenceRow, type Rounding } from "../../oracle.ts";
import { disturbing, largestIn } from "../../swept-heads.ts";
import type { Recurrence } from "../declare.ts";
import { recurrenceInputs } from "../inputs.ts";
import { pathsFor } from "../oracle.ts";
import { goBack } from "./backward-path.ts";

/** How every number of a pass is rounded, and to which side every decay errs. */
interface Errors {
  readonly round: Rounding;
  readonly lean: number;
}

/**
 * The gradients of recurrences of matrices, token by token from the last that dout has numbers for. As in the forward oracle,
 * slack is how far paths are from the exact one in which every number is off by what one float32 rounding may take. Rows of
 * weights sum over the batch.
 */
export function recurrenceGradientOracle(problem: GradientProblem<Recurrence>): Oracle {
  const { headDim, valueDim, length } = problem.shape;
  return {
    rows(places, round) {
      const least = leastOf(problem);
      const values = gradients(problem, places, { round, lean: 0 });
      const count = pathsFor({ length, width: Math.min(headDim, valueDim) });
      let others: ReadonlyArray<ReadonlyMap<RowPlace, Float64Array>> | null = null;
      const disturbed = () => {
        others ??= Array.from({ length: count }, (_, seed) =>
          gradients(problem, places, { round: disturbing(seed), lean: seed % 2 === 0 ? 1 : -1 }),
        );
        return others;
      };
      return places.map((place): ReferenceRow => {
        const own = rowAt(values, place);
        return {
          values: own,
          // What nothing reaches is 0, and told from what is not by what float32 may lose of terms so large.
          magnitudes: own.map((value) => Math.max(Math.abs(value), least / FLOAT32_EPSILON)),
          slack() {
            if (round !== float64) throw new TypeError("recurrence: slack belongs to the exact rows");
            return slackOf(
              own,
              disturbed().map((one) => rowAt(one, place)),
              least,
            );
          },
        };
      });
    },
  };
}

function rowAt(rows: ReadonlyMap<RowPlace, Float64Array>, place: RowPlace): Float64Array {
  const row = rows.get(place);
  if (row === undefined) throw new TypeError("recurrence: every row asked for must have been made");
  return row;
}

/** As far as any number of the row is on another path, since a few paths may all be lucky in one. */
function slackOf(exact: Float64Array, others: readonly Float64Array[], least: number): Float64Array {
  let most = least;
  for (const other of others) {
    for (const [at, value] of exact.entries()) {
      const off = Math.abs(other[at] - value);
      // NaN where the row itself is.
      if (off > most) most = off;
    }
  }
  return exact.map((value) => Math.max(most, FLOAT32_EPSILON * Math.abs(value)));
}

/** What products that are smaller than any normal float32 number may add up to. */
function leastOf({ shape, inputs }: GradientProblem<Recurrence>): number {
  const size = (["q", "k", "v", "dout"] as const)
    .map((name) => 1 + largestIn(inputs[name], 0, inputs[name].length))
    .reduce((product, one) => product * one, 1);
  return FLOAT32_LEAST * size * shape.length * (shape.headDim + shape.valueDim);
}

/** The rows that are asked for. */
function gradients(
  problem: GradientProblem<Recurrence>,
  places: readonly RowPlace[],
  { round, lean }: Errors,
): ReadonlyMap<RowPlace, Float64Array> {
  const { shape, mechanism } = problem;
  const specs = recurrenceInputs(mechanism);
  const rows = new Map<RowPlace, Float64Array>();
  const widthOf = (input: string): number => {
    if (input === "q" || input === "k" || input === "v") return layoutOf(shape, input).width;
    if (!Object.hasOwn(specs, input)) throw new RangeError(`recurrence: it has no input ${input}`);
    return layoutBy(shape, specs[input]).width;
  };
  const ofWeights = (input: string): boolean => Object.hasOwn(specs, input) && specs[input].of === "weights";
  /** By batch entry and head, and within that by token and input. */
  const heads = new Map<string, { tokens: Map<string, RowPlace[]>; weights: RowPlace[] }>();
  // A place that is asked for twice is one row, to which nothing is added twice.
  for (const place of new Set(places)) {
    const input = inputOf(place);
    rows.set(place, new Float64Array(widthOf(input)));
    const entries = ofWeights(input) ? shape.batch : 1;
    for (let entry = 0; entry < entries; entry++) {
      const slice = `${ofWeights(input) ? entry : place.batch} ${place.head}`;
      const asked = remembered(heads, slice, () => ({ tokens: new Map(), weights: [] }));
      if (ofWeights(input)) asked.weights.push(place);
      else remembered(asked.tokens, `${place.row} ${input}`, (): RowPlace[] => []).push(place);
    }
  }
  for (const [slice, { tokens, weights }] of heads) {
    const [batch, head] = slice.split(" ").map(Number);
    const last = lastAlong(problem, batch, head);
    if (last < 0) continue;
    const first = weights.length > 0 ? 0 : Math.min(...[...tokens.values()].flat().map(({ row }) => row));
    const made = goBack(problem, { batch, head, round, lean }, { first, last }, (token, ofToken) => {
      for (const [input, gradient] of Object.entries(ofToken)) {
        for (const place of tokens.get(`${token} ${input}`) ?? []) rows.get(place)?.set(gradient);
      }
    });
    for (const place of weights) {
      const row = rowAt(rows, place);
      const from = made[inputOf(place)].subarray(place.row * row.length);
      for (let c = 0; c < row.length; c++) row[c] = round(row[c] + from[c]);
    }
  }
  return rows;
}

function inputOf({ tensor = "" }: RowPlace): string {
  return tensor.slice(gradientName("").length);
}

/** The last token of a head that dout has numbers for; -1 if it has none. */
function lastAlong(
  { shape, inputs: { dout } }: GradientProblem<Recurrence>,
  batch: number,
  head: number,
): number {
  const layout = layoutOf(shape, "output");
  const from = offsetIn(layout, batch, head, 0);
  let at = layout.rows * layout.width - 1;
  while (at >= 0 && dout[from + at] === 0) at--;
  return Math.floor(at / layout.width);
}
