import { FLOAT32_EPSILON } from "../../core/error-budget.ts";
import type { ExactProblem } from "../../core/problem.ts";
import { randomStream } from "../../core/random.ts";
import { layoutOf, QKV, type Shape } from "../../core/shape.ts";
import { type Numbers, tensorNamed } from "../../core/tensors.ts";
import type { Rounding } from "../oracle.ts";
import { keysOf, LAYER_WEIGHTS, type Layer, positionsOf, rowOf, shapeOfHeads, widthOf } from "./declare.ts";
import { productsAgain, someProducts } from "./products-again.ts";

type Name = (typeof QKV)[number];

/** What the heads are given: q `[batch, heads, queries, headDim]`, and k and v accordingly, in float64. */
export type HeadInputs = Readonly<Record<Name, Float64Array>>;

/** Queries that are asked for, by their places in `[batch · queries]`; all if null. */
export type AskedQueries = ReadonlySet<number> | null;

/** What the heads are given, with each operation rounded. Of q no other rows need be right than those that are asked for. */
export function headInputs(problem: ExactProblem<Layer>, round: Rounding, asked: AskedQueries): HeadInputs {
  const made = (name: Name) => {
    const columns = columnsOf(problem, name, round, name === "q" ? asked : null);
    return pooled(problem, name, byHead(problem, name, columns, round));
  };
  return { q: made("q"), k: made("k"), v: made("v") };
}

/**
 * The same so many times, off by what one float32 rounding of each product may take: ε times the length of the token and that of the
 * column of weights, which is at least the sum of the absolute products over the root of their number.
 */
export function disturbedHeads(
  problem: ExactProblem<Layer>,
  exact: HeadInputs,
  times: number,
): readonly HeadInputs[] {
  const [q, k, v] = QKV.map((name) => disturbing(problem, exact, name));
  return Array.from({ length: times }, (_, seed) => ({ q: q(seed), k: k(seed), v: v(seed) }));
}

function disturbing(
  problem: ExactProblem<Layer>,
  exact: HeadInputs,
  name: Name,
): (seed: number) => Float64Array {
  if (problem.mechanism.made[name] !== "product") return () => exact[name];
  const sizes = pooled(problem, name, byHead(problem, name, lengthsOf(problem, name), null));
  return (seed) => {
    // Marsaglia 2003, doi 10.18637/jss.v008.i14: millions of coins are tossed, and a weak generator will do.
    let coins = randomStream(seed, QKV.indexOf(name)).below(2 ** 31) | 1;
    return exact[name].map((value, at) => {
      coins ^= coins << 13;
      coins ^= coins >>> 17;
      coins ^= coins << 5;
      return value + (coins < 0 ? -1 : 1) * FLOAT32_EPSILON * sizes[at];
    });
  };
}

/** Tokens with their positions, one row after the other, `[batch · tokens, D]`. */
function tokensOf({ mechanism, inputs }: ExactProblem<Layer>, name: Name, round: Rounding): Numbers {
  const tokens = inputs[name];
  const positions = positionsOf(mechanism, name);
  if (positions === null) return tokens;
  const table = tensorNamed(inputs, positions);
  return Float64Array.from(tokens, (x, at) => round(x + table[at % table.length]));
}

/** What q, k or v is made of by its own weights, `[batch · tokens, columns]`, without biases. */
function columnsOf(problem: ExactProblem<Layer>, name: Name, round: Rounding, asked: AskedQueries): Numbers {
  const { mechanism, inputs } = problem;
  const { batch, rows, width: modelDim } = layoutOf(inputs.shape, name);
  const width = widthOf(mechanism, name, inputs.shape);
  const made = mechanism.made[name];
  if (made === "zeros") return new Float64Array(batch * rows * width);
  const tokens = tokensOf(problem, name, round);
  if (made === "tokens") return tokens;
  const weights = tensorNamed(inputs, LAYER_WEIGHTS[name].matrix);
  const product = { tokens, rows: batch * rows, from: modelDim, weights, to: width };
  return asked === null ? productsAgain(product, round) : someProducts(product, asked, round);
}

