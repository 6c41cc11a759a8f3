import type { Comparison } from "../compare/comparison.ts";
import type { Results } from "../record/case-row.ts";

/** A results file as a report shows it. */
export interface ReportedResults extends Results {
  /** The file held against the first one, where it is not the first itself. */
  readonly comparison?: Comparison;
}
