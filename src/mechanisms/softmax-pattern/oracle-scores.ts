import type { ExactProblem } from "../../core/problem.ts";
import { remembered } from "../../core/remembered.ts";
import { kvHeadOf, layoutOf, offsetIn } from "../../core/shape.ts";
import { type Numbers, tensorNamed } from "../../core/tensors.ts";
import { leaky, type Score } from "../../pairwise/score.ts";
import { type Rounding, sumsOf } from "../oracle.ts";
import { type SoftmaxPattern, scaleOf } from "./declare.ts";
import { type KeyRows, productsWith, sizesWith } from "./key-sums.ts";
import { TurnedKeys, type TurnRow, turning } from "./turned-rows.ts";

/** The score of a pair, and the sum of its terms before anything cancels. */
export interface PairScore {
  readonly value: number;
  readonly size: number;
}

/** The scores of some keys. */
export interface KeyScores {
  readonly values: Float64Array;
  /** The sum of the terms of each before anything cancels. */
  sizes(): Float64Array;
}

/** The scores of one row by the definition. */
type RowScores = (
  batch: number,
  head: number,
  query: number,
  round: Rounding,
) => (keys: Int32Array) => KeyScores;

/** Scores that are told key by key. */
export function keyByKey(score: (key: number, index: number) => PairScore): (keys: Int32Array) => KeyScores {
  return (keys) => {
    const values = new Float64Array(keys.length);
    const sizes = new Float64Array(keys.length);
    for (const [at, key] of keys.entries()) {
      const { value, size } = score(key, at);
      values[at] = value;
      sizes[at] = size;
    }
    return { values, sizes: () => sizes };
  };
}

/** A row of q or of k where a score reads it, and how large its numbers were before they were turned. */
interface Row {
  readonly values: Numbers;
  readonly at: number;
  /** Per channel, from the same place on; its own size if omitted. */
  readonly sizes?: Numbers;
}

/** How the scores of a problem are made, while its inputs are as they are. */
export function scoresOf(problem: ExactProblem<SoftmaxPattern>): RowScores {
  const { inputs, mechanism } = problem;
  const { score, turn } = mechanism;
  const turned = turn === undefined ? null : turning(turn, inputs.shape.headDim);
  if (score === undefined) return turned === null ? scaledProducts(problem) : turnedProducts(problem, turned);
  return pairByPair(problem, pairScore(inputs, score), turned);
}

/** `scale · q·k`. */
function scaledProducts({ inputs, mechanism }: ExactProblem<SoftmaxPattern>): RowScores {
  const { shape, q, k } = inputs;
  const { headDim: width } = shape;
  const exactScale = scaleOf(mechanism, width);
  return (batch, head, query, round) => {
    const queryAt = offsetIn(layoutOf(shape, "q"), batch, head, query);
    const at = offsetIn(layoutOf(shape, "k"), batch, kvHeadOf(shape, head), 0);
    const scale = round(exactScale);
    return (keys) => {
      const rows: KeyRows = { from: k, at, width, keys };
      return {
        values: productsWith(q, queryAt, rows, round).map((one) => round(one * scale)),
        sizes: () => sizesWith(q, queryAt, rows).map((size) => size * scale),
      };
    };
  };
}

/** The same of rows that are turned by their positions. Every term counts as what it was before. */
function turnedProducts({ inputs, mechanism }: ExactProblem<SoftmaxPattern>, turn: TurnRow): RowScores {
  const { shape, q } = inputs;
  const { headDim: width, length, queries } = shape;
  const exactScale = scaleOf(mechanism, width);
  const turnedKeys = turnedKeysOf(inputs, turn);
  return (batch, head, query, round) => {
    const keysOf = turnedKeys(batch, head, round);
    const queryAt = offsetIn(layoutOf(shape, "q"), batch, head, query);
    const own = turn(q, queryAt, query + length - queries, round);
    const scale = round(exactScale);
    return (keys) => {
      const { values, sizes } = keysOf.rows(keys);
      return {
        values: productsWith(own.values, 0, values, round).map((one) => round(one * scale)),
        sizes: () => sizesWith(own.sizes, 0, sizes).map((size) => size * scale),
      };
    };
  };
}

/** The keys that a head reads, turned once for all of its rows and for all heads that read them. */
function turnedKeysOf({ shape, k }: Inputs, turn: TurnRow) {
  const { headDim: width, length } = shape;
  const known = new Map<Rounding, Map<number, TurnedKeys>>();
  return (batch: number, head: number, round: Rounding): TurnedKeys => {
    const at = offsetIn(layoutOf(shape, "k"), batch, kvHeadOf(shape, head), 0);
    const ofRounding = remembered(known, round, () => new Map<number, TurnedKeys>());
    return remembered(ofRounding, at, () => new TurnedKeys(turn, { from: k, at, width }, length, round));
  };
}

