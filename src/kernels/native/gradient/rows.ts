import {
  type Assembler,
  at,
  COMPARE,
  mask,
  number,
  r8,
  r9,
  r10,
  r11,
  r12,
  rax,
  rbp,
  rbx,
  rcx,
  rdi,
  rdx,
  rsi,
  type Zmm,
  zmm,
} from "../assembler/index.ts";
import { foldLanes } from "../code/fold.ts";
import { countDown } from "../code/frame.ts";
import { LANES, transpose } from "../code/transpose.ts";
import { CALL, ITEM, LANE, ROW, VECTOR } from "../pairwise/layout.ts";
import { eachSquare, loopUntil } from "../pairwise/rows.ts";
import { BACKWARD_CALL, BACKWARD_HEAD, BACKWARD_LANE } from "./layout.ts";

/** What a backward pass brings in of the rows of an item. All are subroutines, which an item calls once each. */

const WORD = 8;
/** Lanes of a vector that are columns. */
const COLUMNS = mask(1);

/** Addresses of the rows of dout and of out. Those beyond the last row read zeros. */
export function findDoutRows(a: Assembler, label: string): void {
  a.label(label);
  const [item, head, row] = [r8, r9, rcx];
  a.mov(item, at(rbp, LANE.item));
  a.mov(head, at(item, ITEM.head));
  a.xor(row, row);
  loopUntil(a, row, at(item, ITEM.rows), () => {
    a.movsxd(rax, at(rbp, LANE.tokens, row, 4));
    a.imul(rax, at(rdi, CALL.valueBytes));
    for (const [from, to] of [
      [BACKWARD_HEAD.dout, BACKWARD_LANE.doutRows],
      [BACKWARD_HEAD.out, BACKWARD_LANE.outRows],
    ]) {
      a.mov(r11, at(head, from));
      a.add(r11, rax);
      a.store(at(rbp, to, row, WORD), r11);
    }
  });
  a.mov(r10, at(item, ITEM.vectors));
  a.shl(r10, 4);
  a.store(at(rbp, LANE.left), r10);
  a.lea(r11, at(rbp, LANE.nothing));
  loopUntil(a, row, at(rbp, LANE.left), () => {
    a.store(at(rbp, BACKWARD_LANE.doutRows, row, WORD), r11);
    a.store(at(rbp, BACKWARD_LANE.outRows, row, WORD), r11);
  });
  a.ret();
}

/**
 * Copies queries, and rows of dout by their factors, one after the other, so that keys sum over them; and says whether one
 * of their numbers is not finite.
 */
export function packRows(a: Assembler, label: string): void {
  const [sum, zero, one, factor] = [28, 29, 30, 31].map(zmm);
  a.label(label);
  a.vpxord(sum, sum, sum);
  a.vpxord(zero, zero, zero);
  a.vbroadcastss(one, a.constant(1));
  a.mov(r12, at(rbp, LANE.item));
  for (const { rows, to, columns, tail, scaled } of [
    {
      rows: LANE.queryRows,
      to: BACKWARD_LANE.queriesPacked,
      columns: CALL.channels,
      tail: CALL.channelTail,
      scaled: false,
    },
    {
      rows: BACKWARD_LANE.doutRows,
      to: BACKWARD_LANE.doutPacked,
      columns: CALL.valueDim,
      tail: CALL.columnTail,
      scaled: true,
    },
  ]) {
    a.lea(r8, at(rbp, to));
    a.xor(rcx, rcx);
    a.vmovups(factor, one);
    loopUntil(a, rcx, at(r12, ITEM.rows), () => {
      a.mov(rax, at(rbp, rows, rcx, WORD));
      if (scaled) a.vbroadcastss(factor, at(rbp, LANE.factor, rcx, 4));
      eachVector(a, { columns, tail }, () => {
        a.vmovups(zmm(0), at(rax), { mask: COLUMNS, zero: true });
        a.vmulps(zmm(0), zmm(0), factor);
        // 0 as long as all are finite.
        a.vfmadd231ps(sum, zmm(0), zero);
        a.vmovupsStore(at(r8), zmm(0));
        a.add(rax, number(VECTOR));
        a.add(r8, number(VECTOR));
      });
    });
  }
  a.vcmpps(mask(2), sum, sum, COMPARE.unordered);
  a.kmovwToGeneral(rax, mask(2));
  a.store(at(rbp, BACKWARD_LANE.spreads), rax);
  a.ret();
}

