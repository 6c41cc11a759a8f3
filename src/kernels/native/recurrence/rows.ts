import {
  at,
  each,
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
  rbx,
  rcx,
  rdi,
  rdx,
  rsi,
  zmm,
} from "../assembler/index.ts";
import { countDown } from "../code/frame.ts";
import { transpose } from "../code/transpose.ts";
import { TOKENS, VECTOR } from "./layout.ts";
import { placed, type Site, subroutine, word } from "./site.ts";

const tail = mask(1);

/** Subroutines that bring rows of tokens into the lane, and over their diagonal. */
export function writeRows({ a, places }: Site): void {
  /**
   * Rows of rdx bytes at rsi times zmm1, to the rows at rdi: as many as the chunk has tokens. Behind them, and behind
   * the last number of each, comes 0. rcx bytes are whole vectors, and the lanes of k1 one more.
   */
  subroutine(a, "copy_rows", () => {
    const [row, isOver, next] = [a.fresh("row"), a.fresh("rows_over"), a.fresh("next_row")];
    a.mov(r8, word("count"));
    a.movImmediate(r9, TOKENS);
    a.label(row);
    a.xor(rax, rax);
    a.test(r8, r8);
    a.jumpIf("e", isOver);
    a.sub(r8, number(1));
    eachWhole(a, () => {
      a.vmulps(zmm(0), zmm(1), at(rsi, 0, rax));
      a.vmovupsStore(at(rdi, 0, rax), zmm(0));
    });
    a.vmovups(zmm(0), at(rsi, 0, rax), { mask: tail, zero: true });
    a.vmulps(zmm(0), zmm(0), zmm(1));
    a.vmovupsStore(at(rdi, 0, rax), zmm(0));
    a.add(rsi, rdx);
    a.jump(next);
    a.label(isOver);
    a.vpxord(zmm(0), zmm(0), zmm(0));
    eachWhole(a, () => a.vmovupsStore(at(rdi, 0, rax), zmm(0)));
    a.vmovupsStore(at(rdi, 0, rax), zmm(0));
    a.label(next);
    a.add(rdi, number(places.row));
    a.sub(r9, number(1));
    a.jumpIf("g", row);
  });

  /** All rows at rdi, rcx vectors of each, times a number of the 16 at rsi. */
  subroutine(a, "scale_rows", () => {
    a.movImmediate(r9, TOKENS);
    countDown(a, r9, 1, () => {
      a.vbroadcastss(zmm(1), at(rsi));
      a.mov(r10, rcx);
      a.mov(r8, rdi);
      countDown(a, r10, 1, () => {
        a.vmulps(zmm(0), zmm(1), at(r8));
        a.vmovupsStore(at(r8), zmm(0));
        a.add(r8, number(VECTOR));
      });
      a.add(rdi, number(places.row));
      a.add(rsi, number(4));
    });
  });

  /** Rows of keys, turned, as they are. */
  subroutine(a, "turn_keys", () => {
    a.lea(rsi, placed(places.rows.keys));
    a.lea(rdi, placed(places.turned));
    a.mov(rcx, word("keyVectors"));
    countDown(a, rcx, 1, () => {
      transpose(
        a,
        (row, to) => a.vmovups(to, at(rsi, row * places.row)),
        (column, from) => a.vmovupsStore(at(rdi, column * VECTOR), from),
      );
      a.add(rsi, number(VECTOR));
      a.add(rdi, number(TOKENS * VECTOR));
    });
  });

  /** Turned keys times the rows of writes. */
  subroutine(a, "multiply_writes", () => {
    a.lea(rsi, placed(places.rows.writes));
    a.lea(rdi, placed(places.turned));
    a.mov(rcx, word("keyVectors"));
    countDown(a, rcx, 1, () => {
      transpose(
        a,
        (row, to) => a.vmovups(to, at(rsi, row * places.row)),
        (column, from) => {
          a.vmulps(from, from, at(rdi, column * VECTOR));
          a.vmovupsStore(at(rdi, column * VECTOR), from);
        },
      );
      a.add(rsi, number(VECTOR));
      a.add(rdi, number(TOKENS * VECTOR));
    });
  });

  /** Turned keys times a number of each token, which are in zmm1. */
  subroutine(a, "scale_turned", () => {
    a.lea(rdi, placed(places.turned));
    a.mov(rcx, word("keyVectors"));
    countDown(a, rcx, 1, () => {
      for (let channel = 0; channel < TOKENS; channel++) {
        a.vmulps(zmm(2), zmm(1), at(rdi, channel * VECTOR));
        a.vmovupsStore(at(rdi, channel * VECTOR), zmm(2));
      }
      a.add(rdi, number(TOKENS * VECTOR));
    });
  });

  /** The sum of turned keys times the vector of channels at rsi, of each token, in zmm0. */
  subroutine(a, "project_keys", () => {
    clearSums(a);
    a.lea(rdi, placed(places.turned));
    a.mov(rcx, word("keyVectors"));
    countDown(a, rcx, 1, () => {
      for (let channel = 0; channel < TOKENS; channel++) {
        a.vmovups(zmm(4), at(rdi, channel * VECTOR));
        a.vfmadd231ps(zmm(channel % 4), zmm(4), each(at(rsi, 4 * channel)));
      }
      a.add(rsi, number(VECTOR));
      a.add(rdi, number(TOKENS * VECTOR));
    });
    joinSums(a);
  });

  /** The sum of squares of turned keys, of each token, in zmm0. */
  subroutine(a, "square_keys", () => {
    clearSums(a);
    a.lea(rdi, placed(places.turned));
    a.mov(rcx, word("keyVectors"));
    countDown(a, rcx, 1, () => {
      for (let channel = 0; channel < TOKENS; channel++) {
        a.vmovups(zmm(4), at(rdi, channel * VECTOR));
        a.vfmadd231ps(zmm(channel % 4), zmm(4), zmm(4));
      }
      a.add(rdi, number(TOKENS * VECTOR));
    });
    joinSums(a);
  });

  /** The same of the rows of queries. */
  subroutine(a, "square_queries", () => {
    a.lea(rsi, placed(places.rows.queries));
    a.lea(rdi, placed(places.squares.parts));
    a.movImmediate(r9, TOKENS);
    countDown(a, r9, 1, () => {
      a.vpxord(zmm(0), zmm(0), zmm(0));
      a.mov(r8, rsi);
      a.mov(rcx, word("keyVectors"));
      countDown(a, rcx, 1, () => {
        a.vmovups(zmm(1), at(r8));
        a.vfmadd231ps(zmm(0), zmm(1), zmm(1));
        a.add(r8, number(VECTOR));
      });
      a.vmovupsStore(at(rdi), zmm(0));
      a.add(rdi, number(VECTOR));
      a.add(rsi, number(places.row));
    });
    a.lea(rdi, placed(places.squares.parts));
    transpose(
      a,
      (row, to) => a.vmovups(to, at(rdi, row * VECTOR)),
      (column, from) => a.vmovupsStore(at(rdi, column * VECTOR), from),
    );
    clearSums(a);
    for (let part = 0; part < TOKENS; part++) {
      a.vaddps(zmm(part % 4), zmm(part % 4), at(rdi, part * VECTOR));
    }
    joinSums(a);
  });
}

