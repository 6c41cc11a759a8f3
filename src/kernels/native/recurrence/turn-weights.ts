import {
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
  rbx,
  rcx,
  rdi,
  rdx,
  rsi,
} from "../assembler/index.ts";
import { transpose } from "../code/transpose.ts";
import { TOKENS, VECTOR } from "./layout.ts";
import { type Site, subroutine, word } from "./site.ts";

const tail = mask(1);

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
