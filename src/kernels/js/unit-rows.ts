/** Copies rows, each divided by its length; rows of zeros stay so. */
export function copyUnitRows(
  from: Float32Array,
  fromAt: number,
  rows: number,
  width: number,
  to: Float64Array,
  toAt: number,
): void {
  for (let n = 0; n < rows * width; n++) to[toAt + n] = from[fromAt + n];
  for (let row = toAt; row < toAt + rows * width; row += width) {
    let squares = 0;
    for (let i = row; i < row + width; i++) squares += to[i] * to[i];
    if (squares === 0) continue;
    const length = Math.sqrt(squares);
    for (let i = row; i < row + width; i++) to[i] /= length;
  }
}
