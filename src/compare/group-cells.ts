import { unknownName } from "../core/errors.ts";
import { variantInMode } from "../record/schema/baseline.ts";
import type { CaseIdentity } from "../record/schema/result-lines.ts";
import { formatLength } from "../text/format.ts";

/** What cells can be grouped by, with the name of a cell's group. */
const groupings = {
  variant: (cell) => variantInMode(cell.variant, cell),
  length: ({ length }) => formatLength(length),
  kernel: ({ kernel }) => kernel,
} as const satisfies Record<string, (cell: CaseIdentity) => string>;

export type Grouping = keyof typeof groupings;

const GROUPINGS = Object.keys(groupings) as readonly Grouping[];

/** The grouping that `--group-by` names; none if it was not given. */
export function parseGrouping(text: string | undefined): Grouping | null {
  if (text === undefined) return null;
  const known = GROUPINGS.find((one) => one === text.trim());
  if (known === undefined) throw unknownName("grouping", text.trim(), GROUPINGS);
  return known;
}

/** The name of the group that a cell is in. */
export function groupOf(cell: CaseIdentity, by: Grouping): string {
  return groupings[by](cell);
}

/** The cells of each group by its name, lengths rising and others as they first appear. */
export function groupCells<T extends { readonly identity: CaseIdentity }>(
  cells: readonly T[],
  by: Grouping,
): ReadonlyMap<string, readonly T[]> {
  const ordered = by === "length" ? cells.toSorted((a, b) => a.identity.length - b.identity.length) : cells;
  return Map.groupBy(ordered, ({ identity }) => groupings[by](identity));
}
