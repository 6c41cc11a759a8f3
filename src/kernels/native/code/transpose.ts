import { type Assembler, type Zmm, zmm } from "../assembler/index.ts";

/** Lanes of a vector, and so rows and columns of a block. */
export const LANES = 16;
/** Bytes of a vector, and of a cache line. */
export const VECTOR = 4 * LANES;

/**
 * Turns 16 rows of 16 floats over their diagonal. `load` brings row i into a register, and `store` is given column i;
 * all 32 registers are used. Pairs of rows, then fours, then the 128-bit parts of all.
 */
export function transpose(
  a: Assembler,
  load: (row: number, to: Zmm) => void,
  store: (column: number, from: Zmm) => void,
): void {
  const r = Array.from({ length: 2 * LANES }, (_, index) => zmm(index));
  for (let row = 0; row < LANES; row++) load(row, r[row]);
  for (let row = 0; row < LANES; row += 2) {
    a.vunpcklps(r[16 + row], r[row], r[row + 1]);
    a.vunpckhps(r[17 + row], r[row], r[row + 1]);
  }
  for (let four = 0; four < LANES; four += 4) {
    const [low, high, lowNext, highNext] = r.slice(16 + four, 20 + four);
    a.vunpcklpd(r[four], low, lowNext);
    a.vunpckhpd(r[four + 1], low, lowNext);
    a.vunpcklpd(r[four + 2], high, highNext);
    a.vunpckhpd(r[four + 3], high, highNext);
  }
  for (let column = 0; column < 4; column++) {
    const [first, second, third, fourth] = [r[column], r[4 + column], r[8 + column], r[12 + column]];
    const [even, odd, evenNext, oddNext] = r.slice(16 + 4 * column, 20 + 4 * column);
    a.vshuff32x4(even, first, second, 0x88);
    a.vshuff32x4(odd, first, second, 0xdd);
    a.vshuff32x4(evenNext, third, fourth, 0x88);
    a.vshuff32x4(oddNext, third, fourth, 0xdd);
    a.vshuff32x4(first, even, evenNext, 0x88);
    store(column, first);
    a.vshuff32x4(second, odd, oddNext, 0x88);
    store(4 + column, second);
    a.vshuff32x4(third, even, evenNext, 0xdd);
    store(8 + column, third);
    a.vshuff32x4(fourth, odd, oddNext, 0xdd);
    store(12 + column, fourth);
  }
}
