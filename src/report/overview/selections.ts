import { OPERATIONS, UNITS } from "../../core/operation.ts";
import type { Overview, OverviewLine } from "./overview.ts";

/** What calls are in a collection, the main one first; what only the baseline does is a row of the tables of its unit. */
export function modesOf({ lines }: Overview): readonly OverviewLine["mode"][] {
  const modes = [...new Set(lines.map(({ mode }) => mode))].filter(
    (mode) => !OPERATIONS[mode].ofBaselineAlone,
  );
  return modes.sort((a, b) => UNITS.indexOf(OPERATIONS[a].unit) - UNITS.indexOf(OPERATIONS[b].unit));
}

/** The first kind of calls in which anything is compared, or of all; undefined if there are none. */
export function comparedMode(overview: Overview): OverviewLine["mode"] | undefined {
  const modes = modesOf(overview);
  const compared = new Set(overview.lines.filter(({ isBaseline }) => !isBaseline).map(({ mode }) => mode));
  return modes.find((mode) => compared.has(mode)) ?? modes[0];
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
