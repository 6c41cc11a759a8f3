import { type Assembler, r8, r9, r10, type r11, rcx, type Zmm, zmm } from "../../assembler/index.ts";
import { FEATURE_ROW } from "../layout.ts";
import { call } from "../words.ts";
import { loadAngles } from "./angles.ts";
import { nextRow, repeat, rowOf, vectorsAt } from "./rows.ts";

const ZERO = zmm(20);
const X = rowOf(0);
const COSINES = rowOf(4);
const SINES = rowOf(8);

/** relu(x) times the cosine of each token's angle, then times its sine: cosFormer. */
export function reweighted(a: Assembler): void {
  a.vpxord(ZERO, ZERO, ZERO);
  loadAngles(a, COSINES, SINES);
  a.mov(rcx, call("channels"));
  a.imulImmediate(r10, rcx, FEATURE_ROW);
  a.add(r10, r9);
  repeat(a, rcx, () => {
    for (const [vector, from] of vectorsAt(r8).entries()) a.vmovups(X[vector], from);
    for (const x of X) a.vmaxps(x, ZERO, x);
    const write = (to: typeof r9 | typeof r11, factors: readonly Zmm[]): void => {
      for (const [vector, place] of vectorsAt(to).entries()) {
        a.vmulps(zmm(12 + vector), X[vector], factors[vector]);
        a.vmovupsStore(place, zmm(12 + vector));
      }
    };
    write(r9, COSINES);
    write(r10, SINES);
    nextRow(a, r8, r9, r10);
  });
}
