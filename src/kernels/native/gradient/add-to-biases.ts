import {
  type Assembler,
  at,
  mask,
  number,
  r8,
  r9,
  r10,
  rax,
  rbp,
  rbx,
  rcx,
  rdx,
  rsi,
  zmm,
} from "../assembler/index.ts";
import { countDown } from "../code/frame.ts";
import { LANES } from "../code/transpose.ts";
import { BIASED } from "../pairwise/biases.ts";
import { ITEM, LANE, ROW, VECTOR } from "../pairwise/layout.ts";
import { loopUntil } from "../pairwise/rows.ts";
import { BACKWARD_LANE } from "./layout.ts";

/** Where sums of biases are, and how many keys of the block are left. */
const [sums, left] = [rsi, r9];
/** Lanes of the last vector that are rows: what lies beyond may be NaN, and belongs to no pair. */
const ROWS_OF_LAST = mask(1);

/**
 * Adds the gradients of a block's scores to the sums of the biases that they read, if its item has any: side by side where biases
 * are, and else by the subroutine `byPlace`. Uses all but rbp and rdi.
 */
export function addToBiases(a: Assembler, vectors: number, byPlace: string): void {
  const [apart, done] = [a.fresh("sums_by_place"), a.fresh("biases_added")];
  a.mov(rbx, at(rbp, LANE.item));
  a.mov(sums, at(rbx, ITEM.biasSums));
  a.test(sums, sums);
  a.jumpIf("e", done);
  a.mov(rax, at(rbp, LANE.biased));
  a.cmp(rax, number(BIASED.inOrder));
  a.jumpIf("ne", apart);
  a.mov(rax, at(rbp, LANE.list));
  a.test(rax, rax);
  a.jumpIf("ne", apart);
  addDiagonals(a, vectors);
  a.jump(done);
  a.label(apart);
  a.call(byPlace);
  a.label(done);
}

/**
 * Sums of diagonals: what key j and query i add to is one entry before what key j - 1 and query i add to. Up to 16 keys go through
 * registers that are moved on by a lane from key to key, with one more behind them for what has left the last.
 */
function addDiagonals(a: Assembler, vectors: number): void {
  const [group, key, summed] = ["diagonal_keys", "diagonal_key", "diagonals_summed"].map((name) =>
    a.fresh(name),
  );
  const window = Array.from({ length: vectors + 1 }, (_, place) => zmm(place));
  const zero = zmm(vectors + 1);
  const [slopes, count] = [r8, r10];
  a.note(`gradients of scores of ${LANES * vectors} queries, by distance`);
  a.movsxd(rax, at(rbp, LANE.rowPlaces));
  a.sub(rax, at(rbp, LANE.first));
  a.lea(sums, at(sums, 0, rax, 4));
  a.kmovwLoad(ROWS_OF_LAST, at(rbx, ITEM.rowTail));
  a.lea(slopes, at(rbp, BACKWARD_LANE.slopes));
  a.mov(left, at(rbp, LANE.blockEnd));
  a.shr(left, 3);
  a.vpxord(zero, zero, zero);
  a.label(group);
  a.movImmediate(count, LANES);
  a.cmp(count, left);
  a.cmov("g", count, left);
  a.sub(left, count);
  for (const place of window) a.vmovups(place, zero);
  a.label(key);
  for (let vector = 0; vector < vectors; vector++) {
    const masking = vector === vectors - 1 ? { mask: ROWS_OF_LAST } : undefined;
    a.vaddps(window[vector], window[vector], at(slopes, VECTOR * vector), masking);
  }
  a.add(slopes, number(ROW));
  a.sub(count, number(1));
  a.jumpIf("e", summed);
  for (let place = vectors; place >= 0; place--) {
    a.valignd(window[place], window[place], place === 0 ? zero : window[place - 1], LANES - 1);
  }
  a.sub(sums, number(4));
  a.jump(key);
  a.label(summed);
  for (const [place, sum] of window.entries()) {
    a.vaddps(sum, sum, at(sums, VECTOR * place));
    a.vmovupsStore(at(sums, VECTOR * place), sum);
  }
  a.sub(sums, number(4));
  a.test(left, left);
  a.jumpIf("ne", group);
}

/** A subroutine: the same pair by pair, by the places of rows and keys. Several pairs may add to the same sum. */
export function addByPlace(a: Assembler, label: string): void {
  const [key, slopes, ofKey, row] = [rcx, r8, r10, rdx];
  const sum = zmm(0);
  a.label(label);
  a.lea(slopes, at(rbp, BACKWARD_LANE.slopes));
  a.mov(left, at(rbp, LANE.blockEnd));
  a.shr(left, 3);
  a.xor(key, key);
  countDown(a, left, 1, () => {
    a.movsxd(rax, at(rbp, LANE.keyPlaces, key, 4));
    a.shl(rax, 2);
    a.mov(ofKey, sums);
    a.sub(ofKey, rax);
    a.xor(row, row);
    loopUntil(a, row, at(rbx, ITEM.rows), () => {
      a.movsxd(rax, at(rbp, LANE.rowPlaces, row, 4));
      a.vmovss(sum, at(ofKey, 0, rax, 4));
      a.vaddss(sum, sum, at(slopes, 0, row, 4));
      a.vmovssStore(at(ofKey, 0, rax, 4), sum);
    });
    a.add(slopes, number(ROW));
    a.add(key, number(1));
  });
  a.ret();
}
