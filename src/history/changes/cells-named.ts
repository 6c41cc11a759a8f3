import { FailureError, printable } from "../../core/errors.ts";
import { matchesCell } from "../../record/schema/cell-pattern.ts";
import type { Series } from "../entry.ts";

/** Whether any pattern means a cell, by its name alone; `matchesCell` says how. */
export function meansCell(patterns: readonly string[], cell: string): boolean {
  const [variant] = cell.split(/[(/]/, 1);
  return patterns.some((pattern) => matchesCell(pattern, { case: cell, variant }));
}

/** The series of the cells that patterns mean; of all if there are none. Refuses a pattern that means none. */
export function chosenSeries(all: readonly Series[], patterns: readonly string[]): readonly Series[] {
  if (patterns.length === 0) return all;
  for (const pattern of patterns) {
    if (all.some(({ cell }) => meansCell([pattern], cell))) continue;
    const example =
      all.length === 0
        ? ""
        : `; a cell is named like '${printable(all[0].cell, 80)}', and * stands for anything`;
    throw new FailureError(
      `--cells: must match a cell of the history, got '${printable(pattern, 80)}'${example}`,
    );
  }
  return all.filter(({ cell }) => meansCell(patterns, cell));
}
