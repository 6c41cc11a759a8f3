import { type Assembler, each, r8, r9, r10, r11, rax, rcx, rdx, zmm } from "../../../assembler/index.ts";
import { nextRow, repeat, rowOf, vectorsAt } from "../../maps/rows.ts";
import { call, lane } from "../../words.ts";
import { projectBack } from "./projected.ts";

const X = rowOf(0);
const SUMS = rowOf(4);
const FACTOR = zmm(20);

/**
 * A feature is the power of a product, `w_r·x'`, and of a key less `|k'|²/2`: `Σ_r g_r φ_r w_r`, and of a key less `k' Σ_r g_r φ_r`, x' being x
 * times a factor. The exponents that features are less than are no matter of gradients: all weights of a query have them alike.
 */
export function favorBack(a: Assembler): void {
  const ofQuery = a.fresh("favor_of_query");
  for (const sum of SUMS) a.vpxord(sum, sum, sum);
  a.mov(rdx, r8);
  a.mov(rcx, call("features"));
  repeat(a, rcx, () => {
    const features = vectorsAt(r9);
    for (const [vector, place] of vectorsAt(rdx).entries()) {
      a.vmovups(X[vector], place);
      a.vmulps(X[vector], X[vector], features[vector]);
      a.vaddps(SUMS[vector], SUMS[vector], X[vector]);
      a.vmovupsStore(place, X[vector]);
    }
    nextRow(a, rdx, r9);
  });
  // The square of x's factor, of which the call has half as a binary logarithm.
  a.vbroadcastss(FACTOR, call("factor"));
  a.vmulps(FACTOR, FACTOR, each(a.constant(2 * Math.LN2)));
  for (const sum of SUMS) a.vmulps(sum, sum, FACTOR);
  a.mov(rax, lane("tops"));
  for (const [vector, to] of vectorsAt(rax).entries()) a.vmovupsStore(to, SUMS[vector]);
  a.push(r10);
  a.push(r11);
  projectBack(a, r8, r11);
  a.pop(r11);
  a.pop(r10);
  a.mov(rax, lane("isKey"));
  a.test(rax, rax);
  a.jumpIf("e", ofQuery);
  a.mov(rax, lane("tops"));
  for (const [vector, from] of vectorsAt(rax).entries()) a.vmovups(SUMS[vector], from);
  a.mov(rcx, call("channels"));
  repeat(a, rcx, () => {
    const rows = vectorsAt(r10);
    for (const [vector, place] of vectorsAt(r11).entries()) {
      a.vmovups(X[vector], place);
      a.vfnmadd231ps(X[vector], SUMS[vector], rows[vector]);
      a.vmovupsStore(place, X[vector]);
    }
    nextRow(a, r10, r11);
  });
  a.label(ofQuery);
}
