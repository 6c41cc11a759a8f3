/** `to = Sᵀ x`, S `[x, to]` from `at` on. */
export function readState(numbers: Float64Array, at: number, x: Float64Array, to: Float64Array): void {
  const width = to.length;
  to.fill(0);
  for (let c = 0; c < x.length; c++) {
    const factor = x[c];
    const row = at + c * width;
    for (let j = 0; j < width; j++) to[j] += factor * numbers[row + j];
  }
}

/** `to = S y`, S `[to, y]` from `at` on: four rows at a time, since a sum waits for its last addition. */
export function timesState(numbers: Float64Array, at: number, y: Float64Array, to: Float64Array): void {
  const width = y.length;
  const fours = to.length & ~3;
  for (let c = 0; c < fours; c += 4) {
    const row0 = at + c * width;
    const row1 = row0 + width;
    const row2 = row1 + width;
    const row3 = row2 + width;
    let sum0 = 0;
    let sum1 = 0;
    let sum2 = 0;
    let sum3 = 0;
    for (let j = 0; j < width; j++) {
      const factor = y[j];
      sum0 += numbers[row0 + j] * factor;
      sum1 += numbers[row1 + j] * factor;
      sum2 += numbers[row2 + j] * factor;
      sum3 += numbers[row3 + j] * factor;
    }
    to[c] = sum0;
    to[c + 1] = sum1;
    to[c + 2] = sum2;
    to[c + 3] = sum3;
  }
  for (let c = fours; c < to.length; c++) {
    const row = at + c * width;
    let sum = 0;
    for (let j = 0; j < width; j++) sum += numbers[row + j] * y[j];
    to[c] = sum;
  }
}

/** `S ← diag(kept) S + x yᵀ`. */
export function stepState(
  numbers: Float64Array,
  at: number,
  kept: Float64Array,
  x: Float64Array,
  y: Float64Array,
): void {
  const width = y.length;
  for (let c = 0; c < x.length; c++) {
    const decay = kept[c];
    const factor = x[c];
    const row = at + c * width;
    for (let j = 0; j < width; j++) numbers[row + j] = decay * numbers[row + j] + factor * y[j];
  }
}

/** `S ← S + factor x yᵀ`. */
export function addToState(
  numbers: Float64Array,
  at: number,
  factor: number,
  x: Float64Array,
  y: Float64Array,
): void {
  const width = y.length;
  for (let c = 0; c < x.length; c++) {
    const own = factor * x[c];
    const row = at + c * width;
    for (let j = 0; j < width; j++) numbers[row + j] += own * y[j];
  }
}

/** `to_c = Σ_j R_cj S_cj`, R from the beginning of its array and S from `at` on. */
export function rowProducts(one: Float64Array, other: Float64Array, at: number, to: Float64Array): void {
  const width = one.length / to.length;
  for (let c = 0; c < to.length; c++) {
    const row = c * width;
    let sum = 0;
    for (let j = 0; j < width; j++) sum += one[row + j] * other[at + row + j];
    to[c] = sum;
  }
}
