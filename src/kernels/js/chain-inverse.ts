import type { PseudoInverse } from "../../mechanisms/summary/declare.ts";
import type { Workspace } from "../workspace.ts";
import type { Matrices } from "./chain-matrices.ts";
import type { ChainStep } from "./chain-step.ts";
import { addProduct } from "./product.ts";

/**
 * Steps towards the pseudo-inverse: with `P = A Z`, `Z ← ¼ Z (13 I - P (15 I - P (7 I - P)))`. The second factor of each
 * product is kept transposed, as products take it.
 */
export function preparePseudoInverse(
  step: PseudoInverse,
  matrices: Matrices,
  workspace: Workspace,
): ChainStep {
  const of = matrices.get(step.of);
  const size = of.rows;
  const to = matrices.make(step.to, size, size, [of]);
  const inverse = to.data as Float64Array;
  const [transposed, product, inner, other] = Array.from({ length: 4 }, () => workspace.float64(size * size));

  /** `out = a·b`. */
  const multiply = (a: Float64Array, b: Float64Array, out: Float64Array): void => {
    for (let row = 0; row < size; row++) {
      for (let column = 0; column < size; column++) transposed[column * size + row] = b[row * size + column];
    }
    out.fill(0);
    addProduct(a, 0, size, transposed, size, out, 0, size, size, size, size);
  };
  /** `x ← factor·I - x`. */
  const subtract = (factor: number, x: Float64Array): void => {
    for (let at = 0; at < x.length; at++) x[at] = -x[at];
    for (let at = 0; at < x.length; at += size + 1) x[at] += factor;
  };
  const begin = (a: Float64Array): void => {
    let [mostInColumn, mostInRow] = [0, 0];
    for (let one = 0; one < size; one++) {
      let [column, row] = [0, 0];
      for (let at = 0; at < size; at++) {
        column += Math.abs(a[at * size + one]);
        row += Math.abs(a[one * size + at]);
      }
      mostInColumn = Math.max(mostInColumn, column);
      mostInRow = Math.max(mostInRow, row);
    }
    const factor = 1 / (mostInColumn * mostInRow);
    for (let row = 0; row < size; row++) {
      for (let column = 0; column < size; column++) {
        inverse[row * size + column] = a[column * size + row] * factor;
      }
    }
  };

  return {
    perHead: to.perHead,
    flops: 8 * step.iterations * size ** 3,
    floats: 0,
    run() {
      const a = of.data as Float64Array;
      begin(a);
      for (let iteration = 0; iteration < step.iterations; iteration++) {
        multiply(a, inverse, product);
        inner.set(product);
        subtract(7, inner);
        multiply(product, inner, other);
        subtract(15, other);
        multiply(product, other, inner);
        subtract(13, inner);
        multiply(inverse, inner, other);
        for (let at = 0; at < other.length; at++) inverse[at] = other[at] / 4;
      }
    },
  };
}
