import { FLOAT32_EPSILON } from "../../core/error-budget.ts";
import type { ExactProblem } from "../../core/problem.ts";
import { randomStream } from "../../core/random.ts";
import { remembered } from "../../core/remembered.ts";
import { layoutOf, QKV } from "../../core/shape.ts";
import { tensorNamed } from "../../core/tensors.ts";
import { float64 } from "../oracle.ts";
import { LAYER_WEIGHTS, type Layer, shapeOfHeads, widthOf } from "./declare.ts";
import { type AskedQueries, type HeadInputs, pooled, tokensOf } from "./oracle-heads.ts";

type Name = (typeof QKV)[number];

/**
 * What the heads are given so many times, off by what one float32 rounding of each product may take: ε times the length of
 * the token and that of the column of weights, which is at least the sum of the absolute products over the root of their
 * number.
 */
export function disturbedHeads(
  problem: ExactProblem<Layer>,
  exact: HeadInputs,
  times: number,
  asked: AskedQueries,
): readonly HeadInputs[] {
  const [q, k, v] = QKV.map((name) => disturbing(problem, exact, name, name === "q" ? asked : null));
  return Array.from({ length: times }, (_, seed) => ({ q: q(seed), k: k(seed), v: v(seed) }));
}

function disturbing(
  problem: ExactProblem<Layer>,
  exact: HeadInputs,
  name: Name,
  asked: AskedQueries,
): (seed: number) => Float64Array {
  if (problem.mechanism.made[name] !== "product") return () => exact[name];
  let sizes: Float64Array | undefined;
  return (seed) => {
    const make = () => {
      sizes ??= pooled(problem, name, sizesOf(problem, name, asked));
      const off = coinTosses(randomStream(seed, QKV.indexOf(name)).below(2 ** 31) | 1, sizes);
      for (let at = 0; at < off.length; at++) off[at] += exact[name][at];
      return off;
    };
    // Products that are remembered are of the same tokens and weights, where nothing else is added to them or taken.
    const { biases, pool } = problem.mechanism;
    if (asked !== null || biases || pool !== null) return make();
    return remembered(rememberedOf(exact[name]), `${name} ${seed}`, make);
  };
}

const known = new WeakMap<Float64Array, Map<string, Float64Array>>();

function rememberedOf(exact: Float64Array): Map<string, Float64Array> {
  const before = known.get(exact);
  if (before !== undefined) return before;
  const fresh = new Map<string, Float64Array>();
  known.set(exact, fresh);
  return fresh;
}

/** Each number times ε, up or down at random. */
function coinTosses(seed: number, sizes: Float64Array): Float64Array {
  // Marsaglia 2003, doi 10.18637/jss.v008.i14: millions of coins are tossed, and a weak generator will do.
  let word = seed;
  const off = new Float64Array(sizes.length);
  for (let at = 0; at < off.length; at++) {
    word ^= word << 13;
    word ^= word >>> 17;
    word ^= word << 5;
    off[at] = (word < 0 ? -FLOAT32_EPSILON : FLOAT32_EPSILON) * sizes[at];
  }
  return off;
}

/**
 * The length of each token times that of each column of weights, and the bias, `[batch, heads, tokens, width]`; 0 for
 * queries that are not asked for.
 */
function sizesOf(problem: ExactProblem<Layer>, name: Name, asked: AskedQueries): Float64Array {
  const { mechanism, inputs } = problem;
  const { batch, rows, width: modelDim } = layoutOf(inputs.shape, name);
  const { heads, width } = layoutOf(shapeOfHeads(mechanism, inputs.shape), name);
  const columns = columnLengths(problem, name);
  const added = new Float64Array(columns.length);
  if (mechanism.biases) added.set(tensorNamed(inputs, LAYER_WEIGHTS[name].bias).map(Math.abs));
  const tokens = tokensOf(problem, name, float64);
  const sizes = new Float64Array(batch * heads * rows * width);
  for (let row = 0; row < batch * rows; row++) {
    if (asked !== null && !asked.has(row)) continue;
    let squares = 0;
    for (let at = row * modelDim; at < (row + 1) * modelDim; at++) squares += tokens[at] * tokens[at];
    const token = Math.sqrt(squares);
    const entry = Math.floor(row / rows);
    for (let head = 0; head < heads; head++) {
      const to = ((entry * heads + head) * rows + row - entry * rows) * width;
      const from = head * width;
      for (let c = 0; c < width; c++) sizes[to + c] = token * columns[from + c] + added[from + c];
    }
  }
  return sizes;
}

function columnLengths({ mechanism, inputs }: ExactProblem<Layer>, name: Name): Float64Array {
  const width = widthOf(mechanism, name, inputs.shape);
  const weights = tensorNamed(inputs, LAYER_WEIGHTS[name].matrix);
  const squares = new Float64Array(width);
  for (let at = 0; at < weights.length; at += width) {
    for (let c = 0; c < width; c++) squares[c] += weights[at + c] * weights[at + c];
  }
  return squares.map(Math.sqrt);
}
