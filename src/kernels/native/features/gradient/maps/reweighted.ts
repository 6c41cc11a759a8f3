import {
  type Assembler,
  at,
  COMPARE,
  mask,
  r8,
  r9,
  r10,
  r11,
  rcx,
  rdx,
  zmm,
} from "../../../assembler/index.ts";
import { FEATURE_ROW, VECTOR, VECTORS } from "../../layout.ts";
import { nextRow, repeat, rowOf, vectorsAt } from "../../maps/rows.ts";
import { call, lane } from "../../words.ts";

const POSITIVE = Array.from({ length: VECTORS }, (_, vector) => mask(vector + 1));
const X = rowOf(0);
const COSINES = rowOf(4);
const SINES = rowOf(8);
const ZERO = zmm(20);

/** Both features of a channel are its rectified number, by the cosine and the sine of the token's angle. */
export function reweightedBack(a: Assembler): void {
  a.vpxord(ZERO, ZERO, ZERO);
  for (const [name, to] of [
    ["cosines", COSINES],
    ["sines", SINES],
  ] as const) {
    a.mov(rdx, call(name));
    a.mov(rcx, lane("first"));
    a.lea(rdx, at(rdx, 0, rcx, 4));
    for (const [vector, register] of to.entries()) a.vmovups(register, at(rdx, VECTOR * vector));
  }
  a.mov(rcx, call("channels"));
  a.imulImmediate(r9, rcx, FEATURE_ROW);
  a.add(r9, r8);
  repeat(a, rcx, () => {
    const [cosines, sines] = [vectorsAt(r8), vectorsAt(r9)];
    for (const [vector, from] of vectorsAt(r10).entries()) {
      a.vmovups(X[vector], from);
      a.vcmpps(POSITIVE[vector], ZERO, X[vector], COMPARE.lessOrdered);
      a.vmulps(X[vector], COSINES[vector], cosines[vector]);
      a.vfmadd231ps(X[vector], SINES[vector], sines[vector]);
      a.vmovups(X[vector], X[vector], { mask: POSITIVE[vector], zero: true });
    }
    for (const [vector, to] of vectorsAt(r11).entries()) a.vmovupsStore(to, X[vector]);
    nextRow(a, r8, r9, r10, r11);
  });
}
