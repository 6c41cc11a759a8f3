import { type Assembler, type Gpr, number } from "../../../assembler/index.ts";
import { FEATURE_ROW } from "../../layout.ts";
import { call, lane, product, REPLACES } from "../../words.ts";

/**
 * From the gradients of products with what the layer learned, a row for each of its rows, to those of the turned rows that were
 * multiplied: times the call's factor.
 */
export function projectBack(a: Assembler, from: Gpr, to: Gpr): void {
  product(a, {
    ...{ a: lane("weights"), aRow: number(4), aStep: call("keyRow"), rows: call("channels") },
    ...{ b: from, bRow: number(FEATURE_ROW), columns: lane("count"), inner: call("weightRows") },
    ...{ c: to, cRow: number(FEATURE_ROW), ...REPLACES, scale: call("backFactor") },
  });
}
