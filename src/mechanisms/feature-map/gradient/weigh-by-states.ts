import { FLOAT32_LEAST } from "../../../core/error-budget.ts";
import { float32, float64, type Rounding, sumsOf } from "../../oracle.ts";
import { type Feature, featureCount } from "../declare.ts";
import { type Explicit, featuresMayMove, featuresOf, roundingsOf } from "../oracle-features.ts";
import type { WeighedHead } from "../weighed-head.ts";
import type { SumsOfRow } from "../weighed-rows.ts";

/** A query: where its row begins in q, and the last key that it sees. */
interface StandingQuery {
  readonly at: number;
  readonly last: number;
}

/** Where the keys and values of a head begin in k and v. */
interface KeysAt {
  readonly keys: number;
  readonly values: number;
  readonly v: Float32Array | Float64Array;
  readonly valueDim: number;
}

/** Whether features are made one row at a time, whatever its position, so that states of them can be summed. */
export function isExplicit(feature: Feature): feature is Explicit {
  return feature.kind !== "favor" && feature.kind !== "taylor" && feature.kind !== "reweighted";
}

/**
 * What the weights of all queries make of all values, in O(N): `φ(q)ᵀ Σ φ(k) [v, 1]ᵀ`, where going through pairs would take
 * O(N²). The same for how far roundings move them: a weight's bound is a sum over features as well. `visit` is given the sums of a
 * query, which the next one overwrites, by its place among `queries`; those are in the order of the keys that they see, more of
 * them first.
 */
export function weighByStates(
  head: WeighedHead,
  feature: Explicit,
  { keys, values: valuesAt, v, valueDim }: KeysAt,
  queries: readonly StandingQuery[],
  visit: (index: number, sums: SumsOfRow) => void,
): void {
  const { q, k, headDim, round } = head;
  const count = featureCount(feature, headDim);
  const width = valueDim + 1;
  const features = featuresOf(head, feature);
  // How far roundings move a row is asked of the exact one alone.
  const isExact = round === float64;
  const mayMove = isExact && featuresMayMove(feature);
  const roundings = roundingsOf(count);
  const [row, off] = [new Float64Array(count), new Float64Array(count)];
  const [numbers, sizesOfNumbers] = [new Float64Array(width).fill(1), new Float64Array(width).fill(1)];
  const room = (needed: boolean): Float64Array => new Float64Array(needed ? count * width : 0);
  const state = room(true);
  const sizes = room(isExact);
  const movedKeys = room(mayMove);
  const [values, ofSizes, moved, lost] = [0, 1, 2, 3].map(() => new Float64Array(width));
  const within = sumsOf(round);

  const addKey = (key: number): void => {
    features(k, keys + key * headDim, row, off);
    for (let i = 0; i < valueDim; i++) {
      numbers[i] = v[valuesAt + key * valueDim + i];
      sizesOfNumbers[i] = Math.abs(numbers[i]);
    }
    if (within === float32) addSingly(row, numbers, state);
    else if (within === float64) addExactly(row, numbers, state);
    else addRounded(row, numbers, state, within);
    if (mayMove) addExactly(off, sizesOfNumbers, movedKeys);
    if (!isExact) return;
    let all = 0;
    for (let r = 0; r < count; r++) {
      row[r] = Math.abs(row[r]);
      all += row[r];
    }
    addExactly(row, sizesOfNumbers, sizes);
    // Of any feature of a query the product may be lost, whichever of them are 0.
    for (let i = 0; i < width; i++) lost[i] += all * sizesOfNumbers[i] * FLOAT32_LEAST;
  };
  const read = (at: number): SumsOfRow => {
    features(q, at, row, off);
    for (const sums of [values, ofSizes, moved]) sums.fill(0);
    if (within === float32) readSingly(row, state, values);
    else if (within === float64) readExactly(row, state, values);
    else readRounded(row, state, values, within);
    if (mayMove) readExactly(off, sizes, moved);
    if (isExact) {
      for (let r = 0; r < count; r++) row[r] = Math.abs(row[r]);
      readExactly(row, sizes, ofSizes);
      if (mayMove) readExactly(row, movedKeys, moved);
      for (let i = 0; i < width; i++) moved[i] += roundings * ofSizes[i];
    }
    const of = (all: Float64Array): Float64Array => all.subarray(0, valueDim);
    return {
      values: of(values),
      sizes: of(ofSizes),
      moved: of(moved),
      lost: of(lost),
      total: values[valueDim],
      movedTotal: moved[valueDim],
    };
  };

  let next = queries.length - 1;
  for (let key = 0; key < head.length && next >= 0; key++) {
    addKey(key);
    while (next >= 0 && queries[next].last === key) {
      visit(next, read(queries[next].at));
      next--;
    }
  }
}

// Float64 and float32 have loops of their own, since references of long sequences spend their time here.

/** Adds the products of a row of features and one of numbers, `[features, numbers]`. */
function addExactly(row: Float64Array, numbers: Float64Array, state: Float64Array): void {
  for (let r = 0, at = 0; r < row.length; r++) {
    const value = row[r];
    for (let i = 0; i < numbers.length; i++, at++) state[at] += value * numbers[i];
  }
}

function addSingly(row: Float64Array, numbers: Float64Array, state: Float64Array): void {
  const { fround } = Math;
  for (let r = 0, at = 0; r < row.length; r++) {
    const value = row[r];
    for (let i = 0; i < numbers.length; i++, at++) state[at] = fround(state[at] + fround(value * numbers[i]));
  }
}

function addRounded(row: Float64Array, numbers: Float64Array, state: Float64Array, round: Rounding): void {
  for (let r = 0, at = 0; r < row.length; r++) {
    const value = row[r];
    for (let i = 0; i < numbers.length; i++, at++) state[at] = round(state[at] + round(value * numbers[i]));
  }
}

/** Adds the product of a row of features and such a state. */
function readExactly(row: Float64Array, state: Float64Array, to: Float64Array): void {
  for (let r = 0, at = 0; r < row.length; r++) {
    const value = row[r];
    for (let i = 0; i < to.length; i++, at++) to[i] += value * state[at];
  }
}

function readSingly(row: Float64Array, state: Float64Array, to: Float64Array): void {
  const { fround } = Math;
  for (let r = 0, at = 0; r < row.length; r++) {
    const value = row[r];
    for (let i = 0; i < to.length; i++, at++) to[i] = fround(to[i] + fround(value * state[at]));
  }
}

function readRounded(row: Float64Array, state: Float64Array, to: Float64Array, round: Rounding): void {
  for (let r = 0, at = 0; r < row.length; r++) {
    const value = row[r];
    for (let i = 0; i < to.length; i++, at++) to[i] = round(to[i] + round(value * state[at]));
  }
}
