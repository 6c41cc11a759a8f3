import type { Comparison } from "../compare/comparison.ts";
import type { Results } from "../record/case-row.ts";

/** A results file as a report shows it. */
export interface ReportedResults extends Results {
  /** The file's own name, with its ending; if omitted, one is made from `name`, which is for captions. */
  readonly file?: string;
  /** The file compared with the first one, unless it is the first itself. */
  readonly comparison?: Comparison;
}
