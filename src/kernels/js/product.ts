/**
 * `out += a · bᵀ`: a `[rows, inner]`, b `[columns, inner]`, out `[rows, columns]`, row-major, the strides
 * being the distances between rows. Every product of the js family is this one.
 *
 * Scratch is float64 because a float32 load costs a conversion in JavaScript; 2×2 outputs share each load,
 * which is as fast here as 4×4 and leaves short edges. The edge runs one output at a time.
 */
export function addProduct(
  a: Float64Array,
  aAt: number,
  aStride: number,
  b: Float64Array,
  bStride: number,
  out: Float64Array,
  outAt: number,
  outStride: number,
  rows: number,
  columns: number,
  inner: number,
): void {
  const evenRows = rows & ~1;
  const evenColumns = columns & ~1;
  for (let row = 0; row < evenRows; row += 2) {
    const a0 = aAt + row * aStride;
    const a1 = a0 + aStride;
    const out0 = outAt + row * outStride;
    const out1 = out0 + outStride;
    for (let column = 0; column < evenColumns; column += 2) {
      const b0 = column * bStride;
      const b1 = b0 + bStride;
      let sum00 = 0;
      let sum01 = 0;
      let sum10 = 0;
      let sum11 = 0;
      for (let i = 0; i < inner; i++) {
        const x0 = a[a0 + i];
        const x1 = a[a1 + i];
        const y0 = b[b0 + i];
        const y1 = b[b1 + i];
        sum00 += x0 * y0;
        sum01 += x0 * y1;
        sum10 += x1 * y0;
        sum11 += x1 * y1;
      }
      out[out0 + column] += sum00;
      out[out0 + column + 1] += sum01;
      out[out1 + column] += sum10;
      out[out1 + column + 1] += sum11;
    }
  }
  for (let row = 0; row < rows; row++) {
    for (let column = row < evenRows ? evenColumns : 0; column < columns; column++) {
      const aRow = aAt + row * aStride;
      const bRow = column * bStride;
      let sum = 0;
      for (let i = 0; i < inner; i++) sum += a[aRow + i] * b[bRow + i];
      out[outAt + row * outStride + column] += sum;
    }
  }
}
