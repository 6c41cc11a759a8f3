import type { RandomStream } from "../../core/random.ts";

/**
 * Fills `to`, `[rows, width]`, with rows that are orthogonal in blocks of `width`, as long as rows of normal
 * numbers are: all blocks of normal numbers are drawn first, whole, and then a row of them for the length of
 * each. Choromanski et al. 2020, arXiv 2009.14794, section 2.4.
 */
export function fillOrthogonal(random: RandomStream, to: Float32Array | Float64Array, width: number): void {
  const rows = to.length / width;
  const blocks = Array.from({ length: Math.ceil(rows / width) }, () => {
    const block = Array.from({ length: width }, () => normals(random, width));
    orthonormalise(block);
    return block;
  });
  for (let row = 0; row < rows; row++) {
    const drawn = normals(random, width);
    const length = Math.sqrt(dot(drawn, drawn));
    const direction = blocks[Math.floor(row / width)][row % width];
    for (let at = 0; at < width; at++) to[row * width + at] = direction[at] * length;
  }
}

function normals(random: RandomStream, count: number): Float64Array {
  return Float64Array.from({ length: count }, () => random.gaussian());
}

/** Gram and Schmidt's, in the order of the rows; a second pass removes what the first left by rounding. */
function orthonormalise(rows: readonly Float64Array[]): void {
  for (const [index, row] of rows.entries()) {
    for (let pass = 0; pass < 2; pass++) {
      for (const earlier of rows.slice(0, index)) {
        const along = dot(row, earlier);
        for (let at = 0; at < row.length; at++) row[at] -= along * earlier[at];
      }
    }
    const length = Math.sqrt(dot(row, row));
    for (let at = 0; at < row.length; at++) row[at] /= length;
  }
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let at = 0; at < a.length; at++) sum += a[at] * b[at];
  return sum;
}
