import {
  type Assembler,
  at,
  COMPARE,
  mask,
  number,
  ROUND,
  r8,
  r9,
  r10,
  r11,
  rax,
  rcx,
  rdi,
  rdx,
  rsi,
  zmm,
} from "../../assembler/index.ts";
import { exp2 } from "../../code/exp2.ts";
import { LANES } from "../layout.ts";
import { TOKENS, tokenMasks } from "../masks.ts";
import { everyVector } from "../states.ts";
import { call, lane } from "../words.ts";
import { projectRows } from "./projected.ts";
import { nextRow, repeat, rowOf, vectorsAt } from "./rows.ts";

/**
 * FAVOR+, read as two softmaxes: of keys for each feature, with weights `2^(a_jr - m_r)`, `a_jr = log₂e (w_r·k'_j -
 * |k'_j|²/2)`, and of features for each query, with weights `2^(b_ir + m_r - top_i)`, `b_ir = log₂e w_r·q'_i`, `top_i` the
 * largest of their exponents. Nothing can overflow, and a row's divisor is never far below 1.
 *
 * m is in the state, an integer for each feature. It need not be the largest a, only near: a chunk of keys is cut
 * before one that exceeds it by more than this, which then raises it. So what is done for a row depends on no key after it.
 */
const REACH = 60;

const X = rowOf(0);
const MOST = rowOf(4);
const HALVES = rowOf(8);
const POWERS = [0, 1, 2, 3].map((index) => ({
  x: zmm(index),
  fraction: zmm(12 + index),
  power: zmm(16 + index),
}));
const EXPONENT = zmm(20);
const FIRST = mask(5);

/** The weights of the chunk's keys, whose turned rows are at lane.keyRows; the chunk becomes as short as it must. */
export function keyWeights(a: Assembler): void {
  halfSquares(a);
  projectRows(a, lane("keyRows"), lane("keys"));
  settle(a);
  openExponents(a, "state", "keys");
  loadHalves(a);
  repeat(a, rcx, () => {
    a.vbroadcastss(EXPONENT, at(r8));
    for (const [vector, from] of vectorsAt(r9).entries()) {
      a.vmovups(X[vector], from);
      a.vsubps(X[vector], X[vector], HALVES[vector]);
      a.vsubps(X[vector], X[vector], EXPONENT);
    }
    exp2(a, POWERS);
    for (const [vector, to] of vectorsAt(r9).entries()) a.vmovupsStore(to, X[vector]);
    a.add(r8, number(4));
    nextRow(a, r9);
  });
}

/** The weights of features for the chunk's queries, whose turned rows are at lane.queryRows, with the state at lane.read. */
export function queryWeights(a: Assembler): void {
  projectRows(a, lane("queryRows"), lane("queries"));
  largest(a, "read", "queries", (vector, from) => a.vaddps(X[vector], EXPONENT, from));
  openExponents(a, "read", "queries");
  repeat(a, rcx, () => {
    a.vbroadcastss(EXPONENT, at(r8));
    for (const [vector, from] of vectorsAt(r9).entries()) {
      a.vaddps(X[vector], EXPONENT, from);
      a.vsubps(X[vector], X[vector], MOST[vector]);
    }
    exp2(a, POWERS);
    for (const [vector, to] of vectorsAt(r9).entries()) a.vmovupsStore(to, X[vector]);
    a.add(r8, number(4));
    nextRow(a, r9);
  });
}

/** log₂e |k'|²/2 of each key. */
function halfSquares(a: Assembler): void {
  a.mov(r8, lane("keyRows"));
  a.mov(rcx, call("channels"));
  for (const half of HALVES) a.vpxord(half, half, half);
  repeat(a, rcx, () => {
    for (const [vector, from] of vectorsAt(r8).entries()) {
      a.vmovups(X[vector], from);
      a.vfmadd231ps(HALVES[vector], X[vector], X[vector]);
    }
    nextRow(a, r8);
  });
  a.vbroadcastss(EXPONENT, call("factor"));
  a.mov(r8, lane("halves"));
  for (const [vector, to] of vectorsAt(r8).entries()) {
    a.vmulps(HALVES[vector], HALVES[vector], EXPONENT);
    a.vmovupsStore(to, HALVES[vector]);
  }
}

function loadHalves(a: Assembler): void {
  a.mov(rdx, lane("halves"));
  for (const [vector, from] of vectorsAt(rdx).entries()) a.vmovups(HALVES[vector], from);
}

