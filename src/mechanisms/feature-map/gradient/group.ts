import { FLOAT32_EPSILON, FLOAT32_LEAST } from "../../../core/error-budget.ts";
import { remembered } from "../../../core/remembered.ts";
import { layoutOf, offsetIn } from "../../../core/shape.ts";
import type { Numbers } from "../../../core/tensors.ts";
import type { GradientProblem } from "../../gradient/gradient-kind.ts";
import { float64, type ReferenceRow, type Rounding, sumsOf } from "../../oracle.ts";
import { roundedProducts } from "../../rounded-products.ts";
import type { FeatureMap } from "../declare.ts";
import { learnedBy } from "../oracle.ts";
import type { Explicit } from "../oracle-features.ts";
import { pairWeights } from "../oracle-weights.ts";
import type { PairWeights, WeighedHead } from "../weighed-head.ts";
import { type RowTotal, WeighedRows, weighedRow } from "../weighed-rows.ts";
import type { AskedOfGroup } from "./oracle.ts";
import { type Made, type PairSlope, type Slopes, sizesOf, type Uncertain, uncertain } from "./slope.ts";
import { slopesOf } from "./slopes.ts";
import { isExplicit, weighByStates } from "./weigh-by-states.ts";

/** A query that dout has numbers for. */
interface Query {
  readonly head: number;
  readonly row: number;
  /** Where its row begins in q. */
  readonly at: number;
  readonly doutAt: number;
  readonly position: number;
  /** The last key that it sees. */
  readonly last: number;
}

/** What is known of a query once all of its keys have been seen. */
interface Weighed {
  /** `dout · out`, its terms before anything cancels, and how far roundings may move it. */
  readonly mean: number;
  readonly meanMoved: number;
  readonly divisor: number;
  /** How far roundings may move the divisor, as a share of it. */
  readonly divisorMoved: number;
  /** The largest logarithm of a weight; 0 if weights are none. */
  readonly largest: number;
}

/** Adds what the queries of a group of heads add to the rows that are asked for. */
export function sweptGroup(
  problem: GradientProblem<FeatureMap>,
  batch: number,
  kvHead: number,
  asked: AskedOfGroup,
  round: Rounding,
): void {
  const all = queriesOf(problem, batch, kvHead);
  const isAsked = ({ head, row }: Query): boolean => asked.queries.has(`${head} ${row}`);
  const sumsOverQueries = asked.keys.size > 0 || asked.values.size > 0 || asked.learned !== null;
  const queries = sumsOverQueries ? all : all.filter(isAsked);
  if (queries.length === 0) return;
  const weighed = weighedQueries(problem, batch, kvHead, queries, round);
  if (asked.learned !== null) {
    const all = new Sweep(problem, batch, kvHead, queries, round);
    const sums: KeySums = new Map();
    all.go(weighed, asked, { ofKeys: () => true, ofQueries: () => true }, sums);
    all.finishKeys(sums, asked);
    return;
  }
  // A row of k sums over all queries and one of q over all keys: no other pair is gone through.
  const isSummed = (key: number): boolean => asked.keys.has(key) || asked.values.has(key);
  const sums: KeySums = new Map();
  for (const [from, block] of blocksOf(queries)) {
    const sweep = new Sweep(problem, batch, kvHead, block, round);
    const own = weighed.slice(from, from + block.length);
    sweep.go(own, asked, { ofKeys: isSummed, ofQueries: () => false }, sums);
    if (from + block.length === queries.length) sweep.finishKeys(sums, asked);
  }
  const some = queries.flatMap((query, index) => (isAsked(query) ? [{ query, one: weighed[index] }] : []));
  if (some.length === 0) return;
  const along = some.map(({ query }) => query);
  const nothing: AskedOfGroup = { ...asked, keys: new Map(), values: new Map() };
  new Sweep(problem, batch, kvHead, along, round).go(
    some.map(({ one }) => one),
    nothing,
    { ofKeys: () => true, ofQueries: isAsked },
    new Map(),
  );
}

/** Queries whose features are kept at once: those of a million would not fit into memory. */
const BLOCK = 4096;

function blocksOf(queries: readonly Query[]): (readonly [from: number, block: readonly Query[]])[] {
  return Array.from({ length: Math.ceil(queries.length / BLOCK) }, (_, index) => [
    index * BLOCK,
    queries.slice(index * BLOCK, (index + 1) * BLOCK),
  ]);
}

/** Queries that are weighed by states if there are more, where features allow. */
export const MOST_BY_PAIRS = 1024;

