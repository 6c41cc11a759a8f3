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
  rax,
  rcx,
  rdx,
  rsi,
  zmm,
} from "../assembler/index.ts";
import { LANES, VECTOR } from "../code/transpose.ts";

/** What a sum of rows is given, in bytes: `other` 0 copies. */
export const ROWS_SUM = {
  from: 0,
  fromRow: 8,
  other: 16,
  otherRow: 24,
  to: 32,
  toRow: 40,
  rows: 48,
  columns: 56,
} as const;
export const ROWS_SUM_BYTES = 64;

const TAIL = mask(1);

/** to[i][x] = from[i][x] + other[i][x], of the block in r12, or from[i][x] alone if there is no other. */
export function writeSumRows(a: Assembler): void {
  const [row, vector, last, rowDone, copied, tailCopied, done] = [
    ...["sum_row", "sum_vector", "sum_last", "sum_row_done", "copied", "tail_copied", "sum_done"],
  ].map((name) => a.fresh(name));
  const [from, other, to, rows] = [r8, r9, r10, r11];
  a.mov(from, at(r12, ROWS_SUM.from));
  a.mov(other, at(r12, ROWS_SUM.other));
  a.mov(to, at(r12, ROWS_SUM.to));
  a.mov(rows, at(r12, ROWS_SUM.rows));
  // Lanes of the last vector.
  a.mov(rax, at(r12, ROWS_SUM.columns));
  a.and(rax, number(LANES - 1));
  a.lea(rcx, a.words(Array.from({ length: LANES + 1 }, (_, columns) => 2 ** columns - 1)));
  a.kmovwLoad(TAIL, at(rcx, 0, rax, 4));

  a.label(row);
  a.sub(rows, number(1));
  a.jumpIf("l", done);
  a.mov(rdx, at(r12, ROWS_SUM.columns));
  a.xor(rsi, rsi);
  a.label(vector);
  a.sub(rdx, number(LANES));
  a.jumpIf("l", last);
  a.vmovups(zmm(0), at(from, 0, rsi));
  a.test(other, other);
  a.jumpIf("e", copied);
  a.vaddps(zmm(0), zmm(0), at(other, 0, rsi));
  a.label(copied);
  a.vmovupsStore(at(to, 0, rsi), zmm(0));
  a.add(rsi, number(VECTOR));
  a.jump(vector);
  a.label(last);
  a.add(rdx, number(LANES));
  a.jumpIf("e", rowDone);
  a.vmovups(zmm(0), at(from, 0, rsi), { mask: TAIL, zero: true });
  a.test(other, other);
  a.jumpIf("e", tailCopied);
  a.vmovups(zmm(1), at(other, 0, rsi), { mask: TAIL, zero: true });
  a.vaddps(zmm(0), zmm(0), zmm(1));
  a.label(tailCopied);
  a.vmovupsStore(at(to, 0, rsi), zmm(0), { mask: TAIL });
  a.label(rowDone);
  a.add(from, at(r12, ROWS_SUM.fromRow));
  a.add(other, at(r12, ROWS_SUM.otherRow));
  a.add(to, at(r12, ROWS_SUM.toRow));
  a.jump(row);
  a.label(done);
}
