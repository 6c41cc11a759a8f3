import { countText } from "../../text/count-text.ts";
import { shortName } from "../../text/labels.ts";
import type { LearnedRow } from "./learned-rows.ts";

/** What was not trained and why: each reason once, with the variants that it is of. Safe to print. */
export function untrainedLines(rows: readonly LearnedRow[]): readonly string[] {
  const tasks = new Set(rows.map(({ taskLabel }) => taskLabel));
  const told = rows.flatMap((row) => {
    const { label, taskLabel, state, why, lost, tests } = row;
    if (state === "tested" && lost.length === 0) return [];
    const what =
      state === "tested"
        ? `${countText(lost.length, "test seed")} of ${tests.length + lost.length} not trained`
        : WORDS[state];
    const text = [what, ...why.map((one) => shortName(one, 500))].join(": ");
    return [{ place: tasks.size > 1 ? `${label} on ${taskLabel}` : label, text }];
  });
  return [...Map.groupBy(told, ({ text }) => text)].map(
    ([text, alike]) => `${alike.map(({ place }) => place).join(", ")}: ${text}`,
  );
}

const WORDS = {
  diverged: "diverged",
  failed: "failed",
  untested: "not tested yet",
  unsupported: "cannot be trained",
} as const;
