import { countText } from "./count-text.ts";

type Verdict = "slower" | "faster" | "unresolved" | "same-median" | "same";

/** What a comparison found, as far as it is counted. */
interface Found {
  readonly cells: readonly { readonly verdict: Verdict }[];
  readonly work: readonly { readonly case: string; readonly accepted: boolean }[];
  readonly oneSided: readonly { readonly side: "base" | "head"; readonly broken: boolean }[];
}

/** What has no noise in it, if it changed: `2 broken`, `3 missing`, `work changed in 5 cells`. */
export function exactTexts({ work, oneSided }: Pick<Found, "work" | "oneSided">): readonly string[] {
  const changed = new Set(work.filter(({ accepted }) => !accepted).map((one) => one.case)).size;
  const broken = oneSided.filter((one) => one.broken).length;
  const missing = oneSided.filter((one) => one.side === "base" && !one.broken).length;
  return [
    ...(broken > 0 ? [`${broken} broken`] : []),
    ...(missing > 0 ? [`${missing} missing`] : []),
    ...(changed > 0 ? [`work changed in ${countText(changed, "cell")}`] : []),
  ];
}

/** How many times changed: `2 of 35 cells slower, 5 faster, 24 unchanged, 4 unresolved`. */
export function timesText({ cells }: Pick<Found, "cells">): string {
  if (cells.length === 0) return "no cell was measured on both sides";
  const all = countText(cells.length, "cell");
  const having = (verdict: Verdict): number => cells.filter((cell) => cell.verdict === verdict).length;
  if (having("unresolved") === cells.length) return `whether any of ${all} changed could not be determined`;
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
