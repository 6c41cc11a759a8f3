import { kvHeadOf, type Layout, layoutOf, offsetIn } from "../../../core/shape.ts";
import type { Numbers } from "../../../core/tensors.ts";
import type { GradientProblem } from "../../gradient/gradient-kind.ts";
import { type SoftmaxPattern, scaleOf } from "../declare.ts";

/**
 * Bounds on the sums of terms of products before anything cancels: `Σ_c |a_c b_c| ≤ |a| |b|` (Cauchy-Schwarz), since the
 * sums themselves take as long as the products, of every query with every key.
 */
export class ProductSizes {
  readonly #problem: GradientProblem<SoftmaxPattern>;
  readonly #scale: number;
  readonly #known = new Map<string, Float64Array>();

  constructor(problem: GradientProblem<SoftmaxPattern>) {
    const { mechanism, shape } = problem;
    this.#problem = problem;
    // Turning moves a rounding from one channel of a pair to the other, so that each counts as both.
    this.#scale = scaleOf(mechanism, shape.headDim) * (mechanism.turn === undefined ? 1 : 2);
  }

  /** Of `scale · q·k`, for the keys of one query. */
  ofScores(batch: number, head: number, query: number, keys: Int32Array): Float64Array {
    const { shape, inputs } = this.#problem;
    const own = normAt(inputs.q, layoutOf(shape, "q"), offsetIn(layoutOf(shape, "q"), batch, head, query));
    const norms = this.#norms("k", batch, kvHeadOf(shape, head));
    return timesOf(this.#scale * own, norms, keys);
  }

  /** Of `dout · v`. */
  ofValues(batch: number, head: number, query: number, keys: Int32Array): Float64Array {
    const { shape, inputs } = this.#problem;
    const layout = layoutOf(shape, "output");
    const own = normAt(inputs.dout, layout, offsetIn(layout, batch, head, query));
    const norms = this.#norms("v", batch, kvHeadOf(shape, head));
    return timesOf(own, norms, keys);
  }

  /** Of the rows of one head of k or v. */
  #norms(name: "k" | "v", batch: number, kvHead: number): Float64Array {
    const { shape, inputs } = this.#problem;
    const key = `${name} ${batch} ${kvHead}`;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const layout = layoutOf(shape, name);
    const norms = Float64Array.from({ length: layout.rows }, (_, row) =>
      normAt(inputs[name], layout, offsetIn(layout, batch, kvHead, row)),
    );
    this.#known.set(key, norms);
    return norms;
  }
}

function timesOf(factor: number, norms: Float64Array, keys: Int32Array): Float64Array {
  const sizes = new Float64Array(keys.length);
  for (let at = 0; at < keys.length; at++) sizes[at] = factor * norms[keys[at]];
  return sizes;
}

function normAt(from: Numbers, { width }: Layout, at: number): number {
  let squares = 0;
  for (let i = 0; i < width; i++) squares += from[at + i] ** 2;
  return Math.sqrt(squares);
}
