import type { Comparison, OneSided, WorkChange } from "../compare/comparison.ts";
import { printable } from "../core/errors.ts";
import { formatCount } from "../core/format.ts";

/** Sentences of a comparison under a heading, as plain text that may hold anything. */
export interface ComparedFacts {
  readonly title: string;
  readonly items: readonly string[];
}

/** What a report says of a file that it holds against the first: how it came out, what changed, what to know before. */
export function comparedFacts(comparison: Comparison): readonly ComparedFacts[] {
  const { base, headline, reasons, work, oneSided, differences, remarks } = comparison;
  const groups = [
    { title: `Against ${printable(base.name, 100)}`, items: [headline, ...reasons] },
    { title: "Changed work", items: workItems(work) },
    { title: "On one side alone", items: oneSidedItems(oneSided) },
    {
      title: "What the two sides do not share",
      items: shortened(differences.map((one) => `${one.field}: ${one.base} against ${one.head}`)),
    },
    { title: "Before believing the comparison", items: remarks },
  ];
  return groups.filter(({ items }) => items.length > 0);
}

/** A line a quantity, with the change that is furthest from none. */
function workItems(work: readonly WorkChange[]): readonly string[] {
  return [...Map.groupBy(work, ({ quantity }) => quantity)].map(([quantity, changes]) => {
    const [most] = changes.toSorted((a, b) => sizeOf(b) - sizeOf(a));
    const cells = changes.length === 1 ? "1 cell" : `${changes.length} cells, most`;
    return `${quantity.replaceAll("_", " ")} in ${cells} in ${printable(most.case, 80)}: ${numberText(most.base)} → ${numberText(most.head)}`;
  });
}

function sizeOf({ base, head }: WorkChange): number {
  return base === null || head === null || base === 0 || head === 0
    ? Number.MAX_VALUE
    : Math.abs(Math.log(head / base));
}

function numberText(value: number | null): string {
  if (value === null) return "not known";
  return value >= 1 || value === 0 ? formatCount(value, 4) : value.toPrecision(4);
}

function oneSidedItems(oneSided: readonly OneSided[]): readonly string[] {
  const alike = Map.groupBy(oneSided, ({ side, reason, broken }) => JSON.stringify([side, broken, reason]));
  return shortened(
    [...alike.values()].map((cells) => {
      const [{ side, reason, broken }] = cells;
      const names = cells.slice(0, MOST_NAMED).map((one) => printable(one.case, 80));
      const more = cells.length > MOST_NAMED ? `, ${cells.length - MOST_NAMED} more` : "";
      const where = broken ? "broken in head" : `only in ${side}`;
      return `${where}: ${names.join(", ")}${more} (${printable(reason, 300)})`;
    }),
  );
}

const MOST_NAMED = 4;
const MOST_ITEMS = 20;

function shortened(items: readonly string[]): readonly string[] {
  return items.length > MOST_ITEMS
    ? [...items.slice(0, MOST_ITEMS - 1), `${items.length - MOST_ITEMS + 1} more`]
    : items;
}
