import type { GradientProblem } from "../../gradient/gradient-kind.ts";
import { doutOf, type HeadGradients, type HeadPlace, partOf } from "../../gradient/swept.ts";
import type { Arithmetic } from "../../gradient/tape/arithmetic.ts";
import { BlockSum } from "../../gradient/tape/block-sum.ts";
import type { Cell } from "../declare.ts";
import { cellWeights } from "../weights.ts";
import { logistic } from "./gated.ts";

/** How a cell acts on its sums `a = W v + U h'`, of all tokens. */
interface Acting {
  /** Writes h of a token. */
  forward(token: number, sums: Float64Array): void;
  /** From the gradient of h of a token to that of its sums. Tokens are asked for from the last to the first. */
  back(token: number, ofState: Float64Array): Float64Array;
}

/**
 * `da` from the gradient of h and of what the cell carries on; then `dW += da vᵀ`, `dU += da h'ᵀ`, `dv = Wᵀ da` and `dh' = Uᵀ
 * da`.
 */
export function learnedGradients(
  problem: GradientProblem<Cell>,
  place: HeadPlace,
  arithmetic: Arithmetic,
): HeadGradients {
  const { length, headDim: d } = problem.inputs.shape;
  const specs = cellWeights(problem.mechanism);
  const [v, w, u] = ["v", "w", "u"].map((name) => partOf(problem, specs, name, place));
  const dout = doutOf(problem, place);
  const { dot, add, round } = arithmetic;
  const states = new Float64Array(length * d);
  const acting = (problem.mechanism.cell === "elman" ? elman : lstm)(states, length, d, arithmetic);
  const nothing = new Float64Array(d);
  const before = (token: number): Float64Array =>
    token === 0 ? nothing : states.subarray((token - 1) * d, token * d);
  for (let token = 0; token < length; token++) {
    const own = before(token);
    const sums = Float64Array.from({ length: w.rows }, (_, row) => {
      const ofToken = dot({ of: w.data, at: row * d, step: 1 }, { of: v.data, at: token * d, step: 1 }, d);
      if (token === 0) return ofToken;
      return round(ofToken + dot({ of: u.data, at: row * d, step: 1 }, { of: own, at: 0, step: 1 }, d));
    });
    acting.forward(token, sums);
  }
  const dv = new Float64Array(length * d);
  const [dw, du] = [w, u].map(({ data }) => new BlockSum(data.length, arithmetic));
  let carried = new Float64Array(d);
  for (let token = length - 1; token >= 0; token--) {
    const ofState = carried.map((sum, i) => round(sum + dout[token * d + i]));
    const ofSums = acting.back(token, ofState);
    carried = new Float64Array(d);
    for (const [row, g] of ofSums.entries()) {
      if (g === 0) continue;
      add(g, v.data, token * d, dw.block, row * d, d);
      add(g, before(token), 0, du.block, row * d, d);
      add(g, w.data, row * d, dv, token * d, d);
      add(g, u.data, row * d, carried, 0, d);
    }
    dw.next();
    du.next();
  }
  return { v: dv, w: dw.total(), u: du.total() };
}

/** `h = tanh a`, whose derivative is `1 - h²`. */
function elman(states: Float64Array, _length: number, d: number, { round }: Arithmetic): Acting {
  return {
    forward(token, sums) {
      for (let i = 0; i < d; i++) states[token * d + i] = round(Math.tanh(sums[i]));
    },
    back: (token, ofState) =>
      ofState.map((g, i) => {
        const h = states[token * d + i];
        // (1 - h)(1 + h) keeps its digits where h is near 1.
        return round(g * round(round(1 - h) * round(1 + h)));
      }),
  };
}

/**
 * `c = f c' + i z`, `h = o tanh c`, with `i, f, o = σ(a)` and `z = tanh a`: `dc = o dh (1 - tanh² c)` and what the next token
 * carried, then `dz = i dc`, `di = z dc`, `df = c' dc`, `do = dh tanh c`, `dc' = f dc`.
 */
function lstm(states: Float64Array, length: number, d: number, { round }: Arithmetic): Acting {
  const gates = new Float64Array(length * 4 * d);
  const cells = new Float64Array(length * d);
  const carried = new Float64Array(d);
  return {
    forward(token, sums) {
      const own = gates.subarray(token * 4 * d, (token + 1) * 4 * d);
      for (let i = 0; i < d; i++) {
        for (const gate of [0, 1, 3]) own[gate * d + i] = logistic(sums[gate * d + i], round);
        own[2 * d + i] = round(Math.tanh(sums[2 * d + i]));
        const before = token === 0 ? 0 : cells[(token - 1) * d + i];
        const cell = round(round(own[d + i] * before) + round(own[i] * own[2 * d + i]));
        cells[token * d + i] = cell;
        states[token * d + i] = round(own[3 * d + i] * round(Math.tanh(cell)));
      }
    },
    back(token, ofState) {
      const own = gates.subarray(token * 4 * d, (token + 1) * 4 * d);
      const ofSums = new Float64Array(4 * d);
      for (const [i, g] of ofState.entries()) {
        const [input, forget, candidate, output] = [0, 1, 2, 3].map((gate) => own[gate * d + i]);
        const before = token === 0 ? 0 : cells[(token - 1) * d + i];
        const shown = round(Math.tanh(cells[token * d + i]));
        const ofShown = round(round(g * output) * round(round(1 - shown) * round(1 + shown)));
        const ofCell = round(carried[i] + ofShown);
        carried[i] = round(ofCell * forget);
        const throughGate = (gate: number, by: number): number => round(by * round(gate * round(1 - gate)));
        ofSums[i] = throughGate(input, round(ofCell * candidate));
        ofSums[d + i] = throughGate(forget, round(ofCell * before));
        ofSums[2 * d + i] = round(round(ofCell * input) * round(round(1 - candidate) * round(1 + candidate)));
        ofSums[3 * d + i] = throughGate(output, round(g * shown));
      }
      return ofSums;
    },
  };
}
