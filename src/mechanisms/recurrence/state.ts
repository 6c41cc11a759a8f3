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
