import type { Dense } from "./oracle-matrix.ts";

const ASSIGNMENTS = 10;
const WORD = 32;

/**
 * Which of `count` clusters each row is in: sign hashes, and Lloyd's algorithm in Hamming space. Decided in float64,
 * whatever is rounded elsewhere. Vyas et al. 2020, arXiv 2007.04825, section 3.2.
 */
export function clusterRows(rows: Dense, planes: Dense, starts: Dense, count: number): Int32Array {
  const words = Math.ceil(planes.rows / WORD);
  const codes = codesOf(rows, planes, words);
  const first = Array.from(starts.data.subarray(0, Math.min(count, rows.rows)), (row) =>
    Math.max(0, Math.min(rows.rows - 1, Math.floor(row))),
  );
  const centres = Int32Array.from(
    first.flatMap((row) => [...codes.subarray(row * words, (row + 1) * words)]),
  );
  const members = new Int32Array(rows.rows);
  for (let round = 1; round <= ASSIGNMENTS; round++) {
    assign(codes, centres, words, members);
    if (round < ASSIGNMENTS) moveCentres(codes, centres, words, planes.rows, members);
  }
  return members;
}

/** Bit b of a row: whether `planes_b·x` is above its threshold. `[rows, words]`. */
function codesOf({ rows, width, data }: Dense, planes: Dense, words: number): Int32Array {
  const codes = new Int32Array(rows * words);
  for (let row = 0; row < rows; row++) {
    for (let bit = 0; bit < planes.rows; bit++) {
      const plane = bit * planes.width;
      let sum = 0;
      for (let i = 0; i < width; i++) sum += planes.data[plane + i] * data[row * width + i];
      if (sum > planes.data[plane + width]) codes[row * words + (bit >> 5)] |= 1 << (bit & 31);
    }
  }
  return codes;
}

/** To the nearest centre, the first of those as near. */
function assign(codes: Int32Array, centres: Int32Array, words: number, members: Int32Array): void {
  for (let row = 0; row < members.length; row++) {
    let least = Number.POSITIVE_INFINITY;
    for (let centre = 0; centre * words < centres.length; centre++) {
      let distance = 0;
      for (let word = 0; word < words; word++) {
        distance += bitsIn(codes[row * words + word] ^ centres[centre * words + word]);
      }
      if (distance >= least) continue;
      least = distance;
      members[row] = centre;
    }
  }
}

/** A centre takes the bits that more than half of its rows have, and stays if it has no rows. */
function moveCentres(
  codes: Int32Array,
  centres: Int32Array,
  words: number,
  bits: number,
  members: Int32Array,
): void {
  const counts = new Int32Array(centres.length / words);
  const ones = new Int32Array(counts.length * bits);
  for (const [row, centre] of members.entries()) {
    counts[centre]++;
    for (let bit = 0; bit < bits; bit++) {
      ones[centre * bits + bit] += (codes[row * words + (bit >> 5)] >>> (bit & 31)) & 1;
    }
  }
  for (const [centre, count] of counts.entries()) {
    if (count === 0) continue;
    centres.fill(0, centre * words, (centre + 1) * words);
    for (let bit = 0; bit < bits; bit++) {
      if (2 * ones[centre * bits + bit] <= count) continue;
      centres[centre * words + (bit >> 5)] |= 1 << (bit & 31);
    }
  }
}

/** Bits that are set in a word of 32. */
function bitsIn(word: number): number {
  let pairs = word - ((word >>> 1) & 0x55555555);
  pairs = (pairs & 0x33333333) + ((pairs >>> 2) & 0x33333333);
  return Math.imul((pairs + (pairs >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
