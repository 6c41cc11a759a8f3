import { float32, type Rounding } from "../oracle.ts";

/**
 * The matrix S of a recurrence, `[keys, values]`. Its products are exact or those of float32; another rounding is that of
 * the vectors that it is given, because it would be called for every element.
 */
export class State {
  readonly #numbers: Float64Array;
  readonly #isSingle: boolean;

  constructor(keys: number, values: number, round: Rounding) {
    this.#numbers = new Float64Array(keys * values);
    this.#isSingle = round === float32;
  }

  /** `to = Sᵀ x`. */
  read(x: Float64Array, to: Float64Array): void {
    to.fill(0);
    if (this.#isSingle) readSingle(this.#numbers, x, to);
    else readExact(this.#numbers, x, to);
  }

  /** `to = S y`. */
  times(y: Float64Array, to: Float64Array): void {
    timesRows(this.#numbers, y, to, this.#isSingle);
  }

  /** `to_c = Σ_j S_cj other_cj`. */
  rowProducts(other: State, to: Float64Array): void {
    productsOfRows(this.#numbers, other.#numbers, to, this.#isSingle);
  }

  /** Takes the numbers of a state of the same shape. */
  copy(other: State): void {
    this.#numbers.set(other.#numbers);
  }

  /** `S ← diag(decay) S + x yᵀ`. */
  step(decay: Float64Array, x: Float64Array, y: Float64Array): void {
    if (this.#isSingle) stepSingle(this.#numbers, decay, x, y);
    else stepExact(this.#numbers, decay, x, y);
  }
}

/** Four rows at a time, so that a sum is fetched and stored less often. */
function readExact(numbers: Float64Array, x: Float64Array, to: Float64Array): void {
  const values = to.length;
  let c = 0;
  for (; c + 4 <= x.length; c += 4) {
    const [x0, x1, x2, x3] = [x[c], x[c + 1], x[c + 2], x[c + 3]];
    const at = c * values;
    for (let j = 0; j < values; j++) {
      const row = at + j;
      to[j] +=
        x0 * numbers[row] +
        x1 * numbers[row + values] +
        x2 * numbers[row + 2 * values] +
        x3 * numbers[row + 3 * values];
    }
  }
  for (; c < x.length; c++) {
    const [factor, at] = [x[c], c * values];
    for (let j = 0; j < values; j++) to[j] += factor * numbers[at + j];
  }
}

function readSingle(numbers: Float64Array, x: Float64Array, to: Float64Array): void {
  const { fround } = Math;
  const values = to.length;
  for (let c = 0; c < x.length; c++) {
    const [factor, at] = [x[c], c * values];
    for (let j = 0; j < values; j++) to[j] = fround(to[j] + fround(factor * numbers[at + j]));
  }
}

function stepExact(numbers: Float64Array, decay: Float64Array, x: Float64Array, y: Float64Array): void {
  const values = y.length;
  for (let c = 0; c < x.length; c++) {
    const [kept, factor, at] = [decay[c], x[c], c * values];
    for (let j = 0; j < values; j++) numbers[at + j] = kept * numbers[at + j] + factor * y[j];
  }
}

function stepSingle(numbers: Float64Array, decay: Float64Array, x: Float64Array, y: Float64Array): void {
  const { fround } = Math;
  const values = y.length;
  for (let c = 0; c < x.length; c++) {
    const [kept, factor, at] = [decay[c], x[c], c * values];
    for (let j = 0; j < values; j++) {
      numbers[at + j] = fround(fround(kept * numbers[at + j]) + fround(factor * y[j]));
    }
  }
}

function timesRows(numbers: Float64Array, y: Float64Array, to: Float64Array, isSingle: boolean): void {
  const { fround } = Math;
  const values = y.length;
  for (let c = 0; c < to.length; c++) {
    const at = c * values;
    let sum = 0;
    if (isSingle) for (let j = 0; j < values; j++) sum = fround(sum + fround(numbers[at + j] * y[j]));
    else for (let j = 0; j < values; j++) sum += numbers[at + j] * y[j];
    to[c] = sum;
  }
}

function productsOfRows(a: Float64Array, b: Float64Array, to: Float64Array, isSingle: boolean): void {
  const { fround } = Math;
  const values = a.length / to.length;
  for (let c = 0; c < to.length; c++) {
    const end = (c + 1) * values;
    let sum = 0;
    if (isSingle) for (let at = end - values; at < end; at++) sum = fround(sum + fround(a[at] * b[at]));
    else for (let at = end - values; at < end; at++) sum += a[at] * b[at];
    to[c] = sum;
  }
}
