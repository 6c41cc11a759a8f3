import type { Results } from "../record/case-row.ts";
import { isLearnedOnly } from "./learning/learned-only.ts";

/** What a report is titled unless it is told: what its files are about. */
export function defaultTitle(files: readonly Results[]): string {
  const sweeps = new Set(files.map(({ merged }) => merged?.sweep));
  const [sweep] = sweeps;
  if (sweeps.size === 1 && sweep !== undefined) return `Sweep ${sweep}`;
  return files.length > 0 && files.every(isLearnedOnly)
    ? "What attention variants learn"
    : "Attention benchmark";
}
