import type { Problem } from "../../core/problem.ts";
import { remembered } from "../../core/remembered.ts";
import { kvHeadOf, layoutOf, offsetIn } from "../../core/shape.ts";
import { tensorNamed } from "../../core/tensors.ts";
import { leaky, type Score } from "../../pairwise/score.ts";
import { channelsOf, type Turn, turnPerToken } from "../../pairwise/turn.ts";
import type { Rounding } from "../oracle.ts";
import { type SoftmaxPattern, scaleOf } from "./declare.ts";

/** The score of a pair, and the sum of its terms before anything cancels. */
export interface PairScore {
  readonly value: number;
  readonly size: number;
}

/** The scores of one row by the definition, key by key. */
type RowScores = (batch: number, head: number, query: number, round: Rounding) => (key: number) => PairScore;

/** A row of q or of k where a score reads it. */
type Rows = Float32Array | Float64Array;

/** How the scores of a problem are made. */
export function scoresOf(problem: Problem<SoftmaxPattern>): RowScores {
  const { inputs, mechanism } = problem;
  const { shape, q, k } = inputs;
  const { headDim, length, queries } = shape;
  const [ofQ, ofK] = [layoutOf(shape, "q"), layoutOf(shape, "k")];
  const pair = pairScore(problem);
  const turned = mechanism.turn === undefined ? null : turning(mechanism.turn, headDim);
  return (batch, head, query, round) => {
    const queryAt = offsetIn(ofQ, batch, head, query);
    const keysAt = offsetIn(ofK, batch, kvHeadOf(shape, head), 0);
    const of = pair(head, round);
    if (turned === null) return (key) => of(q, queryAt, k, keysAt + key * headDim, 0);
    const own = turned(q, queryAt, query + length - queries, round);
    return (key) => {
      const keyAt = keysAt + key * headDim;
      const other = turned(k, keyAt, key, round);
      return of(own.row, 0, other.row, 0, pairSize(own.norms, other.norms));
    };
  };
}

/**
 * The score of a row of q and a row of k. `turned`, if not 0, is what the terms of their product amount to
 * before turning cancels any.
 */
type OfRows = (q: Rows, queryAt: number, k: Rows, keyAt: number, turned: number) => PairScore;

function pairScore({
  inputs,
  mechanism,
}: Problem<SoftmaxPattern>): (head: number, round: Rounding) => OfRows {
  const { headDim } = inputs.shape;
  const { score } = mechanism;
  if (score === undefined) {
    const exactScale = scaleOf(mechanism, headDim);
    return (_, round) => {
      const scale = round(exactScale);
      return (q, queryAt, k, keyAt, turned) => {
        const { value, size } = product(q, queryAt, k, keyAt, headDim, round);
        return { value: round(value * scale), size: Math.max(size, turned) * scale };
      };
    };
  }
  const vector = (name: string, head: number): Float32Array =>
    tensorNamed(inputs, name).subarray(head * headDim, (head + 1) * headDim);
  if (score.kind !== "split") {
    return (head, round) => {
      const w = vector("w", head);
      return (q, queryAt, k, keyAt) => additive(score, w, q, queryAt, k, keyAt, round);
    };
  }
  return (head, round) => {
    const [a, b] = [vector("a", head), vector("b", head)];
    return (q, queryAt, k, keyAt) => {
      const ofQuery = product(q, queryAt, a, 0, headDim, round);
      const ofKey = product(k, keyAt, b, 0, headDim, round);
      const sum = round(ofQuery.value + ofKey.value);
      return { value: round(leaky(sum, score.slope)), size: ofQuery.size + ofKey.size };
    };
  };
}

function product(a: Rows, aAt: number, b: Rows, bAt: number, width: number, round: Rounding): PairScore {
  let value = 0;
  let size = 0;
  for (let i = 0; i < width; i++) {
    const term = round(a[aAt + i] * b[bAt + i]);
    value = round(value + term);
    size += Math.abs(term);
  }
  return { value, size };
}

/** `Σ_c w_c act(q_c + k_c)`. */
function additive(
  score: Exclude<Score, { kind: "split" }>,
  w: Float32Array,
  q: Rows,
  queryAt: number,
  k: Rows,
  keyAt: number,
  round: Rounding,
): PairScore {
  let value = 0;
  let size = 0;
  for (let c = 0; c < w.length; c++) {
    const sum = round(q[queryAt + c] + k[keyAt + c]);
    const acted = round(score.kind === "tanh" ? Math.tanh(sum) : leaky(sum, score.slope));
    const term = round(w[c] * acted);
    value = round(value + term);
    // Where tanh is steep a rounding of the sum moves it by as much.
    const steep = score.kind === "tanh" ? Math.abs(w[c] * sum) * (1 - acted * acted) : 0;
    size += Math.abs(term) + steep;
  }
  return { value, size };
}

/** A row with every pair of channels turned by its position, and the length of each pair. */
interface TurnedRow {
  readonly row: Float64Array;
  readonly norms: Float64Array;
}

function turning(turn: Turn, headDim: number) {
  const pairs = headDim / 2;
  const perToken = Float64Array.from({ length: pairs }, (_, pair) => turnPerToken(turn, pair, headDim));
  const channels = Array.from({ length: pairs }, (_, pair) => channelsOf(turn, pair, headDim));
  /** Cosines and sines by position: every row asks for those of its keys. */
  const known = new Map<number, Float64Array>();
  const angles = (position: number): Float64Array =>
    remembered(known, position, () => {
      const both = new Float64Array(headDim);
      for (let pair = 0; pair < pairs; pair++) {
        both[2 * pair] = Math.cos(position * perToken[pair]);
        both[2 * pair + 1] = Math.sin(position * perToken[pair]);
      }
      return both;
    });
  return (from: Rows, at: number, position: number, round: Rounding): TurnedRow => {
    const row = new Float64Array(headDim);
    const norms = new Float64Array(pairs);
    const both = angles(position);
    for (let pair = 0; pair < pairs; pair++) {
      const [first, second] = channels[pair];
      const [x, y] = [from[at + first], from[at + second]];
      const [cosine, sine] = [round(both[2 * pair]), round(both[2 * pair + 1])];
      row[first] = round(round(x * cosine) - round(y * sine));
      row[second] = round(round(x * sine) + round(y * cosine));
      norms[pair] = Math.hypot(x, y);
    }
    return { row, norms };
  };
}

/** What the products of two turned rows amount to: turning moves a rounding from one channel of a pair to the other. */
function pairSize(a: Float64Array, b: Float64Array): number {
  let size = 0;
  for (let pair = 0; pair < a.length; pair++) size += 2 * a[pair] * b[pair];
  return size;
}
