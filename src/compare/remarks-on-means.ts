import type { ComparedCell } from "./comparison.ts";

/** What verdicts on means do not cover, in one sentence; none if no cell has a mean. */
export function remarksOnMeans(cells: readonly ComparedCell[]): readonly string[] {
  const calls = cells.flatMap(({ mean }) => mean?.calls ?? []);
  if (calls.length === 0) return [];
  return [
    callsRemark(
      calls.reduce((a, b) => Math.min(a, b)),
      calls.reduce((a, b) => Math.max(a, b)),
    ),
  ];
}

/** The same of cells that cover costs on one call in `least` to `most`. */
export function callsRemark(least: number, most: number): string {
  return `means cover costs on one call in ${least === most ? least : `${least} to ${most}, by the cell,`} or more often; rarer ones were not looked for`;
}
