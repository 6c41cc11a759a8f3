import { float32, type Rounding } from "../oracle.ts";

/**
 * The matrix S of a recurrence, `[keys, values]`. Its products are exact or those of float32; another rounding is that of
 * the vectors that it is given, because it would be called for every element.
 */
export class State {
  readonly #numbers: Float64Array;
  readonly #values: number;
  readonly #isSingle: boolean;

  constructor(keys: number, values: number, round: Rounding) {
    this.#numbers = new Float64Array(keys * values);
    this.#values = values;
    this.#isSingle = round === float32;
  }

  /** `to = Sᵀ x`. */
  read(x: Float64Array, to: Float64Array): void {
    to.fill(0);
    if (this.#isSingle) readSingle(this.#numbers, x, to);
    else readExact(this.#numbers, x, to);
  }

  /** `S ← diag(decay) S`. */
  scale(decay: Float64Array): void {
    const numbers = this.#numbers;
    const values = this.#values;
    const round = this.#isSingle ? Math.fround : (exact: number) => exact;
    for (let c = 0; c < decay.length; c++) {
      const factor = decay[c];
      if (factor === 1) continue;
      for (let at = c * values; at < (c + 1) * values; at++) numbers[at] = round(factor * numbers[at]);
    }
  }

  /** `S ← S + x yᵀ`. */
  add(x: Float64Array, y: Float64Array): void {
    if (this.#isSingle) addSingle(this.#numbers, x, y);
    else addExact(this.#numbers, x, y);
  }
}

/** Two rows at a time, so that a sum is fetched and stored half as often. */
function readExact(numbers: Float64Array, x: Float64Array, to: Float64Array): void {
  const values = to.length;
  let c = 0;
  for (; c + 2 <= x.length; c += 2) {
    const [first, second, at] = [x[c], x[c + 1], c * values];
    for (let j = 0; j < values; j++) to[j] += first * numbers[at + j] + second * numbers[at + values + j];
  }
  for (; c < x.length; c++) {
    const at = c * values;
    for (let j = 0; j < values; j++) to[j] += x[c] * numbers[at + j];
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

function addExact(numbers: Float64Array, x: Float64Array, y: Float64Array): void {
  const values = y.length;
  for (let c = 0; c < x.length; c++) {
    const [factor, at] = [x[c], c * values];
    for (let j = 0; j < values; j++) numbers[at + j] += factor * y[j];
  }
}

function addSingle(numbers: Float64Array, x: Float64Array, y: Float64Array): void {
  const { fround } = Math;
  const values = y.length;
  for (let c = 0; c < x.length; c++) {
    const [factor, at] = [x[c], c * values];
    for (let j = 0; j < values; j++) numbers[at + j] = fround(numbers[at + j] + fround(factor * y[j]));
  }
}
