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
  rcx,
  rdx,
  zmm,
} from "../assembler/index.ts";
import { FEATURE_ROW, LANES, VECTOR } from "./layout.ts";
import { nextRow, repeat, rowOf, vectorsAt } from "./maps/rows.ts";
import { mergeLanes, TOKENS, tokenMasks } from "./masks.ts";
import { ADDS, BY_FEATURE, call, lane, part, product } from "./words.ts";

/** Terms of a sum that are added one after the other: a longer chain of float32 loses digits. */
export const CHAIN = 64;

const IS_ZERO = mask(6);

/** The state at lane.state takes in a chunk: rows += φ(K)ᵀV, sums += Σ φ(k). Its φ(K) is in the lane. */
export const addChunk = part("add_chunk", (a) => {
  product(a, {
    ...{ a: lane("keys"), ...BY_FEATURE, rows: call("features"), inner: lane("count") },
    ...{ b: lane("v"), bRow: call("valueRow"), columns: call("columns") },
    ...{ c: lane("state"), cRow: call("stateRow"), ...ADDS },
  });
  addSums(a);
});

/** Sums of the chunk's tokens, 16 features at once: lanes of four vectors, then of the sum. */
function addSums(a: Assembler): void {
  a.mov(rcx, lane("count"));
  tokenMasks(a, rcx);
  a.mov(r8, lane("keys"));
  a.mov(r9, lane("state"));
  a.add(r9, call("sums"));
  a.mov(rdx, call("features"));
  const next = a.fresh("sums_of_16");
  a.label(next);
  for (let row = 0; row < LANES; row++) {
    for (const [vector, from] of vectorsAt(r8, row).entries()) {
      if (vector === 0) a.vmovups(zmm(row), from, { mask: TOKENS[0], zero: true });
      else a.vaddps(zmm(row), zmm(row), from, { mask: TOKENS[vector] });
    }
  }
  mergeLanes(a, (to, one, other) => a.vaddps(to, one, other));
  a.vaddps(zmm(0), zmm(0), at(r9));
  a.vmovupsStore(at(r9), zmm(0));
  a.add(r8, number(LANES * FEATURE_ROW));
  a.add(r9, number(VECTOR));
  a.sub(rdx, number(LANES));
  a.jumpIf("g", next);
}

/** The divisors of a chunk's queries: ε + φ(Q)·z, z the sums of the state at lane.read. */
export function openDivisors(a: Assembler): void {
  const [terms, totals, block] = [rowOf(0), rowOf(4), rdx];
  const next = a.fresh("divisor_terms");
  const last = a.fresh("last_terms");
  a.mov(r8, lane("read"));
  a.add(r8, call("sums"));
  a.mov(r9, lane("queries"));
  for (const total of totals) a.vbroadcastss(total, call("epsilon"));
  a.mov(rcx, call("features"));
  a.label(next);
  for (const term of terms) a.vpxord(term, term, term);
  a.movImmediate(block, CHAIN);
  a.cmp(block, rcx);
  a.jumpIf("le", last);
  a.mov(block, rcx);
  a.label(last);
  a.sub(rcx, block);
  repeat(a, block, () => {
    a.vbroadcastss(zmm(8), at(r8));
    for (const [vector, from] of vectorsAt(r9).entries()) a.vfmadd231ps(terms[vector], zmm(8), from);
    a.add(r8, number(4));
    nextRow(a, r9);
  });
  for (const [vector, total] of totals.entries()) a.vaddps(total, total, terms[vector]);
  a.test(rcx, rcx);
  a.jumpIf("ne", next);
  a.mov(r9, lane("divisors"));
  for (const [vector, to] of vectorsAt(r9).entries()) a.vmovupsStore(to, totals[vector]);
}

/** Divides the sums of a chunk's queries, which are in `out`, by their divisors. */
export const divide = part("divide", (a) => {
  const rest = a.fresh("divide_rest");
  const next = a.fresh("divide_vector");
  const done = a.fresh("divided");
  keepRowSums(a);
  a.mov(r9, lane("divisors"));
  for (const place of vectorsAt(r9)) {
    a.vmovups(zmm(0), place);
    invert(a);
    a.vmovupsStore(place, zmm(0));
  }
  a.mov(rdx, lane("count"));
  a.mov(r8, lane("out"));
  tailMask(a);
  repeat(a, rdx, () => {
    a.vbroadcastss(zmm(0), at(r9));
    a.mov(r10, r8);
    a.mov(r11, call("columns"));
    a.sub(r11, number(LANES));
    a.jumpIf("l", rest);
    a.label(next);
    a.vmulps(zmm(1), zmm(0), at(r10));
    a.vmovupsStore(at(r10), zmm(1));
    a.add(r10, number(VECTOR));
    a.sub(r11, number(LANES));
    a.jumpIf("ge", next);
    a.label(rest);
    a.add(r11, number(LANES));
    a.jumpIf("e", done);
    a.vmovups(zmm(1), at(r10), { mask: TOKENS[0], zero: true });
    a.vmulps(zmm(1), zmm(0), zmm(1));
    a.vmovupsStore(at(r10), zmm(1), { mask: TOKENS[0] });
    a.label(done);
    a.add(r8, call("valueRow"));
    a.add(r9, number(4));
  });
});

/** zmm(0) = 1 / zmm(0), and 0 of 0: a query that has no feature in common with any key reads nothing. Uses zmm(1), zmm(2). */
export function invert(a: Assembler): void {
  const [divisor, one, zero] = [zmm(0), zmm(1), zmm(2)];
  a.vbroadcastss(one, a.constant(1));
  a.vpxord(zero, zero, zero);
  a.vcmpps(IS_ZERO, divisor, zero, COMPARE.equalOrdered);
  a.vdivps(divisor, one, divisor);
  a.vmovups(divisor, zero, { mask: IS_ZERO });
}

/** Leaves the divisors of a chunk's queries for a backward pass, if it asks for them. */
function keepRowSums(a: Assembler): void {
  const kept = a.fresh("row_sums_kept");
  a.mov(rcx, call("rowSums"));
  a.test(rcx, rcx);
  a.jumpIf("e", kept);
  a.mov(rcx, lane("count"));
  tokenMasks(a, rcx);
  a.mov(r8, lane("rowSums"));
  a.mov(r9, lane("divisors"));
  for (const [vector, from] of vectorsAt(r9).entries()) {
    a.vmovups(zmm(0), from);
    a.vmovupsStore(at(r8, VECTOR * vector), zmm(0), { mask: TOKENS[vector] });
  }
  a.label(kept);
}

/** The first mask: columns of the last vector, none if all are whole. */
function tailMask(a: Assembler): void {
  a.mov(r11, call("columns"));
  a.and(r11, number(LANES - 1));
  a.lea(rcx, a.words(Array.from({ length: LANES + 1 }, (_, lanes) => 2 ** lanes - 1)));
  a.kmovwLoad(TOKENS[0], at(rcx, 0, r11, 4));
}
