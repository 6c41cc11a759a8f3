import { countText } from "./count-text.ts";

type Verdict = "slower" | "faster" | "unresolved" | "same-median" | "same";

/** What a comparison found, as far as it is counted. */
interface Found {
  readonly cells: readonly { readonly verdict: Verdict }[];
  readonly work: readonly { readonly case: string; readonly accepted: boolean }[];
  readonly oneSided: readonly { readonly side: "base" | "head"; readonly broken: boolean }[];
  /** How many more there are. */
  readonly unlisted?:
    | {
        readonly cells: Readonly<Record<Verdict, number>>;
        readonly work: number;
        readonly broken: number;
        readonly missing: number;
      }
    | undefined;
}

/** How many cells have each verdict, whether or not they are listed. */
export function verdictsIn({
  cells,
  unlisted,
}: Pick<Found, "cells" | "unlisted">): ReadonlyMap<Verdict, number> {
  const counts = new Map<Verdict, number>(Object.entries(unlisted?.cells ?? {}) as [Verdict, number][]);
  for (const { verdict } of cells) counts.set(verdict, (counts.get(verdict) ?? 0) + 1);
  return counts;
}

/** How many cells there are, whether or not they are listed. */
export function cellsIn(found: Pick<Found, "cells" | "unlisted">): number {
  return [...verdictsIn(found).values()].reduce((sum, count) => sum + count, 0);
}

/** What has no noise in it, if it changed: `2 broken`, `3 missing`, `work changed in 5 cells`. */
export function exactTexts({
  work,
  oneSided,
  unlisted,
}: Pick<Found, "work" | "oneSided" | "unlisted">): readonly string[] {
  const listed = new Set(work.filter(({ accepted }) => !accepted).map((one) => one.case)).size;
  const changed = listed + (unlisted?.work ?? 0);
  const broken = oneSided.filter((one) => one.broken).length + (unlisted?.broken ?? 0);
  const missing =
    oneSided.filter((one) => one.side === "base" && !one.broken).length + (unlisted?.missing ?? 0);
  return [
    ...(broken > 0 ? [`${broken} broken`] : []),
    ...(missing > 0 ? [`${missing} missing`] : []),
    ...(changed > 0 ? [`work changed in ${countText(changed, "cell")}`] : []),
  ];
}

/** How many times changed: `2 of 35 cells slower, 5 faster, 24 unchanged, 4 unresolved`. */
export function timesText(found: Pick<Found, "cells" | "unlisted">): string {
  const cells = cellsIn(found);
  if (cells === 0) return "no cell was measured on both sides";
  const all = countText(cells, "cell");
  const counts = verdictsIn(found);
  const having = (verdict: Verdict): number => counts.get(verdict) ?? 0;
  if (having("unresolved") === cells) return `whether any of ${all} changed could not be determined`;
  const told = (verdicts: readonly Verdict[]) =>
    verdicts
      .map((verdict) => ({ count: having(verdict), word: words[verdict] }))
      .filter(({ count }) => count > 0);
  const [most, ...changes] = told(["slower", "faster"]);
  const rest = told(
    most === undefined ? ["unresolved", "same-median"] : ["same", "unresolved", "same-median"],
  );
  return [
    most === undefined ? `no change seen in ${all}` : `${most.count} of ${all} ${most.word}`,
    ...[...changes, ...rest].map(({ count, word }) => `${count} ${word}`),
  ].join(", ");
}

const words: Readonly<Record<Verdict, string>> = {
  slower: "slower",
  faster: "faster",
  unresolved: "unresolved",
  "same-median": "unchanged in the median",
  same: "unchanged",
};
