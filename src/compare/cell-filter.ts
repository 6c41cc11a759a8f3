import { FailureError, printable, unknownName } from "../core/errors.ts";
import { matchesCell } from "../record/schema/cell-pattern.ts";
import type { CaseIdentity } from "../record/schema/result-lines.ts";
import { parseLengths } from "../text/units.ts";

/** Which cells to consider, as typed; an omitted filter passes all. A cell must pass every filter given. */
export interface CellFilter {
  /** Variants by their ids, separated by commas. */
  readonly variants?: string | undefined;
  /** As for `run`: `1k,2k` or `256..8192`. */
  readonly lengths?: string | undefined;
  /** Kernels separated by commas. */
  readonly kernel?: string | undefined;
  /** Patterns, of which a cell must match one; see `matchesCell`. */
  readonly cells?: readonly string[];
}

/** A cell of those that a filter chooses from. */
export type Choosable = Pick<CaseIdentity, "case" | "variant" | "kernel" | "length">;

/**
 * Makes a filter of cells from what was typed. `known` are all existing cells, which determine the valid
 * names: a variant or kernel that none of them has is refused, and so is a pattern that matches none, since
 * what it was written for would silently go unmeasured.
 */
export function cellFilter(
  { variants, lengths, kernel, cells = [] }: CellFilter,
  known: readonly Choosable[],
): (cell: Choosable) => boolean {
  const chosenVariants = namesOf("variant", variants, [...new Set(known.map((cell) => cell.variant))]);
  const chosenKernels = namesOf("kernel", kernel, [...new Set(known.map((cell) => cell.kernel))]);
  const chosenLengths = lengths === undefined ? null : new Set(parseLengths("--lengths", lengths));
  const passes = (cell: Choosable): boolean =>
    (chosenVariants?.has(cell.variant) ?? true) &&
    (chosenKernels?.has(cell.kernel) ?? true) &&
    (chosenLengths?.has(cell.length) ?? true);
  for (const pattern of cells) refuseIdle(pattern, known, passes);
  return (cell) => passes(cell) && (cells.length === 0 || cells.some((one) => matchesCell(one, cell)));
}

function namesOf(
  kind: string,
  text: string | undefined,
  known: readonly string[],
): ReadonlySet<string> | null {
  if (text === undefined) return null;
  const names = text.split(",").map((name) => name.trim());
  for (const name of names) {
    if (known.includes(name)) continue;
    throw unknownName(
      kind,
      name,
      known.map((one) => printable(one, 40)),
    );
  }
  return new Set(names);
}

function refuseIdle(
  pattern: string,
  known: readonly Choosable[],
  passes: (cell: Choosable) => boolean,
): void {
  const [example] = known;
  if (example === undefined || known.some((cell) => passes(cell) && matchesCell(pattern, cell))) return;
  throw new FailureError(
    `--cells: must match a cell, got '${printable(pattern, 80)}'; a cell is named like '${printable(example.case, 80)}', and * stands for anything`,
  );
}
