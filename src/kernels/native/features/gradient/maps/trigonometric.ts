import { type Assembler, r8, r9, r10, r11, rcx, rdx } from "../../../assembler/index.ts";
import { FEATURE_ROW } from "../../layout.ts";
import { nextRow, repeat, rowOf, vectorsAt } from "../../maps/rows.ts";
import { call } from "../../words.ts";
import { projectBack } from "./projected.ts";

const X = rowOf(0);
const OTHER = rowOf(4);
const ALONG = rowOf(8);
const INVERSES = rowOf(12);

/**
 * `g_sin cos θ - g_cos sin θ` of an angle, which the rows of W take back to x̂; and `(g - x̂ (x̂·g)) / √(|x|² + 1e-6)`, by rows x̂ at r10 and
 * what lies behind them.
 */
export function trigonometricBack(a: Assembler): void {
  a.mov(rdx, call("weightRows"));
  a.imulImmediate(rdx, rdx, FEATURE_ROW);
  a.mov(rcx, call("weightRows"));
  // Of sines, to the place of their gradients; cosines, and their gradients, lie rdx further.
  a.push(r8);
  repeat(a, rcx, () => {
    const [sines, slopes] = [vectorsAt(r9), vectorsAt(r8)];
    for (const [vector, from] of slopes.entries()) a.vmovups(X[vector], from);
    a.add(r8, rdx);
    a.add(r9, rdx);
    for (const [vector, from] of vectorsAt(r9).entries()) a.vmulps(X[vector], X[vector], from);
    for (const [vector, from] of vectorsAt(r8).entries()) a.vmovups(OTHER[vector], from);
    a.sub(r8, rdx);
    a.sub(r9, rdx);
    for (const [vector, from] of sines.entries()) a.vfnmadd231ps(X[vector], OTHER[vector], from);
    for (const [vector, to] of slopes.entries()) a.vmovupsStore(to, X[vector]);
    nextRow(a, r8, r9);
  });
  a.pop(r8);
  a.push(r10);
  a.push(r11);
  projectBack(a, r8, r11);
  a.pop(r11);
  a.pop(r10);
  for (const sum of ALONG) a.vpxord(sum, sum, sum);
  a.mov(r8, r10);
  a.mov(r9, r11);
  a.mov(rcx, call("channels"));
  repeat(a, rcx, () => {
    for (const [vector, from] of vectorsAt(r8).entries()) a.vmovups(X[vector], from);
    for (const [vector, from] of vectorsAt(r9).entries()) a.vfmadd231ps(ALONG[vector], X[vector], from);
    nextRow(a, r8, r9);
  });
  for (const [vector, from] of vectorsAt(r8).entries()) a.vmovups(INVERSES[vector], from);
  a.mov(rcx, call("channels"));
  repeat(a, rcx, () => {
    const rows = vectorsAt(r10);
    for (const [vector, place] of vectorsAt(r11).entries()) {
      a.vmovups(X[vector], place);
      a.vfnmadd231ps(X[vector], ALONG[vector], rows[vector]);
      a.vmulps(X[vector], X[vector], INVERSES[vector]);
      a.vmovupsStore(place, X[vector]);
    }
    nextRow(a, r10, r11);
  });
}
