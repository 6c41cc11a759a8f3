import {
  type Assembler,
  at,
  mask,
  number,
  r8,
  r9,
  r10,
  r11,
  rax,
  rcx,
  rdi,
  rdx,
  rsi,
  type Zmm,
  zmm,
} from "../assembler/index.ts";
import { MAP, VECTOR } from "./layout.ts";
import { nextRow, repeat, vectorsAt } from "./maps/rows.ts";
import { addStates, clearState } from "./states.ts";
import { call, lane, part } from "./words.ts";

/** An exponent of a feature that no key has met: far below all, and finite, so that nothing is a difference of infinities. */
const NONE = -1e30;

const FIRST = mask(5);

/** Does one thing where states have exponents, another where they have none. */
export function ifScaled(a: Assembler, scaled: () => void, plain: () => void): void {
  const other = a.fresh("not_scaled");
  const done = a.fresh("either");
  a.mov(rax, call("map"));
  a.cmp(rax, number(MAP.favor));
  a.jumpIf("ne", other);
  scaled();
  a.jump(done);
  a.label(other);
  plain();
  a.label(done);
}

/** The state at r8 becomes one that no key has met. */
export const openState = part("open_state", (a) => {
  clearState(a);
  ifScaled(
    a,
    () => clearExponents(a),
    () => {},
  );
});

/** The state at r10 becomes the sum of those at r8 and r9. */
export const sumStates = part("sum_states", (a) => {
  ifScaled(
    a,
    () => {
      a.xor(rcx, rcx);
      a.mov(r11, call("features"));
      joinFeatures(a);
    },
    () => addStates(a),
  );
});

/** The exponents of the state at r8 become those of features that no key has met. */
export function clearExponents(a: Assembler): void {
  const next = a.fresh("no_exponents");
  a.vbroadcastss(zmm(0), a.constant(NONE));
  a.mov(rcx, call("exponents"));
  a.label(next);
  a.vmovupsStore(at(r8, 0, rcx), zmm(0));
  a.add(rcx, number(VECTOR));
  a.cmp(rcx, call("stateBytes"));
  a.jumpIf("l", next);
}

/**
 * r11 features from rcx on of the state at r10 become the sum of those of the states at r8 and r9, each in its own exponent, in
 * the larger of both. Keeps r8 to r10.
 */
export function joinFeatures(a: Assembler): void {
  const [one, other, larger, x] = [zmm(0), zmm(1), zmm(2), zmm(3)];
  const [row, sums, exponents] = [rdx, rsi, rdi];
  openOffsets(a);
  a.movImmediate(rax, 1);
  a.kmovw(FIRST, rax);
  repeat(a, r11, () => {
    const next = a.fresh("join_vector");
    a.vbroadcastss(one, at(r8, 0, exponents));
    a.vbroadcastss(other, at(r9, 0, exponents));
    a.vmaxps(larger, one, other);
    a.vmovupsStore(at(r10, 0, exponents), larger, { mask: FIRST });
    for (const factor of [one, other]) toPower(a, factor, larger, x);
    a.vmovups(x, at(r8, 0, sums), { mask: FIRST, zero: true });
    a.vmulps(x, x, one);
    a.vmovups(zmm(4), at(r9, 0, sums), { mask: FIRST, zero: true });
    a.vfmadd231ps(x, zmm(4), other);
    a.vmovupsStore(at(r10, 0, sums), x, { mask: FIRST });
    a.mov(rax, row);
    a.add(rax, call("stateRow"));
    a.label(next);
    a.vmulps(x, one, at(r8, 0, row));
    a.vfmadd231ps(x, other, at(r9, 0, row));
    a.vmovupsStore(at(r10, 0, row), x);
    a.add(row, number(VECTOR));
    a.cmp(row, rax);
    a.jumpIf("l", next);
    a.add(sums, number(4));
    a.add(exponents, number(4));
  });
}

/** Copies 16 features at most, r11 from rcx on, of the state at r8 to the one at r9. */
export function copyFeatures(a: Assembler): void {
  const next = a.fresh("copy_vector");
  openOffsets(a);
  for (const offset of [rsi, rdi]) {
    a.vmovups(zmm(0), at(r8, 0, offset));
    a.vmovupsStore(at(r9, 0, offset), zmm(0));
  }
  a.mov(rax, call("stateRow"));
  a.imul(rax, r11);
  a.add(rax, rdx);
  a.label(next);
  a.vmovups(zmm(0), at(r8, 0, rdx));
  a.vmovupsStore(at(r9, 0, rdx), zmm(0));
  a.add(rdx, number(VECTOR));
  a.cmp(rdx, rax);
  a.jumpIf("l", next);
}

/** Brings the chunk's keys, whose weights are less the exponents of the lane's state, to those of the lane's total, none smaller. */
export function matchExponents(a: Assembler): void {
  const [factor, total, x] = [zmm(0), zmm(1), zmm(2)];
  a.mov(r8, lane("state"));
  a.mov(r9, lane("total"));
  for (const state of [r8, r9]) a.add(state, call("exponents"));
  a.mov(r10, lane("keys"));
  a.mov(rcx, call("features"));
  repeat(a, rcx, () => {
    a.vbroadcastss(factor, at(r8));
    a.vbroadcastss(total, at(r9));
    toPower(a, factor, total, x);
    for (const place of vectorsAt(r10)) {
      a.vmulps(x, factor, place);
      a.vmovupsStore(place, x);
    }
    a.add(r8, number(4));
    a.add(r9, number(4));
    nextRow(a, r10);
  });
}

/** exponent = 2^(exponent - larger), both integers. */
function toPower(a: Assembler, exponent: Zmm, larger: Zmm, one: Zmm): void {
  a.vsubps(exponent, exponent, larger);
  a.vbroadcastss(one, a.constant(1));
  a.vscalefps(exponent, one, exponent);
}

/** Of feature rcx: rdx where its row is in a state, rsi its sum, rdi its exponent. */
function openOffsets(a: Assembler): void {
  a.mov(rdx, call("stateRow"));
  a.imul(rdx, rcx);
  a.mov(rsi, call("sums"));
  a.lea(rsi, at(rsi, 0, rcx, 4));
  a.mov(rdi, call("exponents"));
  a.lea(rdi, at(rdi, 0, rcx, 4));
}
