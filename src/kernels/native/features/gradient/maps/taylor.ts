import {
  type Assembler,
  at,
  each,
  number,
  r8,
  r9,
  r10,
  r11,
  rax,
  rcx,
  rdx,
  zmm,
} from "../../../assembler/index.ts";
import { FEATURE_ROW } from "../../layout.ts";
import { nextRow, repeat, rowOf, vectorsAt } from "../../maps/rows.ts";
import { call } from "../../words.ts";

const OWN = rowOf(0);
const ROW = rowOf(4);
const SLOPES = rowOf(8);
const X = rowOf(12);
const FACTOR = zmm(20);

/**
 * Of 1, x', and the products of the upper triangle of x'x'ᵀ, √½ on the diagonal and 1 off it: a product adds to the gradients of both
 * of its channels. Rows x' are at r10, and x' is x times the call's factor.
 */
export function taylorBack(a: Assembler): void {
  a.vbroadcastss(FACTOR, call("factor"));
  nextRow(a, r8);
  a.mov(rdx, r11);
  a.mov(rcx, call("channels"));
  repeat(a, rcx, () => {
    for (const [vector, from] of vectorsAt(r8).entries()) a.vmovups(X[vector], from);
    for (const [vector, to] of vectorsAt(rdx).entries()) a.vmovupsStore(to, X[vector]);
    nextRow(a, r8, rdx);
  });
  a.mov(rcx, call("channels"));
  // Gradients of products are at r8; r10 and r11 are at one channel, rdx and r9 at those after it.
  repeat(a, rcx, () => {
    const done = a.fresh("taylor_back_row");
    for (const [vector, from] of vectorsAt(r10).entries()) a.vmovups(ROW[vector], from);
    for (const [vector, from] of vectorsAt(r11).entries()) a.vmovups(OWN[vector], from);
    for (const [vector, from] of vectorsAt(r8).entries()) {
      a.vmulps(X[vector], ROW[vector], each(a.constant(Math.SQRT2)));
      a.vfmadd231ps(OWN[vector], X[vector], from);
    }
    nextRow(a, r8);
    a.lea(rdx, at(r10, FEATURE_ROW));
    a.lea(r9, at(r11, FEATURE_ROW));
    a.mov(rax, rcx);
    a.sub(rax, number(1));
    a.jumpIf("le", done);
    repeat(a, rax, () => {
      const [rows, sums] = [vectorsAt(rdx), vectorsAt(r9)];
      for (const [vector, from] of vectorsAt(r8).entries()) {
        a.vmovups(SLOPES[vector], from);
        a.vfmadd231ps(OWN[vector], SLOPES[vector], rows[vector]);
        a.vmovups(X[vector], sums[vector]);
        a.vfmadd231ps(X[vector], SLOPES[vector], ROW[vector]);
        a.vmovupsStore(sums[vector], X[vector]);
      }
      nextRow(a, r8, rdx, r9);
    });
    a.label(done);
    for (const [vector, to] of vectorsAt(r11).entries()) {
      a.vmulps(OWN[vector], OWN[vector], FACTOR);
      a.vmovupsStore(to, OWN[vector]);
    }
    nextRow(a, r10, r11);
  });
}
