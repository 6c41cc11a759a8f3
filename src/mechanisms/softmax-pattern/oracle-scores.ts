import type { ExactProblem } from "../../core/problem.ts";
import { remembered } from "../../core/remembered.ts";
import { kvHeadOf, layoutOf, offsetIn } from "../../core/shape.ts";
import { type Numbers, tensorNamed } from "../../core/tensors.ts";
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

/** A row of q or of k where a score reads it, and how large its numbers were before they were turned. */
interface Row {
  readonly values: Numbers;
  readonly at: number;
  /** Per channel; its own size if omitted. */
  readonly sizes?: Float64Array;
}

/** How the scores of a problem are made. */
export function scoresOf(problem: ExactProblem<SoftmaxPattern>): RowScores {
  const { inputs, mechanism } = problem;
  const { shape, q, k } = inputs;
  const { headDim, length, queries } = shape;
  const [ofQ, ofK] = [layoutOf(shape, "q"), layoutOf(shape, "k")];
  const pair = pairScore(problem);
  const turned = mechanism.turn === undefined ? null : turning(mechanism.turn, headDim);
  return (batch, head, query, round) => {
    const queryAt = offsetIn(ofQ, batch, head, query);
    const keysAt = offsetIn(ofK, batch, kvHeadOf(shape, head), 0);
    const score = pair(head, round);
    const row = (values: Numbers, at: number, position: number): Row =>
      turned === null ? { values, at } : turned(values, at, position, round);
    const own = row(q, queryAt, query + length - queries);
    return (key) => score(own, row(k, keysAt + key * headDim, key));
  };
}

type OfRows = (query: Row, key: Row) => PairScore;

function pairScore({
  inputs,
  mechanism,
}: ExactProblem<SoftmaxPattern>): (head: number, round: Rounding) => OfRows {
  const { headDim } = inputs.shape;
  const { score } = mechanism;
  if (score === undefined) {
    const exactScale = scaleOf(mechanism, headDim);
    return (_, round) => {
      const scale = round(exactScale);
      return (query, key) => {
        const { value, size } = product(query, key, headDim, round);
        return { value: round(value * scale), size: size * scale };
      };
    };
  }
  const vector = (name: string, head: number): Row => ({
    values: tensorNamed(inputs, name),
    at: head * headDim,
  });
  if (score.kind !== "split") {
    return (head, round) => {
      const w = vector("w", head);
      return (query, key) => additive(score, w, query, key, headDim, round);
    };
  }
  return (head, round) => {
    const [a, b] = [vector("a", head), vector("b", head)];
    return (query, key) => {
      const ofQuery = product(query, a, headDim, round);
      const ofKey = product(key, b, headDim, round);
      const sum = round(ofQuery.value + ofKey.value);
      const size = (ofQuery.size + ofKey.size) * Math.max(1, score.slope);
      return { value: round(leaky(sum, score.slope)), size };
    };
  };
}

/** How large a number of a row is, or was before the row was turned. */
function sizeAt({ values, at, sizes }: Row, channel: number): number {
  return sizes === undefined ? Math.abs(values[at + channel]) : sizes[channel];
}

function product(a: Row, b: Row, width: number, round: Rounding): PairScore {
  if (a.sizes !== undefined || b.sizes !== undefined) return turnedProduct(a, b, width, round);
  const { values: left, at: leftAt } = a;
  const { values: right, at: rightAt } = b;
  let value = 0;
  let size = 0;
  for (let c = 0; c < width; c++) {
    const term = round(left[leftAt + c] * right[rightAt + c]);
    value = round(value + term);
    size += Math.abs(term);
  }
  return { value, size };
}

/** The same, of which every term counts as what it was before the rows were turned. */
function turnedProduct(a: Row, b: Row, width: number, round: Rounding): PairScore {
  let value = 0;
  let size = 0;
  for (let c = 0; c < width; c++) {
    value = round(value + round(a.values[a.at + c] * b.values[b.at + c]));
    size += sizeAt(a, c) * sizeAt(b, c);
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
  let value = 0;
  let size = 0;
  for (let c = 0; c < width; c++) {
    const sum = round(query.values[query.at + c] + key.values[key.at + c]);
    const acted = round(score.kind === "tanh" ? Math.tanh(sum) : leaky(sum, score.slope));
    const weight = w.values[w.at + c];
    const term = round(weight * acted);
    value = round(value + term);
    // What a rounding of query or key moves the activation by: as much as it is steep.
    const steep = score.kind === "tanh" ? 1 - acted * acted : Math.max(1, score.slope);
    size += Math.abs(term) + Math.abs(weight) * steep * (sizeAt(query, c) + sizeAt(key, c));
  }
  return { value, size };
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
  return (from: Numbers, at: number, position: number, round: Rounding): Row => {
    const values = new Float64Array(headDim);
    // Turning moves a rounding from one channel of a pair to the other.
    const sizes = new Float64Array(headDim);
    const both = angles(position);
    for (let pair = 0; pair < pairs; pair++) {
      const [first, second] = channels[pair];
      const [x, y] = [from[at + first], from[at + second]];
      const [cosine, sine] = [round(both[2 * pair]), round(both[2 * pair + 1])];
      values[first] = round(round(x * cosine) - round(y * sine));
      values[second] = round(round(x * sine) + round(y * cosine));
      sizes[first] = Math.hypot(x, y);
      sizes[second] = sizes[first];
    }
    return { values, at: 0, sizes };
  };
}
