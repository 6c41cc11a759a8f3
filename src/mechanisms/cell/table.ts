import type { TableRow } from "../../core/table-one.ts";
import { SCANNED, STEP_BY_STEP } from "../table-row.ts";
import { type Cell, GATES } from "./declare.ts";

/**
 * Token by token, which is what Vaswani's table compares attention with. Gates that do not see the state leave a product
 * and a sum of each channel, which a scan can do.
 */
export function table({ cell }: Cell): TableRow {
  if (GATES[cell] > 0) {
    return {
      perLayer: { text: "Nd²", at: ({ length, headDim }) => length * headDim ** 2 },
      sequential: STEP_BY_STEP,
      path: STEP_BY_STEP,
    };
  }
  return {
    perLayer: { text: "Nd", at: ({ length, headDim }) => length * headDim },
    sequential: SCANNED.filter(({ as }) => as === "scan" || as === "recurrent"),
    path: STEP_BY_STEP,
  };
}
