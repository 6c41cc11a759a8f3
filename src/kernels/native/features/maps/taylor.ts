import { type Assembler, at, each, number, r8, r9, rax, rcx, rdx, zmm } from "../../assembler/index.ts";
import { call } from "../words.ts";
import { nextRow, repeat, rowOf, vectorsAt } from "./rows.ts";

const X = rowOf(0);
const ROW = rowOf(4);
const ONE = zmm(20);

/**
 * 1, x', and the upper triangle of x'x'ᵀ/√2, whose numbers off the diagonal, which are there twice, have √2 for 1/√2. No
 * product of features sees the difference. rcx rows of x' are at r8.
 */
export function taylor(a: Assembler): void {
  a.vbroadcastss(ONE, a.constant(1));
  for (const to of vectorsAt(r9)) a.vmovupsStore(to, ONE);
  nextRow(a, r9);
  a.mov(rdx, r8);
  a.mov(rax, rcx);
  repeat(a, rax, () => {
    for (const [vector, from] of vectorsAt(rdx).entries()) a.vmovups(X[vector], from);
    for (const [vector, to] of vectorsAt(r9).entries()) a.vmovupsStore(to, X[vector]);
    nextRow(a, rdx, r9);
  });
  repeat(a, rcx, () => {
    const next = a.fresh("taylor_row");
    for (const [vector, from] of vectorsAt(r8).entries()) a.vmovups(ROW[vector], from);
    for (const [vector, to] of vectorsAt(r9).entries()) {
      a.vmulps(X[vector], ROW[vector], each(a.constant(Math.SQRT1_2)));
      a.vmulps(X[vector], X[vector], ROW[vector]);
      a.vmovupsStore(to, X[vector]);
    }
    nextRow(a, r8, r9);
    a.mov(rdx, r8);
    a.lea(rax, at(rcx));
    a.sub(rax, number(1));
    a.jumpIf("le", next);
    repeat(a, rax, () => {
      for (const [vector, from] of vectorsAt(rdx).entries()) a.vmulps(X[vector], ROW[vector], from);
      for (const [vector, to] of vectorsAt(r9).entries()) a.vmovupsStore(to, X[vector]);
      nextRow(a, rdx, r9);
    });
    a.label(next);
  });
}

/** Multiplies as many rows at r8 as there are channels by the factor of the call. */
export function scaleRows(a: Assembler): void {
  a.vbroadcastss(ONE, call("factor"));
  a.mov(rdx, r8);
  a.mov(rcx, call("channels"));
  repeat(a, rcx, () => {
    for (const [vector, place] of vectorsAt(rdx).entries()) {
      a.vmulps(X[vector], ONE, place);
      a.vmovupsStore(place, X[vector]);
    }
    nextRow(a, rdx);
  });
}
