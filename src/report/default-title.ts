import type { Results } from "../record/case-row.ts";
import { isLearnedOnly } from "./learning/learned-only.ts";

/** What a report is titled unless it is told: what its files are about. */
export function defaultTitle(files: readonly Results[]): string {
  return files.length > 0 && files.every(isLearnedOnly)
    ? "What attention variants learn"
    : "Attention benchmark";
}
