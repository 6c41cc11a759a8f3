import { FLOAT32_EPSILON, FLOAT32_TINIEST } from "../../core/error-budget.ts";
import type { ExactProblem } from "../../core/problem.ts";
import { randomStream } from "../../core/random.ts";
import { remembered } from "../../core/remembered.ts";
import type { RowPlace } from "../../core/rows.ts";
import { kvHeadOf, type Layout, layoutOf, offsetIn } from "../../core/shape.ts";
import { layoutBy } from "../../core/tensor-spec.ts";
import { type Numbers, tensorNamed } from "../../core/tensors.ts";
import { float64, type Oracle, type ReferenceRow, type Rounding } from "../oracle.ts";
import { chainOf, type Matrix, type Summary } from "./declare.ts";
import { Chain, type Head } from "./oracle-chain.ts";
import type { Shake } from "./oracle-inverse.ts";
import { type Dense, magnitudeOf } from "./oracle-matrix.ts";

/**
 * Chains evaluated by the definitions of their steps. Summaries are made once for each head whose rows are asked for.
 *
 * The slack of a row has two parts. What a rounding within the last step may do follows from its numbers. What
 * roundings before it do is found by trying: each number that a step makes is moved up or down, at random, as far as
 * one rounding of all that goes into it may move it, and the rest of the chain is evaluated again. A bound would say
 * nothing of a pseudo-inverse, whose products cancel.
 */
export function summaryOracle(problem: ExactProblem<Summary>): Oracle {
  const { shape } = problem.inputs;
  return {
    rows(places, round) {
      const heads = new Map<string, Answered>();
      const asked = new Map<string, number[]>();
      const key = ({ batch, head }: RowPlace) => `${batch} ${head}`;
      for (const place of places) remembered(asked, key(place), () => []).push(place.row);
      const next = new Map<string, number>();
      return places.map((place): ReferenceRow => {
        const rows = asked.get(key(place)) ?? [];
        const of = remembered(heads, key(place), () =>
          answer(headOf(problem, place.batch, place.head), rows, round, shape.valueDim),
        );
        const at = next.get(key(place)) ?? 0;
        next.set(key(place), at + 1);
        return of(at);
      });
    },
  };
}

/** One of the rows that were asked for, by its place among them. */
type Answered = (at: number) => ReferenceRow;

function answer(head: Head, rows: readonly number[], round: Rounding, width: number): Answered {
  const chain = new Chain(head, { round, wantsMoved: round === float64 });
  const exact = chain.output(rows);
  let others: readonly Dense[] | undefined;
  const nearby = (): readonly Dense[] => {
    others ??= Array.from({ length: passesOf(width) }, (_, seed) => {
      const near = { exact: chain, shake: shaking(seed) };
      return new Chain(head, { round, wantsMoved: false, near }).output(rows);
    });
    return others;
  };
  return (at) => {
    const places = Array.from({ length: width }, (_, i) => at * width + i);
    const values = Float64Array.from(places, (one) => exact.data[one]);
    const magnitudes = Float64Array.from(places, (one) => magnitudeOf(exact, one));
    const slack = (): Float64Array => {
      // What a rounding may do is a question about exact numbers.
      if (round !== float64) return answer(head, rows, float64, width)(at).slack();
      // Elements share what was tried, since a few passes may all be lucky in one.
      const most = nearby().reduce(
        (worst, { data }) =>
          places.reduce((so, one) => Math.max(so, Math.abs(data[one] - exact.data[one])), worst),
        0,
      );
      return Float64Array.from(places, (one, i) =>
        Math.max(most + (exact.moved?.[one] ?? 0), FLOAT32_EPSILON * Math.abs(values[i]), FLOAT32_TINIEST),
      );
    };
    return { values, magnitudes, slack };
  };
}

/** Numbers that a row has in all passes together: a few of them may all be lucky. */
const NUMBERS = 16;
const LEAST_PASSES = 2;

function passesOf(width: number): number {
  return Math.max(LEAST_PASSES, Math.ceil(NUMBERS / width));
}

function shaking(seed: number): Shake {
  // Marsaglia 2003, doi 10.18637/jss.v008.i14: a weak generator will do for coins.
  let coins = randomStream(seed).below(2 ** 31) | 1;
  return (values, moved) => {
    for (let at = 0; at < values.length; at++) {
      coins ^= coins << 13;
      coins ^= coins >>> 17;
      coins ^= coins << 5;
      values[at] += coins < 0 ? -moved(at) : moved(at);
    }
  };
}

/** One head of a problem. In decoding the problem's shape is the capacity, and the inputs are the tokens so far. */
function headOf({ mechanism, inputs, causal }: ExactProblem<Summary>, batch: number, head: number): Head {
  const { shape } = inputs;
  const view = (values: Numbers, layout: Layout, own: number): Dense => {
    const from = offsetIn(layout, layout.batch === 1 ? 0 : batch, layout.heads === 1 ? 0 : own, 0);
    const { rows, width } = layout;
    return { rows, width, data: values.subarray(from, from + rows * width) };
  };
  const input = (name: Matrix): Dense => {
    if (name === "q") return view(inputs.q, layoutOf(shape, "q"), head);
    if (name === "k" || name === "v") return view(inputs[name], layoutOf(shape, name), kvHeadOf(shape, head));
    if (!Object.hasOwn(mechanism.inputs, name)) {
      throw new TypeError(`chain: ${name} must be an input or made by a step before, got neither`);
    }
    return view(tensorNamed(inputs, name), layoutBy(shape, mechanism.inputs[name]), head);
  };
  return { steps: chainOf(mechanism, shape, causal), input };
}