/** r8: the exponents of a state, r9: features, rcx: how many. */
function openExponents(a: Assembler, state: "state" | "read", features: "keys" | "queries"): void {
  a.mov(r8, lane(state));
  a.add(r8, call("exponents"));
  a.mov(r9, lane(features));
  a.mov(rcx, call("features"));
}

/** For each token the largest of what `exponent` makes of its features and of the state's exponent, NaN left out. */
function largest(
  a: Assembler,
  state: "state" | "read",
  features: "keys" | "queries",
  exponent: (vector: number, from: ReturnType<typeof at>) => void,
): void {
  openExponents(a, state, features);
  for (const most of MOST) a.vbroadcastss(most, a.constant(Number.NEGATIVE_INFINITY));
  repeat(a, rcx, () => {
    a.vbroadcastss(EXPONENT, at(r8));
    for (const [vector, from] of vectorsAt(r9).entries()) {
      exponent(vector, from);
      a.vmaxps(MOST[vector], X[vector], MOST[vector]);
    }
    a.add(r8, number(4));
    nextRow(a, r9);
  });
}

/** Cuts the chunk before the first key that exceeds an exponent too far; if it is the first of all, raises them. */
function settle(a: Assembler): void {
  const again = a.fresh("settle");
  const found = a.fresh("too_far");
  const find = a.fresh("find_first");
  const raise = a.fresh("raise");
  const settled = a.fresh("settled");
  a.label(again);
  largest(a, "state", "keys", (vector, from) => {
    a.vmovups(X[vector], from);
    a.vsubps(X[vector], X[vector], EXPONENT);
  });
  loadHalves(a);
  a.mov(rcx, lane("count"));
  tokenMasks(a, rcx);
  a.vbroadcastss(EXPONENT, a.constant(REACH));
  for (const [vector, most] of MOST.entries()) {
    a.vsubps(most, most, HALVES[vector]);
    a.vcmpps(TOKENS[vector], most, EXPONENT, COMPARE.greaterOrdered, { mask: TOKENS[vector] });
  }
  for (const [vector, tokens] of TOKENS.entries()) {
    a.movImmediate(rcx, LANES * vector);
    a.kmovwToGeneral(rax, tokens);
    a.test(rax, rax);
    a.jumpIf("ne", found);
  }
  a.jump(settled);
  a.label(found);
  a.movImmediate(rdx, 1);
  a.label(find);
  a.test(rax, rdx);
  a.jumpIf("ne", raise);
  a.shr(rax, 1);
  a.add(rcx, number(1));
  a.jump(find);
  a.label(raise);
  const first = a.fresh("raise_first");
  a.test(rcx, rcx);
  a.jumpIf("e", first);
  a.store(lane("count"), rcx);
  a.jump(settled);
  a.label(first);
  raiseExponents(a);
  a.jump(again);
  a.label(settled);
}

/** Raises every exponent to the first key's, and rescales what the state has. */
function raiseExponents(a: Assembler): void {
  const [now, before, factor] = [zmm(0), zmm(1), zmm(2)];
  openExponents(a, "state", "keys");
  a.mov(r10, lane("state"));
  a.mov(r11, r10);
  a.add(r11, call("sums"));
  a.mov(rsi, lane("halves"));
  a.movImmediate(rax, 1);
  a.kmovw(FIRST, rax);
  repeat(a, rcx, () => {
    a.vbroadcastss(now, at(r9));
    a.vbroadcastss(zmm(3), at(rsi));
    a.vsubps(now, now, zmm(3));
    a.vrndscaleps(now, now, ROUND.nearest);
    a.vbroadcastss(before, at(r8));
    a.vmaxps(now, now, before);
    a.vmovupsStore(at(r8), now, { mask: FIRST });
    a.vsubps(before, before, now);
    a.vbroadcastss(factor, a.constant(1));
    a.vscalefps(factor, factor, before);
    a.vmovups(zmm(3), at(r11), { mask: FIRST, zero: true });
    a.vmulps(zmm(3), zmm(3), factor);
    a.vmovupsStore(at(r11), zmm(3), { mask: FIRST });
    everyVector(a, rdi, () => {
      a.vmulps(zmm(3), factor, at(r10, 0, rdi));
      a.vmovupsStore(at(r10, 0, rdi), zmm(3));
    });
    a.add(r8, number(4));
    nextRow(a, r9);
    a.add(r10, call("stateRow"));
    a.add(r11, number(4));
  });
}
