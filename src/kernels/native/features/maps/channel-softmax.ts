import { type Assembler, type at, r8, r9, r10, rcx, rdx, type Zmm } from "../../assembler/index.ts";
import { call } from "../words.ts";
import { exponential, FOUR } from "./exponential.ts";
import { nextRow, repeat, rowOf, vectorsAt } from "./rows.ts";

const X = rowOf(0);
const MOST = rowOf(16);
const LEAST = rowOf(20);
const TOTALS = rowOf(24);

/** softmax over the channels of each token, then over those of its negatives: Hedgehog. */
export function channelSoftmax(a: Assembler): void {
  a.mov(rdx, r8);
  for (const [vector, x] of vectorsAt(r8).entries()) {
    a.vmovups(MOST[vector], x);
    a.vmovups(LEAST[vector], x);
  }
  a.mov(rcx, call("channels"));
  // NaN makes the sum NaN, whether it is left out here or not.
  repeat(a, rcx, () => {
    for (const [vector, x] of vectorsAt(rdx).entries()) {
      a.vmaxps(MOST[vector], MOST[vector], x);
      a.vminps(LEAST[vector], LEAST[vector], x);
    }
    nextRow(a, rdx);
  });
  half(a, (x, vector, from) => {
    a.vmovups(x, from);
    a.vsubps(x, x, MOST[vector]);
  });
  half(a, (x, vector, from) => a.vsubps(x, LEAST[vector], from));
}

/** One softmax, of rows at r8, and goes on to where the next one's features belong. */
function half(a: Assembler, less: (x: Zmm, vector: number, from: ReturnType<typeof at>) => void): void {
  a.mov(rdx, r8);
  a.mov(r10, r9);
  for (const total of TOTALS) a.vpxord(total, total, total);
  a.mov(rcx, call("channels"));
  repeat(a, rcx, () => {
    for (const [vector, from] of vectorsAt(rdx).entries()) less(X[vector], vector, from);
    exponential(a, FOUR);
    for (const [vector, to] of vectorsAt(r10).entries()) {
      const { power } = FOUR[vector];
      a.vaddps(TOTALS[vector], TOTALS[vector], power);
      a.vmovupsStore(to, power);
    }
    nextRow(a, rdx, r10);
  });
  for (const [vector, total] of TOTALS.entries()) {
    a.vbroadcastss(X[vector], a.constant(1));
    a.vdivps(total, X[vector], total);
  }
  a.mov(rcx, call("channels"));
  repeat(a, rcx, () => {
    for (const [vector, place] of vectorsAt(r9).entries()) {
      a.vmulps(X[vector], TOTALS[vector], place);
      a.vmovupsStore(place, X[vector]);
    }
    nextRow(a, r9);
  });
}
