import { type Assembler, COMPARE, mask, r8, r9, r11, rcx, zmm } from "../../../assembler/index.ts";
import { VECTORS } from "../../layout.ts";
import { nextRow, repeat, rowOf, vectorsAt } from "../../maps/rows.ts";
import { call } from "../../words.ts";

const POSITIVE = Array.from({ length: VECTORS }, (_, vector) => mask(vector + 1));
const SLOPES = rowOf(0);
const FEATURES = rowOf(4);
const LIMIT = zmm(20);

/** The derivative of elu(x) + 1 is e^x below 0 and 1 elsewhere: the feature itself, 1 at most. */
export function linearUnitsBack(a: Assembler): void {
  a.vbroadcastss(LIMIT, a.constant(1));
  everyRow(a, (vector) => {
    // Of two numbers that are not ordered the second is taken: NaN.
    a.vminps(FEATURES[vector], LIMIT, FEATURES[vector]);
    a.vmulps(SLOPES[vector], SLOPES[vector], FEATURES[vector]);
  });
}

/** That of relu is 1 above 0, and 0 elsewhere. */
export function rectifiedBack(a: Assembler): void {
  a.vpxord(LIMIT, LIMIT, LIMIT);
  everyRow(a, (vector) => {
    a.vcmpps(POSITIVE[vector], LIMIT, FEATURES[vector], COMPARE.lessOrdered);
    a.vmovups(SLOPES[vector], SLOPES[vector], { mask: POSITIVE[vector], zero: true });
  });
}

/** Takes the gradients of each channel's features at r8 and those features at r9, and writes what becomes of the former at r11. */
function everyRow(a: Assembler, change: (vector: number) => void): void {
  a.mov(rcx, call("channels"));
  repeat(a, rcx, () => {
    for (const [vector, from] of vectorsAt(r8).entries()) a.vmovups(SLOPES[vector], from);
    for (const [vector, from] of vectorsAt(r9).entries()) a.vmovups(FEATURES[vector], from);
    for (let vector = 0; vector < VECTORS; vector++) change(vector);
    for (const [vector, to] of vectorsAt(r11).entries()) a.vmovupsStore(to, SLOPES[vector]);
    nextRow(a, r8, r9, r11);
  });
}
