import type { PseudoInverse } from "../../../../mechanisms/summary/declare.ts";
import { addProduct } from "../../product.ts";
import type { MatricesBack, StepBack } from "./matrices.ts";

/**
 * Back through the iterations `Z ← ¼ Z (13 I - P (15 I - P (7 I - P)))`, P = AZ, which are carried out once more: all their
 * Z are kept, and what is within one is made again.
 */
export function pseudoInverseBack(step: PseudoInverse, matrices: MatricesBack): StepBack {
  const { rows: m } = matrices.prepare(step.of);
  matrices.prepare(step.to);
  const { iterations } = step;
  const square = (): Float64Array => matrices.workspace.float64(m * m);
  const inverses = Array.from({ length: iterations + 1 }, square);
  const [a, p, first, second, third] = [0, 0, 0, 0, 0].map(square);
  const [ofZ, ofP, ofInner, scratch, turned] = [0, 0, 0, 0, 0].map(square);
  const products = new Products(m, turned);

  /** What is within an iteration, from its Z: P and the three brackets. */
  const within = (z: Float64Array): void => {
    products.write(a, z, p);
    less(7, p, first, m);
    products.write(p, first, scratch);
    less(15, scratch, second, m);
    products.write(p, second, scratch);
    less(13, scratch, third, m);
  };
  const backThrough = (z: Float64Array, ofA: Float64Array): void => {
    within(z);
    for (let i = 0; i < m * m; i++) ofZ[i] /= 4;
    // Of the last bracket, and from there inwards; each is taken away from a multiple of I.
    products.writeLeft(z, ofZ, ofInner);
    products.writeRight(ofZ, third, scratch);
    ofZ.set(scratch);
    ofP.fill(0);
    for (const bracket of [second, first]) {
      for (let i = 0; i < m * m; i++) ofInner[i] = -ofInner[i];
      products.writeRight(ofInner, bracket, scratch);
      for (let i = 0; i < m * m; i++) ofP[i] += scratch[i];
      products.writeLeft(p, ofInner, scratch);
      ofInner.set(scratch);
    }
    for (let i = 0; i < m * m; i++) ofP[i] -= ofInner[i];
    products.writeRight(ofP, z, scratch);
    for (let i = 0; i < m * m; i++) ofA[i] += scratch[i];
    products.writeLeft(a, ofP, scratch);
    for (let i = 0; i < m * m; i++) ofZ[i] += scratch[i];
  };
  return {
    flops: iterations * 26 * m ** 3,
    run(at) {
      const [of, along] = [matrices.factor(step.of, at), matrices.along(step.to, at)];
      if (of.sums === null) return;
      const ofA = of.sums.subarray(of.sumsAt, of.sumsAt + m * m);
      for (let i = 0; i < m * m; i++) {
        a[i] = of.values[of.at + i];
        ofZ[i] = along.values[along.at + i];
      }
      const norms = startInto(a, inverses[0], m);
      for (let iteration = 0; iteration < iterations; iteration++) {
        within(inverses[iteration]);
        products.write(inverses[iteration], third, inverses[iteration + 1]);
        for (let i = 0; i < m * m; i++) inverses[iteration + 1][i] /= 4;
      }
      for (let iteration = iterations - 1; iteration >= 0; iteration--) backThrough(inverses[iteration], ofA);
      startBack(a, inverses[0], norms, ofZ, ofA, m);
    },
  };
}

/** Products of square matrices. */
class Products {
  readonly #size: number;
  readonly #turned: Float64Array;

  constructor(size: number, turned: Float64Array) {
    this.#size = size;
    this.#turned = turned;
  }

  /** `to = x y`. */
  write(x: Float64Array, y: Float64Array, to: Float64Array): void {
    this.#turn(y);
    to.fill(0);
    this.#add(x, this.#turned, to);
  }

  /** `to = xᵀ y`. */
  writeLeft(x: Float64Array, y: Float64Array, to: Float64Array): void {
    to.fill(0);
    const m = this.#size;
    for (let i = 0; i < m; i++) {
      for (let row = 0; row < m; row++) {
        const factor = x[i * m + row];
        for (let c = 0; c < m; c++) to[row * m + c] += factor * y[i * m + c];
      }
    }
  }

  /** `to = x yᵀ`. */
  writeRight(x: Float64Array, y: Float64Array, to: Float64Array): void {
    to.fill(0);
    this.#add(x, y, to);
  }

  #add(x: Float64Array, turned: Float64Array, to: Float64Array): void {
    const m = this.#size;
    addProduct(x, 0, m, turned, m, to, 0, m, m, m, m);
  }

  #turn(y: Float64Array): void {
    const m = this.#size;
    for (let i = 0; i < m; i++) for (let j = 0; j < m; j++) this.#turned[j * m + i] = y[i * m + j];
  }
}

/** `to = factor·I - x`. */
function less(factor: number, x: Float64Array, to: Float64Array, m: number): void {
  for (let i = 0; i < m * m; i++) to[i] = -x[i];
  for (let i = 0; i < m * m; i += m + 1) to[i] += factor;
}

/** The row and the column whose absolute numbers add up to the most, and how much that is. */
interface Norms {
  readonly row: number;
  readonly column: number;
  readonly ofRows: number;
  readonly ofColumns: number;
}

/** `Z₀ = Aᵀ / (‖A‖₁ ‖A‖∞)`. */
function startInto(a: Float64Array, to: Float64Array, m: number): Norms {
  let [row, column, ofRows, ofColumns] = [0, 0, 0, 0];
  for (let one = 0; one < m; one++) {
    let [alongRow, alongColumn] = [0, 0];
    for (let i = 0; i < m; i++) {
      alongRow += Math.abs(a[one * m + i]);
      alongColumn += Math.abs(a[i * m + one]);
    }
    if (alongRow > ofRows) [row, ofRows] = [one, alongRow];
    if (alongColumn > ofColumns) [column, ofColumns] = [one, alongColumn];
  }
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < m; j++) to[j * m + i] = a[i * m + j] / (ofRows * ofColumns);
  }
  return { row, column, ofRows, ofColumns };
}

/** Of a norm what came to all of Z₀ together, to the numbers of its row or column. */
function startBack(
  a: Float64Array,
  z: Float64Array,
  { row, column, ofRows, ofColumns }: Norms,
  ofZ: Float64Array,
  ofA: Float64Array,
  m: number,
): void {
  let together = 0;
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < m; j++) {
      ofA[i * m + j] += ofZ[j * m + i] / (ofRows * ofColumns);
      together += ofZ[j * m + i] * z[j * m + i];
    }
  }
  for (let i = 0; i < m; i++) {
    ofA[row * m + i] -= (Math.sign(a[row * m + i]) * together) / ofRows;
    ofA[i * m + column] -= (Math.sign(a[i * m + column]) * together) / ofColumns;
  }
}
