import type { CellFilter } from "../compare/cell-filter.ts";
import { type CompareSettings, compareResults } from "../compare/compare-results.ts";
import type { Comparison } from "../compare/comparison.ts";
import { type Failure, parseFailOn } from "../compare/fail-on.ts";
import { type Grouping, parseGrouping } from "../compare/group-cells.ts";
import { parseAcceptedWork, type Quantity } from "../compare/work-changes.ts";
import { COMPARE_DEFAULTS } from "../core/defaults.ts";
import { parseShare, type Typed } from "../text/units.ts";
import { type AsTyped, inWords } from "./as-typed.ts";
import type { PlanChoices } from "./plan-options.ts";
import type { ReadRun } from "./results.ts";

/**
 * The options of `compare`. `variants`, `lengths`, `kernel` and `cells` choose cells; without them all are
 * compared.
 */
export interface CompareOptions extends Pick<PlanChoices, "variants" | "lengths"> {
  /** Ids of kernels. */
  readonly kernel?: string | readonly string[] | undefined;
  /** A share such as 0.03: a smaller change is never called one. */
  readonly threshold?: Typed | undefined;
  /** What makes the outcome `regressed`; nothing if omitted. */
  readonly failOn?: Failure | readonly Failure[] | undefined;
  /** Quantities of work that may change, `true` for all; none if omitted. */
  readonly acceptWork?: true | Quantity | readonly Quantity[] | undefined;
  /** Whether times of two machines, runtimes or settings are compared anyway. */
  readonly acrossMachines?: boolean | undefined;
  /** Names of cells, with * for anything, or parts of names. */
  readonly cells?: readonly string[] | undefined;
  /** What cells are also grouped by. */
  readonly groupBy?: Grouping | undefined;
}

/** Holds one run against another. */
export function comparisonFor(base: ReadRun, head: ReadRun, options: AsTyped<CompareOptions>): Comparison {
  return compareResults(base, head, compareSettings(options));
}

/** The options, validated. */
export function compareSettings(options: AsTyped<CompareOptions>): CompareSettings {
  const { threshold, acrossMachines = false, failOn, acceptWork, groupBy } = options;
  return {
    threshold: parseShare("--threshold", threshold ?? COMPARE_DEFAULTS.threshold),
    failOn: parseFailOn(listed(failOn)),
    acceptedWork: parseAcceptedWork(acceptedWords(acceptWork)),
    acrossMachines,
    filter: filterOf(options),
    groupBy: parseGrouping(groupBy),
  };
}

function filterOf({ variants, lengths, kernel, cells = [] }: AsTyped<CompareOptions>): CellFilter {
  return {
    variants: inWords("--variants", variants),
    lengths: inWords("--lengths", lengths),
    kernel: inWords("--kernel", kernel),
    cells,
  };
}

/** What `--accept-work` says: naming nothing means all. */
export function acceptedWords(acceptWork: AsTyped<CompareOptions>["acceptWork"]): string | undefined {
  return acceptWork === true ? "" : listed(acceptWork);
}

/** In the words of the command line; an empty list is no word. */
function listed(value: string | readonly string[] | undefined): string | undefined {
  return typeof value === "object" ? value.join(",") || undefined : value;
}
