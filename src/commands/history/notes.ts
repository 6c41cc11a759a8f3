import { printable } from "../../core/errors.ts";
import type { OrderedHistory } from "../../library/history/read.ts";
import { countText } from "../../text/count-text.ts";
import { named } from "../../text/cut-text.ts";

/** What to know of a history before believing an order of its commits, a line each. */
export function historyNotes({ order, truncated, byDate }: OrderedHistory): readonly string[] {
  const { unknown, elsewhere } = order;
  const short = (commits: readonly string[]) =>
    named(
      commits.map((one) => one.slice(0, 12)),
      MOST_NAMED,
    );
  return [
    ...truncated.map((path) => `the last line of ${printable(path)} was cut off and is ignored`),
    ...(byDate
      ? ["no repository is here: commits are in the order of their dates; name one with --repository"]
      : []),
    ...(!byDate && unknown.length > 0
      ? [
          `git does not know ${countText(unknown.length, "commit")}, which ${unknown.length === 1 ? "stands by its date" : "stand by their dates"}: ${short(unknown)}`,
        ]
      : []),
    ...(elsewhere.length > 0
      ? [
          `${countText(elsewhere.length, "commit")} outside the first parents of the branch ${elsewhere.length === 1 ? "is" : "are"} in no series: ${short(elsewhere)}`,
        ]
      : []),
  ];
}

const MOST_NAMED = 3;
