import {
  type Assembler,
  at,
  mask,
  number,
  r8,
  r9,
  r10,
  r11,
  r12,
  r13,
  r14,
  r15,
  rax,
  rbp,
  rbx,
  rcx,
  rdx,
  rsi,
  type Zmm,
  zmm,
} from "../assembler/index.ts";
import { countDown } from "../code/frame.ts";
import { VECTOR } from "../code/transpose.ts";

/** Steps that are summed in registers before they are added to C: a longer chain of float32 loses digits. */
const CHAIN = 64;

/** Steps by which A is brought near before it is read: no processor guesses the next line where A is walked by its columns. */
const AHEAD = 32;

/** What tiles know: addresses of this tile, strides, and counts. */
export const HELD = {
  /** A of the tile's first row, and C. */
  a: r13,
  c: r14,
  /** Rows that are left. */
  rows: r12,
  aRow: r11,
  aStep: rax,
  bRow: rbx,
  cRow: rbp,
} as const;

/** Lanes of the last vector that are columns; then those in which C is read, of whole vectors and of the last. */
export const COLUMNS = mask(1);
const ADDED = { whole: mask(2), last: mask(3) } as const;
/** The same for the first chain of a tile, which may replace C. */
export const ADDED_FIRST = { whole: mask(4), last: mask(5) } as const;

export const SCALE = zmm(31);
const ADDEND = zmm(30);
/** Two, so that one is loaded while the other is used. */
const A = [zmm(28), zmm(29)] as const;
const B = [zmm(24), zmm(25), zmm(26), zmm(27)] as const;

/** A of rows 0, 3 and 6 of a tile: others lie one or two strides beyond. */
const A_OF_THREE = [r8, r9, r10] as const;
const bStep = rsi;
/** Between sums, the row of C that is written; within one, how far it is to what is brought near. */
const cRowNow = rdx;
const ahead = rdx;
const stepsLeft = r15;
const steps = rcx;

/** What of a block a tile reads: where B begins, and how many steps there are. */
export interface TileBlock {
  readonly b: ReturnType<typeof at>;
  readonly steps: ReturnType<typeof at>;
}

/**
 * So many rows of C, so many vectors wide. Each element of A is broadcast once and multiplied by every vector of a
 * row of B; the sums stay in registers for a chain, and are added to C.
 */
export function writeTile(a: Assembler, rows: number, vectors: number, block: TileBlock): void {
  const sums = Array.from({ length: rows }, (_, row) =>
    Array.from({ length: vectors }, (_, vector) => zmm(row * vectors + vector)),
  );
  const chain = a.fresh("chain");
  a.mov(bStep, block.b);
  a.mov(stepsLeft, block.steps);
  a.mov(A_OF_THREE[0], HELD.a);
  for (let three = 1; 3 * three < rows; three++) {
    a.lea(A_OF_THREE[three], at(A_OF_THREE[three - 1], 0, HELD.aRow, 2));
    a.add(A_OF_THREE[three], HELD.aRow);
  }
  copyMasks(a, ADDED, ADDED_FIRST);
  // C is written a chain later: what is then stored waits for no memory.
  a.mov(cRowNow, HELD.c);
  for (let row = 0; row < rows; row++) {
    for (let vector = 0; vector < vectors; vector++) a.prefetcht0(at(cRowNow, VECTOR * vector));
    a.add(cRowNow, HELD.cRow);
  }

  a.label(chain);
  a.imulImmediate(ahead, HELD.aStep, AHEAD);
  a.movImmediate(steps, CHAIN);
  a.cmp(steps, stepsLeft);
  a.cmov("g", steps, stepsLeft);
  a.sub(stepsLeft, steps);
  for (const sum of sums.flat()) a.vpxord(sum, sum, sum);
  // More steps in a turn were tried: the processor has room for what counts them.
  countDown(a, steps, 1, () => writeStep(a, sums));
  writeSums(a, sums);
  a.kxnorw(ADDED.whole, COLUMNS, COLUMNS);
  a.korw(ADDED.last, COLUMNS, COLUMNS);
  a.test(stepsLeft, stepsLeft);
  a.jumpIf("ne", chain);

  a.mov(HELD.c, cRowNow);
  a.imulImmediate(steps, HELD.aRow, rows);
  a.add(HELD.a, steps);
  a.sub(HELD.rows, number(rows));
}

/** One column of A times one row of B. */
function writeStep(a: Assembler, sums: readonly (readonly Zmm[])[]): void {
  const last = sums[0].length - 1;
  a.prefetcht0(at(A_OF_THREE[0], 0, ahead));
  for (let vector = 0; vector <= last; vector++) {
    const masking = vector === last ? { mask: COLUMNS, zero: true } : undefined;
    a.vmovups(B[vector], at(bStep, VECTOR * vector), masking);
  }
  for (const [row, sumsOfRow] of sums.entries()) {
    const beyond = row % 3;
    const base = A_OF_THREE[Math.floor(row / 3)];
    a.vbroadcastss(A[row % 2], beyond === 0 ? at(base) : at(base, 0, HELD.aRow, beyond === 1 ? 1 : 2));
    for (const [vector, sum] of sumsOfRow.entries()) a.vfmadd231ps(sum, A[row % 2], B[vector]);
  }
  for (let three = 0; 3 * three < sums.length; three++) a.add(A_OF_THREE[three], HELD.aStep);
  a.add(bStep, HELD.bRow);
}

/** C = scale·sums + what of C is added, which is nothing where the mask has no lane: C is not even read there. */
function writeSums(a: Assembler, sums: readonly (readonly Zmm[])[]): void {
  a.mov(cRowNow, HELD.c);
  for (const sumsOfRow of sums) {
    for (const [vector, sum] of sumsOfRow.entries()) {
      const isLast = vector === sumsOfRow.length - 1;
      const place = at(cRowNow, VECTOR * vector);
      a.vmovups(ADDEND, place, { mask: isLast ? ADDED.last : ADDED.whole, zero: true });
      a.vfmadd213ps(sum, SCALE, ADDEND);
      a.vmovupsStore(place, sum, isLast ? { mask: COLUMNS } : undefined);
    }
    a.add(cRowNow, HELD.cRow);
  }
}

/** Copies both masks. */
function copyMasks(a: Assembler, to: typeof ADDED, from: typeof ADDED_FIRST): void {
  a.korw(to.whole, from.whole, from.whole);
  a.korw(to.last, from.last, from.last);
}
