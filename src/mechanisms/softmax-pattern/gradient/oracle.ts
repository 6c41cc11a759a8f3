import { FLOAT32_EPSILON, FLOAT32_TINIEST } from "../../../core/error-budget.ts";
import { placeText } from "../../../core/outputs.ts";
import { remembered } from "../../../core/remembered.ts";
import type { RowPlace } from "../../../core/rows.ts";
import { kvHeadOf, layoutOf, offsetIn, QKV } from "../../../core/shape.ts";
import { layoutBy } from "../../../core/tensor-spec.ts";
import { bindBiases } from "../../../pairwise/bind-biases.ts";
import { gradientName } from "../../gradient/declare.ts";
import type { GradientProblem } from "../../gradient/gradient-kind.ts";
import { float64, type Oracle, type ReferenceRow, type Rounding } from "../../oracle.ts";
import type { SoftmaxPattern } from "../declare.ts";
import { learnedInputs } from "../learned.ts";
import { turning } from "../turned-rows.ts";
import { type AskedOfHead, askedOf } from "./asked-rows.ts";
import { type Queries, queriesOf, type RowPairs } from "./pairs.ts";
import { ExactSum, type Factor, type RowSum, ValueSum } from "./row-sum.ts";
import { RowsRead } from "./rows-read.ts";
import { type Slope, type Slopes, slopesOf } from "./slopes.ts";

/**
 * The gradients of `Σ dout · out` in closed form, of out = `Σ_j p_j v_j`: dv_j gets `p_j dout`, the logit of each pair what
 * its normaliser's derivative makes of `dout · v_j`, and q, k and what is learned that times the derivatives of the logit.
 * O(N·d) time for each query that adds to a row asked for; O(N) memory.
 */
