/** Copies rows, each divided by its length; rows of zeros stay so. */
export function copyUnitRows(
  from: Float32Array,
  fromAt: number,
  rows: number,
  width: number,
  to: Float64Array,
  toAt: number,
): void {
  for (let row = 0; row < rows; row++) {
    const [source, target] = [fromAt + row * width, toAt + row * width];
    let squares = 0;
    for (let i = 0; i < width; i++) squares += from[source + i] * from[source + i];
    const length = Math.sqrt(squares);
    for (let i = 0; i < width; i++) to[target + i] = length === 0 ? 0 : from[source + i] / length;
  }
}
