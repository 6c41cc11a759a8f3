import type { ExactProblem } from "../../core/problem.ts";
import { layoutOf, offsetIn } from "../../core/shape.ts";
import { tensorNamed } from "../../core/tensors.ts";
import { addProduct } from "../add-product.ts";
import type { Rounding } from "../oracle.ts";
import type { Path } from "../swept-heads.ts";
import { type Cell, GATES, isLearned } from "./declare.ts";

/** One head of a problem, from its first token on; `round` takes the result of every operation. */
export function pathOf(problem: ExactProblem<Cell>, batch: number, head: number, round: Rounding): Path {
  return isLearned(problem.mechanism)
    ? learnedPath(problem, batch, head, round)
    : gatedPath(problem, batch, head, round);
}

/** Gates are given: each channel by itself. */
function gatedPath(
  { mechanism, inputs }: ExactProblem<Cell>,
  batch: number,
  head: number,
  round: Rounding,
): Path {
  const { q, k, v, shape } = inputs;
  const { headDim } = shape;
  const h = new Float64Array(headDim);
  const isGru = mechanism.cell === "min-gru";
  return {
    row: h,
    advance(token) {
      const from = offsetIn(layoutOf(shape, "v"), batch, head, token);
      for (let i = 0; i < headDim; i++) {
        const at = from + i;
        // min-gru writes with σ(k), and keeps with 1 - σ(k) = σ(-k), which does not cancel.
        const [keep, write] = isGru
          ? [sigmoid(-k[at], round), sigmoid(k[at], round)]
          : shares(q[at], k[at], round);
        h[i] = round(round(keep * h[i]) + round(write * v[at]));
      }
    },
  };
}

/**
 * `σ(q) / (σ(q) + σ(k))` and the rest of 1, which is the same with q and k exchanged. Multiplied by `(1 + e^-q)(1 + e^-k)
 * e^-m`, m the largest exponent, so that nothing overflows and no sum is 0: both gates may be closed.
 */
function shares(q: number, k: number, round: Rounding): [forget: number, write: number] {
  const most = Math.max(0, -q, -k);
  // One gate is closed for good; both leave 0 / 0.
  if (most === Number.POSITIVE_INFINITY && q !== k) return q < k ? [0, 1] : [1, 0];
  const one = round(Math.exp(-most));
  const forget = round(one + round(Math.exp(round(-k - most))));
  const write = round(one + round(Math.exp(round(-q - most))));
  const sum = round(forget + write);
  return [round(forget / sum), round(write / sum)];
}

/** `1 / (1 + e^-x)`, by powers that do not overflow. */
function sigmoid(x: number, round: Rounding): number {
  const power = round(Math.exp(-Math.abs(x)));
  return round((x < 0 ? power : 1) / round(1 + power));
}

/** Gates are products with weights. */
function learnedPath(
  { mechanism, inputs }: ExactProblem<Cell>,
  batch: number,
  head: number,
  round: Rounding,
): Path {
  const { v, shape } = inputs;
  const { headDim } = shape;
  const rows = GATES[mechanism.cell] * headDim;
  const [w, u] = ["w", "u"].map((name) => {
    const size = rows * headDim;
    return Float64Array.from(tensorNamed(inputs, name).subarray(head * size, (head + 1) * size));
  });
  const x = new Float64Array(headDim);
  const before = new Float64Array(headDim);
  const sums = new Float64Array(rows);
  const h = new Float64Array(headDim);
  const c = new Float64Array(headDim);
  return {
    row: h,
    advance(token) {
      const from = offsetIn(layoutOf(shape, "v"), batch, head, token);
      for (let i = 0; i < headDim; i++) x[i] = v[from + i];
      before.set(h);
      sums.fill(0);
      addProduct(w, x, sums, round);
      addProduct(u, before, sums, round);
      for (let i = 0; i < headDim; i++) {
        if (mechanism.cell === "elman") {
          h[i] = round(Math.tanh(sums[i]));
          continue;
        }
        const input = sigmoid(sums[i], round);
        const forget = sigmoid(sums[headDim + i], round);
        const candidate = round(Math.tanh(sums[2 * headDim + i]));
        const output = sigmoid(sums[3 * headDim + i], round);
        c[i] = round(round(forget * c[i]) + round(input * candidate));
        h[i] = round(output * round(Math.tanh(c[i])));
      }
    },
  };
}