export function softmaxGradientOracle(problem: GradientProblem<SoftmaxPattern>): Oracle {
  return {
    rows(places, round) {
      // In float64, of which the slack is asked, both are summed at once: most of the time goes into the weights.
      const exact = round === float64 ? summed(problem, places, round, (width) => new ExactSum(width)) : null;
      const sums = exact ?? summed(problem, places, round, (width) => new ValueSum(width, round));
      const slacks = once(() => exact ?? summed(problem, places, float64, (width) => new ExactSum(width)));
      const valuesOf = (place: RowPlace) => sumOf<ValueSum | ExactSum>(sums, place).values;
      const turn = turnBack(problem);
      return places.map((place): ReferenceRow => {
        const values = turn(place, valuesOf(place), round);
        const magnitudes = (): Float64Array => turn.sizes(place, sumOf(slacks(), place).magnitudes);
        return {
          values,
          get magnitudes() {
            return magnitudes();
          },
          slack() {
            const sum = sumOf(slacks(), place);
            const lost = (1 + sum.terms) * FLOAT32_TINIEST;
            return turn
              .sizes(place, sum.slack)
              .map((one, c) => one + FLOAT32_EPSILON * Math.abs(values[c]) + lost);
          },
        };
      });
    },
  };
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

function sumOf<Sum>(sums: ReadonlyMap<RowPlace, Sum>, place: RowPlace): Sum {
  const sum = sums.get(place);
  if (sum === undefined) throw new TypeError("gradient: every row asked for must have a sum");
  return sum;
}

/** Goes through every query that adds to a row asked for, and through its pairs. */
function summed<Sum extends RowSum>(
  problem: GradientProblem<SoftmaxPattern>,
  places: readonly RowPlace[],
  round: Rounding,
  make: (width: number) => Sum,
): ReadonlyMap<RowPlace, Sum> {
  const { shape } = problem;
  // A row that is asked for twice is summed once.
  const distinct = new Map<string, Sum>();
  const sums = new Map(
    places.map((place) => [
      place,
      remembered(distinct, placeText(place), () => make(widthOf(problem, place))),
    ]),
  );
  const asked = askedOf(shape, sums);
  const queries = queriesOf(problem, round);
  const reader = new RowsRead(problem, round);
  const adding = adder(problem, queries, slopesOf(problem, round), make(1) instanceof ExactSum);
  for (let batch = 0; batch < shape.batch; batch++) {
    for (let head = 0; head < shape.heads; head++) {
      const ofHead = asked(batch, head);
      for (const query of queriesThatAdd(problem, queries, ofHead, batch, head)) {
        adding(ofHead, reader, batch, head, query);
      }
    }
  }
  return sums;
}

/** Queries of a head that dout has numbers for and that a row asked for sums over. */
function queriesThatAdd(
  { shape, inputs: { dout } }: GradientProblem<SoftmaxPattern>,
  { patterns }: Queries,
  { queries, keys, values, table, vectors }: AskedOfHead<RowSum>,
  batch: number,
  head: number,
): readonly number[] {
  const layout = layoutOf(shape, "output");
  const sought = [...new Set([...keys.keys(), ...values.keys()])];
  const every = table !== null || vectors.size > 0;
  const candidates =
    every || sought.length > 0 ? Array.from({ length: shape.queries }, (_, row) => row) : [...queries.keys()];
  return candidates.filter((query) => {
    const at = offsetIn(layout, batch, head, query);
    if (dout.subarray(at, at + layout.width).every((one) => one === 0)) return false;
    return every || queries.has(query) || sought.some((key) => patterns[head].attends(query, key));
  });
}

/** What one query adds to the rows that are asked for. */
function adder<Sum extends RowSum>(
  problem: GradientProblem<SoftmaxPattern>,
  queries: Queries,
  slopes: Slopes,
  asksForSlack: boolean,
) {
  const { shape, inputs, mechanism, causal } = problem;
  const ofDout: Slope = {
    values: new Float64Array(shape.valueDim),
    moved: new Float64Array(shape.valueDim),
  };
  // A table of its own indices says which of its numbers a pair reads.
  const { bias } = mechanism;
  const entries = bias?.table?.entries ?? 0;
  const indices = Float32Array.from({ length: shape.heads * entries }, (_, index) => index % entries);
  const entryOf =
    bias === undefined || entries === 0 ? null : bindBiases(bias, { ...shape, causal }, indices);
  const first = shape.length - shape.queries;
  return (asked: AskedOfHead<Sum>, reader: RowsRead, batch: number, head: number, query: number): void => {
    const pairs = queries.pairs(batch, head, query, asked.queries.has(query));
    const factorsOf = factors(pairs, asksForSlack);
    const doutAt = offsetIn(layoutOf(shape, "output"), batch, head, query);
    for (let i = 0; i < shape.valueDim; i++) ofDout.values[i] = inputs.dout[doutAt + i];
    const own = asked.queries.get(query);
    const readsAll = own !== undefined || asked.vectors.size > 0;
    const ofQuery = reader.query(batch, head, query);
    const keyRow = reader.keys(batch, kvHeadOf(shape, head), pairs.keys);
    const asksForTable = entryOf !== null && asked.table !== null;
    for (let index = 0; index < pairs.keys.length; index++) {
      const key = pairs.keys[index];
      const ofKey = asked.keys.get(key);
      asked.values.get(key)?.add(factorsOf.weight(index), ofDout);
      if (!readsAll && !asksForTable && ofKey === undefined) continue;
      const ofLogit = factorsOf.logit(index);
      if (readsAll || ofKey !== undefined) {
        slopes.at(head, ofQuery, keyRow(index));
        own?.add(ofLogit, slopes.ofQuery);
        ofKey?.add(ofLogit, slopes.ofKey);
        for (const [name, sum] of asked.vectors) sum.add(ofLogit, slopes.ofVectors[name]);
      }
      if (entryOf !== null) asked.table?.addTo(entryOf[head].at(query + first, key), ofLogit);
    }
  };
}

/** The factors of a row's pairs; how far they may be moved is only asked for where that is summed. */
function factors(pairs: RowPairs, asksForSlack: boolean) {
  const moved = asksForSlack ? pairs.moved() : null;
  return {
    weight: (index: number): Factor => ({
      value: pairs.weights[index],
      moved: moved?.weights[index] ?? 0,
      magnitude: pairs.weights[index],
    }),
    logit: (index: number): Factor => ({
      value: pairs.logits[index],
      moved: moved?.logits[index] ?? 0,
      magnitude: moved?.magnitudes[index] ?? 0,
    }),
  };
}

/** How wide a row of a gradient is: as its input. */
function widthOf({ shape, mechanism }: GradientProblem<SoftmaxPattern>, { tensor }: RowPlace): number {
  const usual = QKV.find((name) => gradientName(name) === tensor);
  if (usual !== undefined) return layoutOf(shape, usual).width;
  const learned = Object.entries(learnedInputs(mechanism)).find(([name]) => gradientName(name) === tensor);
  if (learned !== undefined) return layoutBy(shape, learned[1]).width;
  throw new RangeError(`gradient: a row must name one of its tensors, got ${tensor}`);
}

/** Rows of dq and dk as they are before q and k were turned by their positions. */
function turnBack({ mechanism, shape }: GradientProblem<SoftmaxPattern>) {
  const turn = mechanism.turn === undefined ? null : turning(mechanism.turn, shape.headDim);
  const positionOf = ({ tensor, row }: RowPlace): number | null => {
    if (tensor === gradientName("q")) return row + shape.length - shape.queries;
    return tensor === gradientName("k") ? row : null;
  };
  const turned = (place: RowPlace, row: Float64Array, round: Rounding) => {
    const position = positionOf(place);
    return turn === null || position === null ? null : turn(row, 0, -position, round);
  };
  return Object.assign(
    (place: RowPlace, row: Float64Array, round: Rounding): Float64Array =>
      turned(place, row, round)?.values ?? row,
    {
      /** Numbers that may be added up whatever their signs are. */
      sizes: (place: RowPlace, row: Float64Array): Float64Array => turned(place, row, float64)?.sizes ?? row,
    },
  );
}
