import type { Assembler, Gpr, Memory } from "../../assembler/index.ts";
import { number } from "../../assembler/index.ts";
import { FEATURE_ROW } from "../layout.ts";
import { call, lane, product, REPLACES } from "../words.ts";

/** Products of what the layer learned with the turned rows at `from`, times the call's factor of weights: a row for each of its rows. */
export function projectRows(a: Assembler, from: Memory | Gpr, to: Memory | Gpr): void {
  product(a, {
    ...{ a: lane("weights"), aRow: call("keyRow"), aStep: number(4), rows: call("weightRows") },
    ...{ b: from, bRow: number(FEATURE_ROW), columns: lane("count"), inner: call("channels") },
    ...{ c: to, cRow: number(FEATURE_ROW), ...REPLACES, scale: call("weightFactor") },
  });
}
