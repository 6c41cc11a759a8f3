import { type Assembler, COMPARE, mask, r8, r9, r10, r11, rcx, zmm } from "../../../assembler/index.ts";
import { FEATURE_ROW, VECTORS } from "../../layout.ts";
import { loadAngles } from "../../maps/angles.ts";
import { nextRow, repeat, rowOf, vectorsAt } from "../../maps/rows.ts";
import { call } from "../../words.ts";

const POSITIVE = Array.from({ length: VECTORS }, (_, vector) => mask(vector + 1));
const X = rowOf(0);
const COSINES = rowOf(4);
const SINES = rowOf(8);
const ZERO = zmm(20);

/** Both features of a channel are its rectified number, by the cosine and the sine of the token's angle. */
export function reweightedBack(a: Assembler): void {
  a.vpxord(ZERO, ZERO, ZERO);
  loadAngles(a, COSINES, SINES);
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
