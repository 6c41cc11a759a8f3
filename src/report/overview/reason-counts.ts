import type { CaseRow } from "../../record/case-row.ts";
import { cutText } from "../../text/cut-text.ts";

/** Reasons that differ only in numbers, or beyond this length, are one. */
const MOST_CHARACTERS = 300;
/** Reasons that are kept apart: a stranger's file may have one a case. */
const MOST_REASONS = 500;

/** Why cases have no time, and how many. */
export interface ReasonSoFar {
  readonly outcome: CaseRow["outcome"];
  /** That of the first. */
  readonly text: string;
  readonly places: Set<number>;
  /** Index of the facet of the first. */
  readonly facet: number;
  cases: number;
}

export interface ReasonCounts {
  take(
    row: Pick<CaseRow, "outcome" | "reason">,
    facet: { readonly index: number; readonly place: number },
  ): void;
  /** The most frequent first. */
  all(): readonly ReasonSoFar[];
  /** Cases whose reason was one too many. */
  unnamed(): number;
}

/** Counts reasons, of which numbers may differ from case to case. */
export function reasonCounts(): ReasonCounts {
  const reasons = new Map<string, ReasonSoFar>();
  let unnamed = 0;
  return {
    take({ outcome, reason }, { index, place }) {
      const text = cutText(reason ?? "no reason is told", MOST_CHARACTERS);
      const key = `${outcome} ${text.replace(/\d+(\.\d+)?(e[+-]?\d+)?/g, "#")}`;
      const known = reasons.get(key);
      if (known === undefined && reasons.size === MOST_REASONS) {
        unnamed++;
        return;
      }
      const counted = known ?? { outcome, text, places: new Set<number>(), facet: index, cases: 0 };
      reasons.set(key, counted);
      counted.cases++;
      counted.places.add(place);
    },
    all: () => [...reasons.values()].sort((a, b) => b.cases - a.cases),
    unnamed: () => unnamed,
  };
}