/**
 * A subroutine that turns the weights of a gate, d rows of d floats at rsi, rdx bytes apart, to rdi, whose rows are
 * whole vectors: `[in, out]`. Blocks of 16 × 16; rows and columns beyond d are 0.
 */
export function writeTurnWeights({ a }: Site): void {
  /** Columns 0, 4, 8 and 12 of a block, and bytes to the next. */
  const columns = [r12, r13, r14, r15];
  const rowBytes = rbx;
  subroutine(a, "turn_weights", () => {
    const [rows, block, isNotLast] = [a.fresh("rows"), a.fresh("block"), a.fresh("not_last")];
    a.mov(rowBytes, word("keyVectors"));
    a.shl(rowBytes, 6);
    a.mov(r10, word("d"));
    a.label(rows);
    // A row of blocks: rsi is its first row, rdi its first column.
    a.push(rsi);
    a.push(rdi);
    a.mov(rcx, word("keyVectors"));
    a.label(block);
    a.movImmediate(r9, 0xffff);
    a.cmp(rcx, number(1));
    a.jumpIf("ne", isNotLast);
    a.mov(r9, word("keyTail"));
    a.label(isNotLast);
    a.xor(r11, r11);
    a.mov(r8, rsi);
    a.mov(columns[0], rdi);
    for (let part = 1; part < 4; part++) a.lea(columns[part], at(columns[part - 1], 0, rowBytes, 4));
    transpose(
      a,
      (row, to) => {
        a.mov(rax, r9);
        a.cmp(r10, number(row));
        a.cmov("le", rax, r11);
        a.kmovw(tail, rax);
        a.vmovups(to, at(r8), { mask: tail, zero: true });
        a.add(r8, rdx);
      },
      (column, from) => {
        a.vmovupsStore(at(columns[column >> 2]), from);
        a.add(columns[column >> 2], rowBytes);
      },
    );
    a.add(rsi, number(VECTOR));
    a.mov(r8, rowBytes);
    a.shl(r8, 4);
    a.add(rdi, r8);
    a.sub(rcx, number(1));
    a.jumpIf("g", block);
    a.pop(rdi);
    a.pop(rsi);
    a.add(rdi, number(VECTOR));
    a.mov(r8, rdx);
    a.shl(r8, 4);
    a.add(rsi, r8);
    a.sub(r10, number(TOKENS));
    a.jumpIf("g", rows);
  });
}

function eachWhole(a: Site["a"], body: () => void): void {
  const [again, over] = [a.fresh("whole"), a.fresh("wholes_over")];
  a.label(again);
  a.cmp(rax, rcx);
  a.jumpIf("ge", over);
  body();
  a.add(rax, number(VECTOR));
  a.jump(again);
  a.label(over);
}

function clearSums(a: Site["a"]): void {
  for (let sum = 0; sum < 4; sum++) a.vpxord(zmm(sum), zmm(sum), zmm(sum));
}

function joinSums(a: Site["a"]): void {
  a.vaddps(zmm(0), zmm(0), zmm(1));
  a.vaddps(zmm(2), zmm(2), zmm(3));
  a.vaddps(zmm(0), zmm(0), zmm(2));
}
