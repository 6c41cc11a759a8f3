import { at, mask, number, r8, r9, r10, rax, rcx, rdi, rdx, rsi, zmm } from "../assembler/index.ts";
import { countDown } from "../code/frame.ts";
import { transpose } from "../code/transpose.ts";
import { TOKENS, VECTOR } from "./layout.ts";
import { placed, type Site, subroutine, word } from "./site.ts";
import { clearSums, joinSums } from "./sums.ts";

const tail = mask(1);

/** Subroutines that bring rows of tokens into the lane, and multiply them. */
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

  /** The sum of squares of each row of queries, in zmm0. */
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