/** The length of each token times that of each column of weights, and the bias, in the same places. */
function lengthsOf(problem: ExactProblem<Layer>, name: Name): Float64Array {
  const { mechanism, inputs } = problem;
  const { batch, rows, width: modelDim } = layoutOf(inputs.shape, name);
  const width = widthOf(mechanism, name, inputs.shape);
  const { matrix, bias } = LAYER_WEIGHTS[name];
  const weights = tensorNamed(inputs, matrix);
  const tokens = tokensOf(problem, name, (x) => x);
  const squares = new Float64Array(width);
  for (let i = 0; i < modelDim; i++) {
    for (let c = 0; c < width; c++) squares[c] += weights[i * width + c] ** 2;
  }
  const columns = squares.map(Math.sqrt);
  const added = new Float64Array(width);
  if (mechanism.biases) added.set(tensorNamed(inputs, bias).map(Math.abs));
  const lengths = new Float64Array(batch * rows * width);
  for (let row = 0; row < batch * rows; row++) {
    let token = 0;
    for (let i = 0; i < modelDim; i++) token += tokens[row * modelDim + i] ** 2;
    const size = Math.sqrt(token);
    for (let c = 0; c < width; c++) {
      lengths[row * width + c] = size * columns[c] + added[c];
    }
  }
  return lengths;
}

/**
 * From `[batch · tokens, heads · width]` to `[batch, heads, tokens, width]`, with biases where a product has any, unless
 * there is no rounding to add them by.
 */
function byHead(
  { mechanism, inputs }: ExactProblem<Layer>,
  name: Name,
  columns: Numbers,
  round: Rounding | null,
): Float64Array {
  const { batch, rows } = layoutOf(inputs.shape, name);
  const { heads, width } = layoutOf(shapeOfHeads(mechanism, inputs.shape), name);
  const hasBiases = round !== null && mechanism.biases && mechanism.made[name] === "product";
  const biases = hasBiases ? tensorNamed(inputs, LAYER_WEIGHTS[name].bias) : null;
  const to = new Float64Array(columns.length);
  let at = 0;
  for (let entry = 0; entry < batch; entry++) {
    for (let head = 0; head < heads; head++) {
      for (let row = 0; row < rows; row++) {
        const from = ((entry * rows + row) * heads + head) * width;
        for (let c = 0; c < width; c++) to[at + c] = columns[from + c];
        if (biases !== null && round !== null) {
          for (let c = 0; c < width; c++) to[at + c] = round(to[at + c] + biases[head * width + c]);
        }
        at += width;
      }
    }
  }
  return to;
}

/** The largest of each square of 2 × 2 pixels, where keys and values are those. */
function pooled({ mechanism, inputs }: ExactProblem<Layer>, name: Name, values: Float64Array): Float64Array {
  const { pool } = mechanism;
  if (pool === null || name === "q") return values;
  const { length } = inputs.shape;
  const kept = keysOf(mechanism, length);
  const shape: Shape = shapeOfHeads(mechanism, inputs.shape);
  const { batch, heads, width } = layoutOf(shape, name);
  const row = rowOf(pool, length);
  const half = Math.floor(row / 2);
  const to = new Float64Array(batch * heads * kept * width);
  for (let slice = 0; slice < batch * heads; slice++) {
    for (let key = 0; key < kept; key++) {
      const first = 2 * (Math.floor(key / half) * row + (key % half));
      for (let c = 0; c < width; c++) {
        const of = (pixel: number) => values[(slice * length + pixel) * width + c];
        to[(slice * kept + key) * width + c] = Math.max(
          of(first),
          of(first + 1),
          of(first + row),
          of(first + row + 1),
        );
      }
    }
  }
  return to;
}
