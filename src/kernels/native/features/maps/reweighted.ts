import { type Assembler, at, r8, r9, r10, type r11, rcx, rdx, type Zmm, zmm } from "../../assembler/index.ts";
import { FEATURE_ROW, VECTOR } from "../layout.ts";
import { call, lane } from "../words.ts";
import { nextRow, repeat, rowOf, vectorsAt } from "./rows.ts";

const ZERO = zmm(20);
const X = rowOf(0);
const COSINES = rowOf(4);
const SINES = rowOf(8);

/** relu(x) times the cosine of each token's angle, then times its sine: cosFormer. */
export function reweighted(a: Assembler): void {
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
