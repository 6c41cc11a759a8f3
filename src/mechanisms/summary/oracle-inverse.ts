import { FLOAT32_EPSILON } from "../../core/error-budget.ts";
import { type Rounding, sumsOf } from "../oracle.ts";
import { columnNorms, type Dense, rowNorms } from "./oracle-matrix.ts";
import { addProduct } from "./oracle-product.ts";

/** Moves each element by as much up or down, at random. */
export type Shake = (values: Float64Array, moved: (at: number) => number) => void;

/**
 * Iterated steps towards the pseudo-inverse of a square matrix A: `Z₀ = Aᵀ / (‖A‖₁ ‖A‖∞)`, `Z ← ¼ Z (13 I - AZ (15 I -
 * AZ (7 I - AZ)))`. Xiong et al. 2021, arXiv 2102.03902, eq. 11. `shake` moves what each product makes by as much as
 * a rounding of its terms.
 */
export function pseudoInverse(
  a: Dense,
  iterations: number,
  round: Rounding,
  shake: Shake | null,
): Float64Array {
  const { rows: size, data } = a;
  const times = (x: Float64Array, y: Float64Array): Float64Array => {
    const product = new Float64Array(size * size);
    addProduct(round, product, x, y, size, size, size);
    if (shake !== null) {
      const lengths = rowNorms({ rows: size, width: size, data: x });
      const columns = columnNorms({ rows: size, width: size, data: y });
      shake(product, (at) => FLOAT32_EPSILON * lengths[Math.floor(at / size)] * columns[at % size]);
    }
    return round.sums === undefined ? product : product.map(round);
  };
  /** `factor·I - x`. */
  const from = (factor: number, x: Float64Array): Float64Array =>
    x.map((value, at) => (at % (size + 1) === 0 ? round(factor - value) : -value));

  const within = sumsOf(round);
  let [mostInColumn, mostInRow] = [0, 0];
  for (let one = 0; one < size; one++) {
    let [column, row] = [0, 0];
    for (let other = 0; other < size; other++) {
      column = within(column + Math.abs(data[other * size + one]));
      row = within(row + Math.abs(data[one * size + other]));
    }
    mostInColumn = Math.max(mostInColumn, column);
    mostInRow = Math.max(mostInRow, row);
  }
  const norms = within(mostInColumn * mostInRow);
  const exact = Float64Array.from(data);
  let inverse = exact.map((_, at) => round(data[(at % size) * size + Math.floor(at / size)] / norms));
  for (let iteration = 0; iteration < iterations; iteration++) {
    const product = times(exact, inverse);
    const inner = from(15, times(product, from(7, product)));
    inverse = times(inverse, from(13, times(product, inner))).map((value) => round(value / 4));
  }
  return inverse;
}