/** The weights of the queries, summed over all keys that each sees. */
function weighedQueries(
  problem: GradientProblem<FeatureMap>,
  batch: number,
  kvHead: number,
  queries: readonly Query[],
  round: Rounding,
): readonly Weighed[] {
  const { feature } = problem.mechanism;
  return queries.length > MOST_BY_PAIRS && isExplicit(feature)
    ? new Sweep(problem, batch, kvHead, [], round).weighByStates(queries, feature)
    : new Sweep(problem, batch, kvHead, queries, round).weigh();
}

/** The sums so far of the keys that are asked for, by key. */
type KeySums = Map<number, Uncertain>;

/** Which keys are gone through, and which queries' own gradients are summed meanwhile. */
interface Through {
  ofKeys(key: number): boolean;
  ofQueries(query: Query): boolean;
}

/** Queries that dout has numbers for, those that see more keys first. */
function queriesOf(
  { shape, causal, inputs: { dout } }: GradientProblem<FeatureMap>,
  batch: number,
  kvHead: number,
): Query[] {
  const { heads, kvHeads, length, queries, valueDim } = shape;
  const group = heads / kvHeads;
  const found: Query[] = [];
  for (let head = kvHead * group; head < (kvHead + 1) * group; head++) {
    for (let row = 0; row < queries; row++) {
      const doutAt = offsetIn(layoutOf(shape, "output"), batch, head, row);
      const position = row + length - queries;
      const last = causal ? position : length - 1;
      if (last < 0 || dout.subarray(doutAt, doutAt + valueDim).every((one: number) => one === 0)) continue;
      found.push({ head, row, at: offsetIn(layoutOf(shape, "q"), batch, head, row), doutAt, position, last });
    }
  }
  return found.sort((a, b) => b.last - a.last);
}

/** Some queries of a group, and the keys that they see. */
class Sweep {
  readonly #problem: GradientProblem<FeatureMap>;
  readonly #queries: readonly Query[];
  readonly #round: Rounding;
  readonly #head: WeighedHead;
  readonly #keysAt: number;
  readonly #valuesAt: number;
  /** `[queries, valueDim]`, and of their sizes. */
  readonly #dout: Float64Array;
  readonly #doutSizes: Float64Array;

  constructor(
    problem: GradientProblem<FeatureMap>,
    batch: number,
    kvHead: number,
    queries: readonly Query[],
    round: Rounding,
  ) {
    const { inputs, mechanism, shape } = problem;
    const { headDim, length, valueDim } = shape;
    const { q, k, dout } = inputs;
    this.#problem = problem;
    this.#queries = queries;
    this.#round = round;
    const learned = learnedBy(inputs, mechanism, kvHead);
    this.#head = { mechanism, q, k, learned, headDim, length, queries: queries.length, round };
    this.#keysAt = offsetIn(layoutOf(shape, "k"), batch, kvHead, 0);
    this.#valuesAt = offsetIn(layoutOf(shape, "v"), batch, kvHead, 0);
    this.#dout = new Float64Array(queries.length * valueDim);
    for (const [index, { doutAt }] of queries.entries()) {
      for (let i = 0; i < valueDim; i++) this.#dout[index * valueDim + i] = dout[doutAt + i];
    }
    this.#doutSizes = this.#dout.map(Math.abs);
  }

