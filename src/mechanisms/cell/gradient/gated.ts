import type { GradientProblem } from "../../gradient/gradient-kind.ts";
import { doutOf, type HeadGradients, type HeadPlace, partOf } from "../../gradient/swept.ts";
import type { Arithmetic } from "../../gradient/tape/arithmetic.ts";
import type { Rounding } from "../../oracle.ts";
import type { Cell } from "../declare.ts";

/**
 * With `h = keep·h' + write·v` and the gradient g of h: `dv = write·g`, `dh' = keep·g`, and through the gates `g (v - h')
 * d(write)`. min-gru: `write = σ(k)`, whose derivative is `write·keep`. min-lstm: `write = σ(ln σ(k) - ln σ(q))`, whose
 * derivatives are `write·keep·σ(-k)` and `-write·keep·σ(-q)`.
 */
export function gatedGradients(
  problem: GradientProblem<Cell>,
  place: HeadPlace,
  { round }: Arithmetic,
): HeadGradients {
  const { shape } = problem.inputs;
  const { length, headDim: d } = shape;
  const [q, k, v] = ["q", "k", "v"].map((name) => partOf(problem, {}, name, place).data);
  const dout = doutOf(problem, place);
  const isGru = problem.mechanism.cell === "min-gru";
  const gatesAt = (at: number): readonly [keep: number, write: number] =>
    isGru ? [logistic(-k[at], round), logistic(k[at], round)] : shares(q[at], k[at], round);
  const states = new Float64Array(length * d);
  for (let at = 0; at < length * d; at++) {
    const [keep, write] = gatesAt(at);
    const before = at < d ? 0 : states[at - d];
    states[at] = round(round(keep * before) + round(write * v[at]));
  }
  const [dq, dk, dv] = [0, 0, 0].map(() => new Float64Array(length * d));
  const carried = new Float64Array(d);
  for (let at = length * d - 1; at >= 0; at--) {
    const channel = at % d;
    const g = round(dout[at] + carried[channel]);
    // What a zero would be multiplied by may be no number.
    if (g === 0) continue;
    const [keep, write] = gatesAt(at);
    const before = at < d ? 0 : states[at - d];
    dv[at] = round(write * g);
    carried[channel] = round(keep * g);
    const ofWrite = round(round(g * round(v[at] - before)) * round(write * keep));
    if (isGru) dk[at] = ofWrite;
    else {
      dk[at] = round(ofWrite * logistic(-k[at], round));
      dq[at] = -round(ofWrite * logistic(-q[at], round));
    }
  }
  return { q: dq, k: dk, v: dv };
}

/** `1 / (1 + e^-x)`, by powers that do not overflow. */
export function logistic(x: number, round: Rounding): number {
  const power = round(Math.exp(-Math.abs(x)));
  return round((x < 0 ? power : 1) / round(1 + power));
}

/** `σ(q) / (σ(q) + σ(k))`, and the rest of 1. */
function shares(q: number, k: number, round: Rounding): readonly [keep: number, write: number] {
  // ln σ(x) is -ln(1 + e^-x), of a large -x that itself.
  const logOf = (x: number): number =>
    round(Math.min(x, 0) - round(Math.log1p(round(Math.exp(-Math.abs(x))))));
  const apart = round(logOf(q) - logOf(k));
  return [logistic(apart, round), logistic(-apart, round)];
}