/** Doutᵀ[column][query] = factor[query] · Dout[query][column]. */
export function packDout(a: Assembler, label: string): void {
  a.label(label);
  eachSquare(
    a,
    {
      channels: CALL.valueDim,
      tail: CALL.columnTail,
      rows: BACKWARD_LANE.doutRows,
      columns: BACKWARD_LANE.dout,
    },
    () => {
      transpose(
        a,
        (row, to) => {
          a.mov(rax, at(rdx, WORD * row));
          a.vmovups(to, at(rax, 0, rcx), { mask: COLUMNS, zero: true });
        },
        (column, from) => {
          a.vmulps(from, from, at(r9));
          a.vmovupsStore(at(rbx, ROW * column), from);
        },
      );
    },
  );
}

/** Weights that share no sum have no means. */
export function clearMeans(a: Assembler, label: string): void {
  a.label(label);
  a.vpxord(zmm(0), zmm(0), zmm(0));
  for (let row = 0; row < ROW; row += VECTOR) a.vmovupsStore(at(rbp, BACKWARD_LANE.means + row), zmm(0));
  a.ret();
}

/** means[query] = −factor[query] · Σ_column Dout[query][column] · Out[query][column]. */
export function findMeans(a: Assembler, label: string): void {
  const sums = Array.from({ length: LANES }, (_, row) => zmm(row));
  const [dout, out, negative] = [zmm(18), zmm(19), zmm(20)];
  a.label(label);
  a.xor(rsi, rsi);
  a.mov(r8, at(rbp, LANE.vectors));
  countDown(a, r8, 1, () => {
    for (const sum of sums) a.vpxord(sum, sum, sum);
    // 8 addresses to a vector of rows' 64 bytes of numbers: twice as far.
    a.lea(rdx, at(rbp, BACKWARD_LANE.doutRows, rsi, 2));
    a.lea(r9, at(rbp, BACKWARD_LANE.outRows, rsi, 2));
    a.xor(rcx, rcx);
    eachVector(a, { columns: CALL.valueDim, tail: CALL.columnTail }, () => {
      for (const [row, sum] of sums.entries()) {
        a.mov(rax, at(rdx, WORD * row));
        a.vmovups(dout, at(rax, 0, rcx), { mask: COLUMNS, zero: true });
        a.mov(rax, at(r9, WORD * row));
        a.vmovups(out, at(rax, 0, rcx), { mask: COLUMNS, zero: true });
        a.vfmadd231ps(sum, dout, out);
      }
      a.add(rcx, number(VECTOR));
    });
    foldLanes(a);
    a.vbroadcastss(negative, a.constant(-1));
    a.vmulps(negative, negative, at(rbp, LANE.factor, rsi));
    a.vmulps(sums[0], sums[0], negative);
    a.vmovupsStore(at(rbp, BACKWARD_LANE.means, rsi), sums[0]);
    a.add(rsi, number(VECTOR));
  });
  a.ret();
}

/** What rows of dq are multiplied by when they are written for the last time. */
export function gradientFactors(a: Assembler): void {
  const factor: Zmm = zmm(0);
  a.vbroadcastss(factor, at(rdi, BACKWARD_CALL.factor));
  for (let row = 0; row < ROW; row += VECTOR) a.vmovupsStore(at(rbp, LANE.factor + row), factor);
}

/** Does `body` for the vectors of a row, with the lanes that are columns in mask 1. Uses rbx. */
function eachVector(
  a: Assembler,
  { columns, tail }: { readonly columns: number; readonly tail: number },
  body: () => void,
): void {
  const [top, whole] = [a.fresh("vector"), a.fresh("whole")];
  a.kxnorw(COLUMNS, COLUMNS, COLUMNS);
  a.mov(rbx, at(rdi, columns));
  a.label(top);
  a.cmp(rbx, number(LANES));
  a.jumpIf("g", whole);
  a.kmovwLoad(COLUMNS, at(rdi, tail));
  a.label(whole);
  body();
  a.sub(rbx, number(LANES));
  a.jumpIf("g", top);
}
