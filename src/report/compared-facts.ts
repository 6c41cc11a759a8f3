import type { Comparison, OneSided, WorkChange } from "../compare/comparison.ts";
import { shortName } from "../text/labels.ts";
import { caseNames } from "./comparison/cell-names.ts";
import { intervalText, meanChange } from "./comparison/change-text.ts";
import { exact, workChange } from "./comparison/side-tables.ts";
import { isBroken } from "./comparison/verdicts.ts";

/** Sentences of a comparison with their subjects, as plain text that may hold anything. */
export interface ComparedFacts {
  readonly title: string;
  readonly items: readonly string[];
}

/** The heading of the facts: `Against main.jsonl`. */
export function comparedTitle({ base }: Comparison): string {
  return `Against ${shortName(base.name, 100)}`;
}

/**
 * What a report says about a file that it compares with the first: the result, what changed, what to know
 * beforehand.
 */
export function comparedFacts(comparison: Comparison): readonly ComparedFacts[] {
  const { headline, work, oneSided, differences, remarks } = comparison;
  const nameOf = caseNames(comparison);
  const groups = [
    { title: "Outcome", items: [headline, ...meanItems(comparison)] },
    { title: "Changed work", items: workItems(work, nameOf) },
    { title: "On one side only", items: oneSidedItems(oneSided, nameOf) },
    {
      title: "What the two sides do not share",
      items: shortened(differences.map((one) => `${one.field}: ${one.base} against ${one.head}`)),
    },
    { title: "Before believing it", items: remarks },
  ];
  return groups.filter(({ items }) => items.length > 0);
}

function meanItems({ geometricMean, margin }: Comparison): readonly string[] {
  if (geometricMean === null) return [];
  return [
    `geometric mean of the ratios: ${meanChange(geometricMean, margin)} (${intervalText(geometricMean)})`,
  ];
}

type NameOf = (id: string) => string;

/** One line per quantity, with the largest change. */
function workItems(work: readonly WorkChange[], nameOf: NameOf): readonly string[] {
  return [...Map.groupBy(work, ({ quantity }) => quantity)].map(([quantity, changes]) => {
    const [most] = changes.toSorted((a, b) => sizeOf(b) - sizeOf(a));
    const where = `${nameOf(most.case)}: ${exact(most.base)} → ${exact(most.head)} (${workChange(most)})`;
    const cells = changes.length === 1 ? "" : `${changes.length} cells, most in `;
    return `${quantity.replaceAll("_", " ")} in ${cells}${where}`;
  });
}

function sizeOf({ base, head }: WorkChange): number {
  return base === null || head === null || base === 0 || head === 0
    ? Number.MAX_VALUE
    : Math.abs(Math.log(head / base));
}

function oneSidedItems(oneSided: readonly OneSided[], nameOf: NameOf): readonly string[] {
  const alike = Map.groupBy(oneSided, ({ side, reason, broken }) => JSON.stringify([side, broken, reason]));
  return shortened(
    [...alike.values()].map((cells) => {
      const [first] = cells;
      const names = cells.slice(0, MOST_NAMED).map((one) => nameOf(one.case));
      const more = cells.length > MOST_NAMED ? `, ${cells.length - MOST_NAMED} more` : "";
      const where = isBroken(first) ? "broken in head" : `only in ${first.side}`;
      return `${where}: ${names.join(", ")}${more} (${shortName(first.reason, 300)})`;
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
