import type { ExactProblem } from "../../core/problem.ts";
import { countOf, layoutOf, type QKV, type Shape } from "../../core/shape.ts";
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
    if (problem.mechanism.made[name] === "zeros") return zeros(problem, name);
    const columns = columnsOf(problem, name, round, name === "q" ? asked : null);
    return pooled(problem, name, byHead(problem, name, columns, round));
  };
  return { q: made("q"), k: made("k"), v: made("v") };
}

/** Tokens with their positions, one row after the other, `[batch · tokens, D]`. */
export function tokensOf({ mechanism, inputs }: ExactProblem<Layer>, name: Name, round: Rounding): Numbers {
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
  const tokens = tokensOf(problem, name, round);
  if (made === "tokens") return tokens;
  const weights = tensorNamed(inputs, LAYER_WEIGHTS[name].matrix);
  const product = { tokens, rows: batch * rows, from: modelDim, weights, to: width };
  return asked === null ? productsAgain(product, round) : someProducts(product, asked, round);
}

function zeros({ mechanism, inputs }: ExactProblem<Layer>, name: Name): Float64Array {
  return new Float64Array(countOf(layoutOf(shapeOfHeads(mechanism, inputs.shape), name)));
}

/** What products were when they lay head by head, where nothing is added to them: those that are remembered do not change. */
const turnedProducts = new WeakMap<Numbers, { readonly heads: number; readonly values: Float64Array }>();

/** From `[batch · tokens, heads · width]` to `[batch, heads, tokens, width]`, with biases where a product has any. */
function byHead(
  { mechanism, inputs }: ExactProblem<Layer>,
  name: Name,
  columns: Numbers,
  round: Rounding,
): Float64Array {
  const { batch, rows } = layoutOf(inputs.shape, name);
  const { heads, width } = layoutOf(shapeOfHeads(mechanism, inputs.shape), name);
  const isProduct = mechanism.made[name] === "product";
  const biases = isProduct && mechanism.biases ? tensorNamed(inputs, LAYER_WEIGHTS[name].bias) : null;
  const isKept = isProduct && biases === null && batch === 1;
  const known = isKept ? turnedProducts.get(columns) : undefined;
  if (known?.heads === heads) return known.values;
  // One head of tokens lies as it is.
  if (heads === 1 && biases === null)
    return columns instanceof Float64Array ? columns : new Float64Array(columns);
  const to = new Float64Array(columns.length);
  let at = 0;
  for (let entry = 0; entry < batch; entry++) {
    for (let head = 0; head < heads; head++) {
      for (let row = 0; row < rows; row++) {
        const from = ((entry * rows + row) * heads + head) * width;
        for (let c = 0; c < width; c++) to[at + c] = columns[from + c];
        if (biases !== null) {
          for (let c = 0; c < width; c++) to[at + c] = round(to[at + c] + biases[head * width + c]);
        }
        at += width;
      }
    }
  }
  if (isKept) turnedProducts.set(columns, { heads, values: to });
  return to;
}

/** The largest of each square of 2 × 2 pixels, where keys and values are those. */
export function pooled(
  { mechanism, inputs }: ExactProblem<Layer>,
  name: Name,
  values: Float64Array,
): Float64Array {
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