/** Scores that are made otherwise, of rows that may be turned. */
function pairByPair(
  { inputs }: ExactProblem<SoftmaxPattern>,
  pair: (head: number, round: Rounding) => OfRows,
  turned: TurnRow | null,
): RowScores {
  const { shape, q, k } = inputs;
  const { headDim, length, queries } = shape;
  const turnedKeys = turned && turnedKeysOf(inputs, turned);
  return (batch, head, query, round) => {
    const scoreOf = pair(head, round);
    const queryAt = offsetIn(layoutOf(shape, "q"), batch, head, query);
    if (turned === null || turnedKeys === null) {
      const score = scoreOf({ values: q, at: queryAt });
      const keysAt = offsetIn(layoutOf(shape, "k"), batch, kvHeadOf(shape, head), 0);
      return keyByKey((key) => score({ values: k, at: keysAt + key * headDim }));
    }
    const score = scoreOf({ at: 0, ...turned(q, queryAt, query + length - queries, round) });
    const keysOf = turnedKeys(batch, head, round);
    return (keys) => {
      const { values, sizes } = keysOf.rows(keys);
      const ofKey = (index: number): Row => {
        return { values: values.from, sizes: sizes.from, at: values.at + values.keys[index] * headDim };
      };
      return keyByKey((_, index) => score(ofKey(index)))(keys);
    };
  };
}

type Inputs = ExactProblem<SoftmaxPattern>["inputs"];

type OfRows = (query: Row) => (key: Row) => PairScore;

function pairScore(inputs: Inputs, score: Score): (head: number, round: Rounding) => OfRows {
  const { headDim } = inputs.shape;
  const vector = (name: string, head: number): Row => ({
    values: tensorNamed(inputs, name),
    at: head * headDim,
  });
  if (score.kind !== "split") {
    return (head, round) => {
      const w = vector("w", head);
      return (query) => (key) => additive(score, w, query, key, headDim, round);
    };
  }
  return (head, round) => {
    const [a, b] = [vector("a", head), vector("b", head)];
    return (query) => {
      const ofQuery = product(query, a, headDim, round);
      return (key) => {
        const ofKey = product(key, b, headDim, round);
        const sum = round(ofQuery.value + ofKey.value);
        const size = (ofQuery.size + ofKey.size) * Math.max(1, score.slope);
        return { value: round(leaky(sum, score.slope)), size };
      };
    };
  };
}

/** How large a number of a row is, or was before the row was turned. */
function sizeAt({ values, at, sizes = values }: Row, channel: number): number {
  return Math.abs(sizes[at + channel]);
}

function product(a: Row, b: Row, width: number, round: Rounding): PairScore {
  if (a.sizes !== undefined || b.sizes !== undefined) return turnedProduct(a, b, width, round);
  const { values: left, at: leftAt } = a;
  const { values: right, at: rightAt } = b;
  const within = sumsOf(round);
  let value = 0;
  let size = 0;
  for (let c = 0; c < width; c++) {
    const term = within(left[leftAt + c] * right[rightAt + c]);
    value = within(value + term);
    size += Math.abs(term);
  }
  return { value, size };
}

/** The same, of which every term counts as what it was before the rows were turned. */
function turnedProduct(a: Row, b: Row, width: number, round: Rounding): PairScore {
  const within = sumsOf(round);
  const [left, right] = [a.sizes ?? a.values, b.sizes ?? b.values];
  let value = 0;
  let size = 0;
  for (let c = 0; c < width; c++) {
    value = within(value + within(a.values[a.at + c] * b.values[b.at + c]));
    size += Math.abs(left[a.at + c] * right[b.at + c]);
  }
  return { value, size };
}

/** `Σ_c w_c act(q_c + k_c)`. */
function additive(
  score: Exclude<Score, { kind: "split" }>,
  w: Row,
  query: Row,
  key: Row,
  width: number,
  round: Rounding,
): PairScore {
  const within = sumsOf(round);
  let value = 0;
  let size = 0;
  for (let c = 0; c < width; c++) {
    const sum = round(query.values[query.at + c] + key.values[key.at + c]);
    const acted = round(score.kind === "tanh" ? Math.tanh(sum) : leaky(sum, score.slope));
    const weight = w.values[w.at + c];
    const term = within(weight * acted);
    value = within(value + term);
    // What a rounding of query or key moves the activation by: as much as it is steep.
    const steep = score.kind === "tanh" ? 1 - acted * acted : Math.max(1, score.slope);
    size += Math.abs(term) + Math.abs(weight) * steep * (sizeAt(query, c) + sizeAt(key, c));
  }
  return { value, size };
}
