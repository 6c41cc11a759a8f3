import {
  type Assembler,
  at,
  COMPARE,
  mask,
  number,
  r8,
  r10,
  r11,
  rax,
  rbx,
  rcx,
  rdi,
  rdx,
  rsi,
  zmm,
} from "../../../assembler/index.ts";
import { FEATURE_ROW, VECTORS } from "../../layout.ts";
import { nextRow, repeat, rowOf, vectorsAt } from "../../maps/rows.ts";
import { call } from "../../words.ts";

const POSITIVE = Array.from({ length: VECTORS }, (_, vector) => mask(vector + 1));
const SLOPES = rowOf(0);
const X = rowOf(4);
const SUMS = rowOf(8);
const ZERO = zmm(20);

/**
 * A product `r_c r_o` adds to the gradients of both. Rows r at r10 are rectified channels, then their rectified negatives; of
 * each pair one at most is above 0, and the channel's gradient is that of the one. All are summed where the result will be.
 */
export function rolledBack(a: Assembler): void {
  const [sums, end] = [r11, rdi];
  a.vpxord(ZERO, ZERO, ZERO);
  a.mov(rcx, call("channels"));
  // Bytes of one half of r.
  a.imulImmediate(rsi, rcx, FEATURE_ROW);
  a.lea(end, at(r10, 0, rsi, 2));
  a.mov(rdx, sums);
  a.add(rcx, rcx);
  repeat(a, rcx, () => {
    for (const to of vectorsAt(rdx)) a.vmovupsStore(to, ZERO);
    nextRow(a, rdx);
  });
  // rbx is where the rolled r begins, one row further back for each roll.
  a.mov(rbx, r10);
  a.mov(rax, call("rolls"));
  repeat(a, rax, () => {
    const inside = a.fresh("back_roll_inside");
    a.cmp(rbx, r10);
    a.jumpIf("ne", inside);
    a.mov(rbx, end);
    a.label(inside);
    a.sub(rbx, number(FEATURE_ROW));
    a.push(rbx);
    a.push(rax);
    a.mov(rdx, r10);
    a.mov(rcx, call("channels"));
    a.add(rcx, rcx);
    repeat(a, rcx, () => {
      const within = a.fresh("back_roll_within");
      // Sums lie as far behind their rows as the first behind the first.
      a.mov(rax, sums);
      a.sub(rax, r10);
      for (const [vector, from] of vectorsAt(r8).entries()) a.vmovups(SLOPES[vector], from);
      addTo(a, rdx, rbx);
      addTo(a, rbx, rdx);
      nextRow(a, r8, rdx, rbx);
      a.cmp(rbx, end);
      a.jumpIf("ne", within);
      a.mov(rbx, r10);
      a.label(within);
    });
    a.pop(rax);
    a.pop(rbx);
  });
  a.lea(rdx, at(r10, 0, rsi, 1));
  a.lea(rax, at(sums, 0, rsi, 1));
  a.mov(rcx, call("channels"));
  repeat(a, rcx, () => {
    const [plain, negative] = [vectorsAt(r11), vectorsAt(rax)];
    for (const [vector, from] of vectorsAt(r10).entries()) {
      a.vmovups(X[vector], from);
      a.vcmpps(POSITIVE[vector], ZERO, X[vector], COMPARE.lessOrdered);
      a.vmovups(SUMS[vector], plain[vector], { mask: POSITIVE[vector], zero: true });
    }
    for (const [vector, from] of vectorsAt(rdx).entries()) {
      a.vmovups(X[vector], from);
      a.vcmpps(POSITIVE[vector], ZERO, X[vector], COMPARE.lessOrdered);
      a.vmovups(X[vector], negative[vector]);
      a.vsubps(SUMS[vector], SUMS[vector], X[vector], { mask: POSITIVE[vector] });
    }
    for (const [vector, to] of vectorsAt(r11).entries()) a.vmovupsStore(to, SUMS[vector]);
    nextRow(a, r10, r11, rdx, rax);
  });
}

/** The sums of one row, rax bytes behind it, += gradients by the other row. */
function addTo(a: Assembler, row: typeof rdx | typeof rbx, by: typeof rdx | typeof rbx): void {
  const factors = vectorsAt(by);
  a.add(rax, row);
  for (const [vector, place] of vectorsAt(rax).entries()) {
    a.vmovups(SUMS[vector], place);
    a.vfmadd231ps(SUMS[vector], SLOPES[vector], factors[vector]);
    a.vmovupsStore(place, SUMS[vector]);
  }
  a.sub(rax, row);
}
