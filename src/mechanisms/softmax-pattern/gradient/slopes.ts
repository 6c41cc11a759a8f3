import { FLOAT32_EPSILON } from "../../../core/error-budget.ts";
import { type Numbers, tensorNamed } from "../../../core/tensors.ts";
import { leaky, type Score, vectorsOf } from "../../../pairwise/score.ts";
import type { GradientProblem } from "../../gradient/gradient-kind.ts";
import { type Rounding, sumsOf } from "../../oracle.ts";
import { type SoftmaxPattern, scaleOf } from "../declare.ts";

/** A row of q or of k as scores read it, and how large its numbers were before they were turned. */
export interface ReadRow {
  readonly from: Numbers;
  readonly at: number;
  /** Per channel, from `at` on; the numbers' own sizes if null. */
  readonly sizes: Numbers | null;
}

/** The derivatives of a score with respect to the numbers of one row or vector. */
export interface Slope {
  readonly values: Float64Array;
  /** How far a float32 rounding of what goes into each may move it. */
  readonly moved: Float64Array;
}

/** The derivatives of scores, of one pair at a time: those of the last pair asked for stand in the arrays. */
export interface Slopes {
  readonly ofQuery: Slope;
  readonly ofKey: Slope;
  /** Of the learned vectors, by name. */
  readonly ofVectors: Readonly<Record<string, Slope>>;
  at(head: number, query: ReadRow, key: ReadRow): void;
}

/** The derivatives of a problem's scores, each operation rounded. */
export function slopesOf(problem: GradientProblem<SoftmaxPattern>, round: Rounding): Slopes {
  const { mechanism, inputs } = problem;
  const { headDim } = inputs.shape;
  const slope = (): Slope => ({ values: new Float64Array(headDim), moved: new Float64Array(headDim) });
  const names = Object.keys(vectorsOf(mechanism.score));
  const to = {
    ofQuery: slope(),
    ofKey: slope(),
    ofVectors: Object.fromEntries(names.map((name) => [name, slope()])),
  };
  const { score } = mechanism;
  if (score === undefined) return { ...to, at: ofProduct(to, round(scaleOf(mechanism, headDim)), headDim) };
  const vectors = Object.fromEntries(names.map((name) => [name, tensorNamed(inputs, name)]));
  return {
    ...to,
    at: score.kind === "split" ? ofSplit(to, score, vectors, round) : ofAdditive(to, score, vectors.w, round),
  };
}

type Written = Omit<Slopes, "at">;
type Vectors = Readonly<Record<string, Float32Array>>;

/** `scale · k` of the query, and `scale · q` of the key. */
function ofProduct({ ofQuery, ofKey }: Written, scale: number, width: number): Slopes["at"] {
  const write = (to: Slope, { from, at, sizes }: ReadRow): void => {
    for (let c = 0; c < width; c++) {
      to.values[c] = scale * from[at + c];
      to.moved[c] = FLOAT32_EPSILON * scale * (sizes === null ? Math.abs(from[at + c]) : sizes[at + c]);
    }
  };
  return (_head, query, key) => {
    write(ofQuery, key);
    write(ofKey, query);
  };
}

/** Of `Σ_c w_c act(q_c + k_c)`: `w_c act'` of query and key, `act` of w. */
function ofAdditive(
  { ofQuery, ofKey, ofVectors }: Written,
  score: Exclude<Score, { kind: "split" }>,
  w: Float32Array,
  round: Rounding,
): Slopes["at"] {
  const width = ofQuery.values.length;
  return (head, query, key) => {
    for (let c = 0; c < width; c++) {
      const sum = round(query.from[query.at + c] + key.from[key.at + c]);
      const off = FLOAT32_EPSILON * (sizeAt(query, c) + sizeAt(key, c));
      const weight = w[head * width + c];
      const acted = round(score.kind === "tanh" ? Math.tanh(sum) : leaky(sum, score.slope));
      const steep = score.kind === "tanh" ? round(1 - round(acted * acted)) : steepness(sum, score.slope);
      const bent = score.kind === "tanh" ? 2 * (off + FLOAT32_EPSILON) : crossing(sum, off, score.slope);
      for (const to of [ofQuery, ofKey]) {
        to.values[c] = round(weight * steep);
        to.moved[c] = Math.abs(weight) * bent;
      }
      ofVectors.w.values[c] = acted;
      ofVectors.w.moved[c] = Math.max(1, Math.abs(steep)) * off + FLOAT32_EPSILON * Math.abs(acted);
    }
  };
}

/** Of `leaky(a·q + b·k)`. */
function ofSplit(
  { ofQuery, ofKey, ofVectors }: Written,
  { slope }: Extract<Score, { kind: "split" }>,
  { a, b }: Vectors,
  round: Rounding,
): Slopes["at"] {
  const width = ofQuery.values.length;
  const within = sumsOf(round);
  return (head, query, key) => {
    let [sumA, sumB, size] = [0, 0, 0];
    for (let c = 0; c < width; c++) {
      const [ofA, ofB] = [a[head * width + c], b[head * width + c]];
      sumA = within(sumA + within(ofA * query.from[query.at + c]));
      sumB = within(sumB + within(ofB * key.from[key.at + c]));
      size += Math.abs(ofA) * sizeAt(query, c) + Math.abs(ofB) * sizeAt(key, c);
    }
    const sum = round(sumA + sumB);
    const steep = steepness(sum, slope);
    const bent = crossing(sum, FLOAT32_EPSILON * size, slope);
    const write = (to: Slope, c: number, number: number, off: number): void => {
      to.values[c] = round(steep * number);
      to.moved[c] = bent * Math.abs(number) + Math.max(1, Math.abs(slope)) * off;
    };
    for (let c = 0; c < width; c++) {
      write(ofQuery, c, a[head * width + c], 0);
      write(ofKey, c, b[head * width + c], 0);
      write(ofVectors.a, c, query.from[query.at + c], FLOAT32_EPSILON * sizeAt(query, c));
      write(ofVectors.b, c, key.from[key.at + c], FLOAT32_EPSILON * sizeAt(key, c));
    }
  };
}

/** The derivative of the leaky rectifier; at 0, where there is none, that of the numbers above it. */
function steepness(x: number, slope: number): number {
  return x >= 0 ? 1 : slope;
}

/** How far that may be off if x is off by so much. */
function crossing(x: number, off: number, slope: number): number {
  return Math.abs(x) <= off ? Math.abs(1 - slope) : 0;
}

function sizeAt({ from, at, sizes }: ReadRow, channel: number): number {
  return sizes === null ? Math.abs(from[at + channel]) : sizes[at + channel];
}
