import { type Assembler, COMPARE, each, mask, r8, r9, rcx, zmm } from "../../assembler/index.ts";
import { VECTORS } from "../layout.ts";
import { call } from "../words.ts";
import { exponential, FOUR } from "./exponential.ts";
import { nextRow, repeat, rowOf, vectorsAt } from "./rows.ts";

const POSITIVE = Array.from({ length: VECTORS }, (_, vector) => mask(vector + 1));
const ZERO = zmm(20);
const X = rowOf(0);
const KEPT = rowOf(16);

/** elu(x) + 1, which is x + 1 from 0 on and e^x elsewhere, so that nothing cancels. */
export function linearUnits(a: Assembler): void {
  a.vpxord(ZERO, ZERO, ZERO);
  everyRow(a, () => {
    for (const [vector, x] of X.entries()) {
      a.vcmpps(POSITIVE[vector], x, ZERO, COMPARE.notLessUnordered);
      a.vaddps(KEPT[vector], x, each(a.constant(1)));
    }
    exponential(a, FOUR);
    for (const [vector, { power }] of FOUR.entries()) {
      a.vblendmps(X[vector], power, KEPT[vector], { mask: POSITIVE[vector] });
    }
  });
}

/** max(x, 0), NaN of NaN. */
export function rectified(a: Assembler): void {
  a.vpxord(ZERO, ZERO, ZERO);
  everyRow(a, () => {
    for (const x of X) a.vmaxps(x, ZERO, x);
  });
}

/** Changes the numbers of each channel, of rows at r8 to features at r9. */
function everyRow(a: Assembler, change: () => void): void {
  a.mov(rcx, call("channels"));
  repeat(a, rcx, () => {
    for (const [vector, from] of vectorsAt(r8).entries()) a.vmovups(X[vector], from);
    change();
    for (const [vector, to] of vectorsAt(r9).entries()) a.vmovupsStore(to, X[vector]);
    nextRow(a, r8, r9);
  });
}
