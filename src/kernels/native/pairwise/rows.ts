import {
  type Assembler,
  at,
  each,
  type Gpr,
  type Memory,
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
} from "../assembler/index.ts";
import { countDown } from "../code/frame.ts";
import { LANES, transpose } from "../code/transpose.ts";
import { CALL, HEAD, ITEM, LANE, ROW, VECTOR } from "./layout.ts";

/**
 * Rows of an item: which they are, and the change between rows as they lie in memory and columns as tiles have them.
 * All are subroutines: an item calls each once.
 */

/** Addresses of the rows of q and of the output. Those beyond the last row read and write what nobody reads. */
export function findRows(a: Assembler, label: string): void {
  a.label(label);
  const [item, head, row, end] = [r8, r9, rcx, r10];
  a.mov(item, at(rbp, LANE.item));
  a.mov(head, at(item, ITEM.head));
  a.mov(rsi, at(item, ITEM.list));
  a.xor(row, row);
  loopUntil(a, row, at(item, ITEM.rows), () => {
    a.mov(rax, at(item, ITEM.first));
    a.add(rax, row);
    const found = a.fresh("token");
    a.test(rsi, rsi);
    a.jumpIf("e", found);
    a.movsxd(rax, at(rsi, 0, row, 4));
    a.label(found);
    a.store32(at(rbp, LANE.tokens, row, 4), rax);
    a.mov(r11, rax);
    a.imul(r11, at(rdi, CALL.queryBytes));
    a.add(r11, at(head, HEAD.q));
    a.store(at(rbp, LANE.queryRows, row, 8), r11);
    a.imul(rax, at(rdi, CALL.outputBytes));
    a.add(rax, at(head, HEAD.output));
    a.store(at(rbp, LANE.outputRows, row, 8), rax);
  });
  a.mov(end, at(item, ITEM.vectors));
  a.shl(end, 4);
  a.store(at(rbp, LANE.left), end);
  a.lea(r11, at(rbp, LANE.nothing));
  a.lea(r12, at(rbp, LANE.anything));
  loopUntil(a, row, at(rbp, LANE.left), () => {
    a.store(at(rbp, LANE.queryRows, row, 8), r11);
    a.store(at(rbp, LANE.outputRows, row, 8), r12);
    a.mov32(rax, at(rbp, LANE.tokens));
    a.store32(at(rbp, LANE.tokens, row, 4), rax);
  });
  a.ret();
}

/** Does `body` for a register that counts up to what is in memory; it may be there already. */
export function loopUntil(a: Assembler, counter: Gpr, end: Memory, body: () => void): void {
  const [top, done] = [a.fresh("loop"), a.fresh("loop_end")];
  a.label(top);
  a.cmp(counter, end);
  a.jumpIf("ge", done);
  body();
  a.add(counter, number(1));
  a.jump(top);
  a.label(done);
}

/** Qᵀ[channel][query] = scale · Q[query][channel]. */
export function packQueries(a: Assembler, label: string): void {
  a.label(label);
  eachSquare(
    a,
    { channels: CALL.channels, tail: CALL.channelTail, rows: LANE.queryRows, columns: LANE.queries },
    () => {
      transpose(
        a,
        (row, to) => {
          a.mov(rax, at(rdx, 8 * row));
          a.vmovups(to, at(rax, 0, rcx), { mask: mask(1), zero: true });
          a.vmulps(to, to, each(at(rdi, CALL.scale)));
        },
        (channel, from) => a.vmovupsStore(at(rbx, ROW * channel), from),
      );
    },
  );
}

/** Oᵀ[column][query] = O[query][column], as an earlier pass has left it. */
export function loadOutputs(a: Assembler, label: string, squares: Squares = OUTPUTS): void {
  a.label(label);
  eachSquare(a, squares, () => {
    transpose(
      a,
      (row, to) => {
        a.mov(rax, at(rdx, 8 * row));
        a.vmovups(to, at(rax, 0, rcx), { mask: mask(1), zero: true });
      },
      (column, from) => a.vmovupsStore(at(rbx, ROW * column), from),
    );
  });
}

/** O[query][column] = factor[query] · Oᵀ[column][query]. */
export function storeOutputs(a: Assembler, label: string, squares: Squares = OUTPUTS): void {
  a.label(label);
  eachSquare(a, squares, () => {
    transpose(
      a,
      (column, to) => {
        a.vmovups(to, at(rbx, ROW * column));
        a.vmulps(to, to, at(r9));
      },
      (row, from) => {
        a.mov(rax, at(rdx, 8 * row));
        a.vmovupsStore(at(rax, 0, rcx), from, { mask: mask(1) });
      },
    );
  });
}

/** Rows in memory and columns in the lane that are turned into one another. */
export interface Squares {
  /** How many columns there are, and the lanes of the last 16: places in the call. */
  readonly channels: number;
  readonly tail: number;
  /** Addresses of rows, and rows of columns: places in the lane. */
  readonly rows: number;
  readonly columns: number;
}

const OUTPUTS: Squares = {
  channels: CALL.valueDim,
  tail: CALL.columnTail,
  rows: LANE.outputRows,
  columns: LANE.outputs,
};

/**
 * Squares of 16 rows by 16 columns of all vectors of the item, and a return. For `body` rdx is where the addresses of
 * the rows are, rcx where the columns are in a row, rbx where they are in the lane, r9 the factors of the rows, and mask
 * 1 which columns there are.
 */
export function eachSquare(a: Assembler, { channels, tail, rows, columns }: Squares, body: () => void): void {
  a.lea(rdx, at(rbp, rows));
  a.lea(rsi, at(rbp, columns));
  a.lea(r9, at(rbp, LANE.factor));
  a.mov(r8, at(rbp, LANE.vectors));
  countDown(a, r8, 1, () => {
    a.mov(rbx, rsi);
    a.xor(rcx, rcx);
    a.mov(r10, at(rdi, channels));
    a.kxnorw(mask(1), mask(1), mask(1));
    const [top, whole] = [a.fresh("square"), a.fresh("whole")];
    a.label(top);
    a.cmp(r10, number(LANES));
    a.jumpIf("g", whole);
    a.kmovwLoad(mask(1), at(rdi, tail));
    a.label(whole);
    body();
    a.add(rbx, number(ROW * LANES));
    a.add(rcx, number(VECTOR));
    a.sub(r10, number(LANES));
    a.jumpIf("g", top);
    a.add(rsi, number(VECTOR));
    a.add(r9, number(VECTOR));
    a.add(rdx, number(8 * LANES));
  });
  a.ret();
}
