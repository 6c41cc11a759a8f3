import type { TableRow } from "../../core/table-one.ts";
import { SCANNED, SCANNED_PATH } from "../table-row.ts";
import type { Recurrence } from "./declare.ts";

/**
 * Every token writes into a matrix of d × d and reads it. What is erased depends on what was written before, so that there
 * is no sum over pairs, and no scan of factors: the products between two tokens are of matrices.
 */
export function table({ erase }: Recurrence): TableRow {
  const ways = erase === null ? () => true : ({ as }: { as?: string }) => as !== "all pairs" && as !== "scan";
  return {
    perLayer: { text: "Nd²", at: ({ length, headDim }) => length * headDim ** 2 },
    sequential: SCANNED.filter(ways),
    path: SCANNED_PATH.filter(ways),
  };
}
