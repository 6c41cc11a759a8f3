import { OPERATIONS, UNITS } from "../../core/operation.ts";
import type { Overview, OverviewLine } from "./overview.ts";

/** What calls are in a collection, the main one first; what only the baseline does is a row of the tables of its unit. */
export function modesOf({ lines }: Overview): readonly OverviewLine["mode"][] {
  const modes = [...new Set(lines.map(({ mode }) => mode))].filter(
    (mode) => !OPERATIONS[mode].ofBaselineAlone,
  );
  return modes.sort((a, b) => UNITS.indexOf(OPERATIONS[a].unit) - UNITS.indexOf(OPERATIONS[b].unit));
}

/** The lines of one kind of calls on one class of machines, what gains most first. */
export function linesIn(
  overview: Overview,
  mode: OverviewLine["mode"],
  place: number,
): readonly OverviewLine[] {
  const { unit } = OPERATIONS[mode];
  return overview.lines.filter(
    (line) =>
      line.place === place &&
      (line.mode === mode || (OPERATIONS[line.mode].ofBaselineAlone && OPERATIONS[line.mode].unit === unit)),
  );
}
