import { formatOf } from "../../core/dtype.ts";
import type { CaseRow } from "../../record/case-row.ts";

/** Bytes of a number for each pair of a case, as of scores or of weights, in the width of its dtype; null without pairs. */
export function scoreBytes({ batch, heads, pairs, dtype }: CaseRow): number | null {
  return pairs === null ? null : formatOf(dtype).bytes * batch * heads * pairs;
}
