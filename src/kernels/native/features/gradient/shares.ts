import {
  type Assembler,
  at,
  mask,
  number,
  r8,
  r9,
  r10,
  r11,
  r12,
  rax,
  rcx,
  rdi,
  rdx,
  rsi,
  zmm,
} from "../../assembler/index.ts";
import { foldLanes } from "../../code/fold.ts";
import { FEATURE_ROW, LANES, VECTOR } from "../layout.ts";
import { repeat, vectorsAt } from "../maps/rows.ts";
import { firstLanes, TOKENS, tokenMasks } from "../masks.ts";
import { invert } from "../sums.ts";
import { turnValues } from "../turn.ts";
import { call, lane, part } from "../words.ts";

const COLUMNS = mask(5);
const ONE = zmm(1);

/**
 * Of each query of the chunk its share, `dout / Σw`, in rows and turned: the gradient of a pair's weight is `share·v + mean`. A query
 * that has no feature in common with any key has a share of 0.
 */
export const openShares = part("open_shares", (a) => {
  a.mov(rcx, lane("count"));
  tokenMasks(a, rcx);
  invertSums(a);
  writeShares(a, false);
  turnShares(a, "dq");
});

/** The same, and its mean, `-dout·out / Σw`. */
export const openMeans = part("open_means", (a) => {
  a.mov(rcx, lane("count"));
  tokenMasks(a, rcx);
  invertSums(a);
  writeShares(a, true);
  writeMeans(a);
  turnShares(a, "out");
  // Behind the columns, where values have a row of ones.
  a.mov(r8, lane("means"));
  pastColumns(a, "turnedShares");
  for (const [vector, from] of vectorsAt(r8).entries()) {
    a.vmovups(zmm(0), from);
    a.vmovupsStore(vectorsAt(r9)[vector], zmm(0));
  }
});

function turnShares(a: Assembler, beside: "dq" | "out"): void {
  a.mov(rsi, lane("shares"));
  a.mov(rdi, lane("turnedShares"));
  turnValues(a, "states", beside);
}

/** The chunk's values turned, and behind them a row of ones. */
export const openValues = part("open_values", (a) => {
  a.mov(rsi, lane("v"));
  a.mov(rdi, lane("turnedValues"));
  turnValues(a, "values", "dv");
  pastColumns(a, "turnedValues");
  a.vbroadcastss(ONE, a.constant(1));
  for (const to of vectorsAt(r9)) a.vmovupsStore(to, ONE);
});

/** r9: the row behind those of all columns. */
function pastColumns(a: Assembler, of: "turnedShares" | "turnedValues"): void {
  a.mov(r9, call("columns"));
  a.imulImmediate(r9, r9, FEATURE_ROW);
  a.add(r9, lane(of));
}

/** 1 / Σw of the chunk's queries, 0 where that is 0 and behind the last query. */
function invertSums(a: Assembler): void {
  const sums = zmm(0);
  a.mov(r8, lane("rowSums"));
  a.mov(r9, lane("divisors"));
  for (const [vector, tokens] of TOKENS.entries()) {
    a.vmovups(sums, at(r8, VECTOR * vector), { mask: tokens, zero: true });
    invert(a);
    a.vmovupsStore(at(r9, VECTOR * vector), sums);
  }
}

/** Rows of dout by 1 / Σw, as long as those of a state, and if `summed` what lanes of `dout ⊙ out` sum to. */
function writeShares(a: Assembler, summed: boolean): void {
  const [share, sum, x] = [zmm(0), zmm(1), zmm(2)];
  const [dout, out, to, dots, inverse] = [r8, r9, r10, rdi, r11];
  a.mov(rax, call("columns"));
  a.and(rax, number(LANES - 1));
  firstLanes(a, COLUMNS, rax);
  a.mov(dout, lane("dout"));
  if (summed) a.mov(out, lane("out"));
  a.mov(to, lane("shares"));
  a.mov(dots, lane("dots"));
  a.mov(inverse, lane("divisors"));
  a.mov(r12, lane("count"));
  repeat(a, r12, () => {
    const [next, rest, done] = ["share_vector", "share_rest", "share_done"].map((name) => a.fresh(name));
    a.vbroadcastss(share, at(inverse));
    if (summed) a.vpxord(sum, sum, sum);
    a.xor(rsi, rsi);
    a.mov(rdx, call("columns"));
    a.label(next);
    a.sub(rdx, number(LANES));
    a.jumpIf("l", rest);
    a.vmovups(x, at(dout, 0, rsi));
    if (summed) a.vfmadd231ps(sum, x, at(out, 0, rsi));
    a.vmulps(x, x, share);
    a.vmovupsStore(at(to, 0, rsi), x);
    a.add(rsi, number(VECTOR));
    a.jump(next);
    a.label(rest);
    a.add(rdx, number(LANES));
    a.jumpIf("e", done);
    a.vmovups(x, at(dout, 0, rsi), { mask: COLUMNS, zero: true });
    if (summed) a.vfmadd231ps(sum, x, at(out, 0, rsi), { mask: COLUMNS });
    a.vmulps(x, x, share, { mask: COLUMNS, zero: true });
    a.vmovupsStore(at(to, 0, rsi), x);
    a.label(done);
    if (summed) a.vmovupsStore(at(dots), sum);
    a.add(dots, number(VECTOR));
    a.add(dout, call("valueRow"));
    if (summed) a.add(out, call("valueRow"));
    a.add(to, call("stateRow"));
    a.add(inverse, number(4));
  });
}

/** The means of the chunk's queries, 0 behind the last. */
function writeMeans(a: Assembler): void {
  a.mov(r8, lane("dots"));
  a.mov(r9, lane("divisors"));
  a.mov(r10, lane("means"));
  for (const [vector, tokens] of TOKENS.entries()) {
    for (let row = 0; row < LANES; row++) {
      a.vmovups(zmm(row), at(r8, VECTOR * (LANES * vector + row)));
    }
    foldLanes(a);
    a.vpxord(zmm(1), zmm(1), zmm(1));
    a.vsubps(zmm(0), zmm(1), zmm(0));
    a.vmulps(zmm(0), zmm(0), at(r9, VECTOR * vector), { mask: tokens, zero: true });
    a.vmovupsStore(at(r10, VECTOR * vector), zmm(0));
  }
}