  /** The weights of the queries, summed over all keys that each sees. */
  weigh(): Weighed[] {
    const { inputs, mechanism, shape } = this.#problem;
    const { valueDim } = shape;
    const weights = this.#weights();
    const rows = new WeighedRows(weights, this.#queries.length, valueDim, this.#round);
    this.#eachKey(
      () => true,
      (key, seen) => {
        weights.key(this.#keysAt + key * shape.headDim, key, seen);
        rows.add(inputs.v, this.#valuesAt + key * valueDim, seen);
      },
    );
    return this.#queries.map(({ doutAt }, index) =>
      this.#weighed(doutAt, rows.row(index, mechanism.epsilon), rows.total(index)),
    );
  }

  /** The same of any number of queries, by the states of the keys that they see. */
  weighByStates(queries: readonly Query[], feature: Explicit): Weighed[] {
    const { inputs, mechanism, shape } = this.#problem;
    const { v } = inputs;
    const { valueDim } = shape;
    const weighed = new Array<Weighed>(queries.length);
    const at = { keys: this.#keysAt, values: this.#valuesAt, v, valueDim };
    weighByStates(this.#head, feature, at, queries, (index, sums) => {
      const row = weighedRow(sums, mechanism.epsilon, this.#round);
      const total = { sum: sums.total, moved: sums.movedTotal, largest: 0 };
      weighed[index] = this.#weighed(queries[index].doutAt, row, total);
    });
    return weighed;
  }

  #weighed(doutAt: number, row: ReferenceRow, { sum, moved, largest }: RowTotal): Weighed {
    const { inputs, mechanism } = this.#problem;
    const divisor = sumsOf(this.#round)(sum + mechanism.epsilon);
    const slack = this.#round === float64 ? row.slack() : row.values;
    let [mean, meanMoved] = [0, 0];
    for (let i = 0; i < row.values.length; i++) {
      const along = inputs.dout[doutAt + i];
      mean = this.#round(mean + this.#round(along * row.values[i]));
      const size = FLOAT32_EPSILON * (Math.abs(row.values[i]) + row.magnitudes[i]);
      meanMoved += Math.abs(along) * (slack[i] + size);
    }
    const divisorMoved = divisor === 0 ? 0 : (FLOAT32_EPSILON * moved) / Math.abs(divisor) + FLOAT32_EPSILON;
    return { mean, meanMoved, divisor, divisorMoved, largest };
  }

  /** Goes through pairs once more, and adds what each adds to the rows that are asked for. */
  go(weighed: readonly Weighed[], asked: AskedOfGroup, through: Through, keySums: KeySums): void {
    const { inputs, shape } = this.#problem;
    const { headDim, valueDim } = shape;
    const weights = this.#weights();
    const slopes = slopesOf(this.#head);
    const queries = this.#queries;
    for (const [index, { at, position }] of queries.entries()) slopes.query(index, at, position);
    const adds = new PairSums(weights, weighed, { valueDim, round: this.#round });
    const products = uncertain(queries.length);
    const value = new Float64Array(valueDim);
    const sums = queries.map((query) => (through.ofQueries(query) ? uncertain(slopes.width) : null));
    this.#eachKey(through.ofKeys, (key, seen) => {
      const keyAt = this.#keysAt + key * headDim;
      read(inputs.v, this.#valuesAt + key * valueDim, value);
      roundedProducts(this.#dout, seen, valueDim, value, products.values, this.#round);
      for (let i = 0; i < valueDim; i++) value[i] = Math.abs(value[i]);
      roundedProducts(this.#doutSizes, seen, valueDim, value, products.moved, float64);
      weights.key(keyAt, key, seen);
      slopes.key(keyAt, key);
      const ofValue = asked.values.get(key) ?? null;
      const isSummed = asked.keys.has(key) || asked.learned !== null;
      const ofKey = isSummed ? remembered(keySums, key, () => uncertain(slopes.width)) : null;
      for (let index = 0; index < seen; index++) {
        const dout = this.#dout.subarray(index * valueDim, (index + 1) * valueDim);
        if (ofValue !== null) adds.toValue(index, dout, ofValue);
        const own = sums[index];
        if (own === null && ofKey === null) continue;
        const slope = slopes.pair(index, weights.weights[index]);
        adds.weigh(index, products, slope);
        if (own !== null) adds.to(own, slope.ofQuery);
        if (ofKey !== null) adds.to(ofKey, slope.ofKey);
      }
    });
    for (const [index, own] of sums.entries()) {
      const { head, row, at } = queries[index];
      if (own !== null) {
        this.#finish(slopes, own, inputs.q, at, asked.queries.get(`${head} ${row}`), asked.learned);
      }
    }
  }

  /** Takes the sums of keys back to their rows, once all queries have added to them. */
  finishKeys(keySums: KeySums, asked: AskedOfGroup): void {
    const { inputs, shape } = this.#problem;
    const slopes = slopesOf(this.#head);
    for (const [key, sum] of keySums) {
      const at = this.#keysAt + key * shape.headDim;
      this.#finish(slopes, sum, inputs.k, at, asked.keys.get(key), asked.learned);
    }
  }

  #finish(
    slopes: Slopes,
    sum: Uncertain,
    from: Numbers,
    at: number,
    row: Uncertain | undefined,
    learned: Uncertain | null,
  ): void {
    if (row !== undefined) {
      const isKey = from === this.#problem.inputs.k;
      const { values, moved } = slopes.back(sum, from, at, isKey);
      row.values.set(values);
      row.moved.set(moved);
      if (this.#round === float64) row.sizes.set(slopes.back(sizesOf(sum), from, at, isKey).moved);
    }
    if (learned === null) return;
    slopes.learn?.(sum, from, at, learned);
    if (this.#round === float64) slopes.learn?.(sizesOf(sum), from, at, sizesOf(learned));
  }

  #weights(): PairWeights {
    const weights = pairWeights(this.#head);
    for (const [index, { at, position }] of this.#queries.entries()) weights.query(index, at, position);
    return weights;
  }

  /** Keys that are asked for, each with how many of the queries see it, the first ones. */
  #eachKey(isAsked: (key: number) => boolean, visit: (key: number, seen: number) => void): void {
    let seen = this.#queries.length;
    for (let key = 0; key < this.#problem.shape.length; key++) {
      while (seen > 0 && this.#queries[seen - 1].last < key) seen--;
      if (seen === 0) return;
      if (isAsked(key)) visit(key, seen);
    }
  }
}

/** What pairs add to rows. */
class PairSums {
  readonly #weights: PairWeights;
  readonly #weighed: readonly Weighed[];
  readonly #round: Rounding;
  readonly #within: Rounding;
  readonly #isExact: boolean;
  /** A sum of n products accumulates √n roundings: Higham and Mary 2019, doi 10.1137/18M1226312. */
  readonly #roundings: number;
  #factor = 0;
  #moved = 0;
  #size = 0;

  constructor(
    weights: PairWeights,
    weighed: readonly Weighed[],
    { valueDim, round }: { readonly valueDim: number; readonly round: Rounding },
  ) {
    this.#weights = weights;
    this.#weighed = weighed;
    this.#round = round;
    this.#within = sumsOf(round);
    this.#isExact = round === float64;
    this.#roundings = 1 + Math.sqrt(valueDim);
  }

  /** The share of a pair's value in its row, and how far roundings may move it. */
  #share(index: number): { readonly share: number; readonly moved: number } {
    const { weights, moved, lost, logarithmic } = this.#weights;
    const { divisor, divisorMoved, largest } = this.#weighed[index];
    const round = this.#round;
    if (divisor === 0) return { share: 0, moved: 0 };
    const weight = logarithmic ? round(Math.exp(round(weights[index] - largest))) : weights[index];
    const share = round(weight / divisor);
    const off = FLOAT32_EPSILON * moved[index] * (logarithmic ? Math.abs(weight) : 1);
    const ofWeight = (off + FLOAT32_LEAST * lost[index]) / Math.abs(divisor);
    return { share, moved: ofWeight + Math.abs(share) * (divisorMoved + FLOAT32_EPSILON) + FLOAT32_LEAST };
  }

  /** Adds `share · dout` to a row of v. */
  toValue(index: number, dout: Float64Array, to: Uncertain): void {
    const within = this.#within;
    const { share, moved } = this.#share(index);
    for (let i = 0; i < dout.length; i++) {
      const product = within(share * dout[i]);
      to.values[i] = within(to.values[i] + product);
      if (!this.#isExact) continue;
      to.moved[i] += moved * Math.abs(dout[i]) + FLOAT32_EPSILON * Math.abs(product) + FLOAT32_LEAST;
      to.sizes[i] += Math.abs(product);
    }
  }

  /** Makes the factor of a pair: `(dout·v - dout·out) / Σw` times what the weight's derivative is of. */
  weigh(index: number, products: Uncertain, slope: PairSlope): void {
    const round = this.#round;
    const { mean, meanMoved, divisor, divisorMoved } = this.#weighed[index];
    const apart = round(products.values[index] - mean);
    const size = products.moved[index] + Math.abs(mean);
    // Products that are smaller than any normal number may be lost, here and below.
    const moved = FLOAT32_EPSILON * this.#roundings * size + meanMoved + FLOAT32_LEAST;
    if (this.#weights.logarithmic) {
      const { share, moved: ofShare } = this.#share(index);
      this.#factor = round(share * apart);
      // Of a weight that is a sum, the exponents of each term.
      this.#moved = share * moved + Math.abs(apart) * ofShare + FLOAT32_LEAST;
      this.#size = share * size;
      return;
    }
    const ofWeight = divisor === 0 ? 0 : round(apart / divisor);
    const least = divisor === 0 ? 0 : 1 / Math.abs(divisor);
    this.#factor = round(ofWeight * slope.factor);
    this.#size = least * size * slope.size;
    this.#moved =
      least * moved * slope.size +
      Math.abs(ofWeight) * slope.moved +
      Math.abs(this.#factor) * (divisorMoved + FLOAT32_EPSILON) +
      FLOAT32_LEAST * (1 + Math.abs(slope.factor));
  }

  /** Adds so many times what a weight's derivative is of to a row. */
  to(row: Uncertain, { values, moved }: Made): void {
    const [within, factor, ofFactor] = [this.#within, this.#factor, this.#moved];
    const size = Math.abs(factor);
    for (let r = 0; r < values.length; r++) {
      row.values[r] = within(row.values[r] + within(factor * values[r]));
    }
    if (!this.#isExact) return;
    for (let r = 0; r < values.length; r++) {
      row.moved[r] += ofFactor * Math.abs(values[r]) + size * moved[r] + FLOAT32_LEAST;
      row.sizes[r] += this.#size * Math.abs(values[r]);
    }
  }
}

function read(from: Numbers, at: number, to: Float64Array): void {
  for (let i = 0; i < to.length; i++) to[i] = from[at + i];
}
