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
export function cellFilter(filter: CellFilter, known: readonly Choosable[]): (cell: Choosable) => boolean {
  const chooser = cellChooser(filter);
  for (const cell of known) chooser.look(cell);
  return chooser.chosen();
}

/** Makes a filter of cells that are seen one by one. */
export interface CellChooser {
  look(cell: Choosable): void;
  /** The filter, when all have been seen: refuses what fits none of them. */
  chosen(): (cell: Choosable) => boolean;
}

export function cellChooser({ variants, lengths, kernel, cells = [] }: CellFilter): CellChooser {
  const wanted = {
    variants: namesIn(variants),
    kernels: namesIn(kernel),
    lengths: lengths === undefined ? null : new Set(parseLengths("--lengths", lengths)),
  };
  const passes = (cell: Choosable): boolean =>
    (wanted.variants?.has(cell.variant) ?? true) &&
    (wanted.kernels?.has(cell.kernel) ?? true) &&
    (wanted.lengths?.has(cell.length) ?? true);
  const known = { variants: new Set<string>(), kernels: new Set<string>() };
  let example: Choosable | null = null;
  let idle = cells;
  return {
    look(cell) {
      example ??= cell;
      known.variants.add(cell.variant);
      known.kernels.add(cell.kernel);
      if (idle.length > 0 && passes(cell)) idle = idle.filter((pattern) => !matchesCell(pattern, cell));
    },
    chosen() {
      refuseUnknown("variant", wanted.variants, known.variants);
      refuseUnknown("kernel", wanted.kernels, known.kernels);
      if (example !== null) for (const pattern of idle) throw matchesNone(pattern, example);
      return (cell) => passes(cell) && (cells.length === 0 || cells.some((one) => matchesCell(one, cell)));
    },
  };
}

function namesIn(text: string | undefined): ReadonlySet<string> | null {
  return text === undefined ? null : new Set(text.split(",").map((name) => name.trim()));
}

function refuseUnknown(kind: string, wanted: ReadonlySet<string> | null, known: ReadonlySet<string>): void {
  for (const name of wanted ?? []) {
    if (known.has(name)) continue;
    throw unknownName(
      kind,
      name,
      [...known].map((one) => printable(one, 40)),
    );
  }
}

function matchesNone(pattern: string, example: Choosable): FailureError {
  return new FailureError(
    `--cells: must match a cell, got '${printable(pattern, 80)}'; a cell is named like '${printable(example.case, 80)}', and * stands for anything`,
  );
}
