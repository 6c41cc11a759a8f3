import type { CaseRow } from "../record/case-row.ts";
import { shortName } from "../text/labels.ts";
import type { Apart } from "./charts/left-out.ts";

/** What a fidelity error is measured against unless its case says otherwise. */
export const FULL = "full attention";

/** Characters of the words for what else an error is measured against. */
const MOST_CHARACTERS = 80;

/** What a case's fidelity error is measured against, safe to print and short; null if it has no such error. */
export function againstOf(row: CaseRow): string | null {
  if (row.fidelity_error === null) return null;
  const { fidelity_against: other } = row;
  return other === undefined ? FULL : shortName(other, MOST_CHARACTERS);
}

/** What the errors of these cases are against, by their labels: of those that have one. */
export function apartOf(
  cases: readonly { readonly label: string; readonly row: CaseRow }[],
): readonly Apart[] {
  return cases.flatMap(({ label, row }) => {
    const against = againstOf(row);
    return against === null ? [] : [{ label, against }];
  });
}

/** Whether a case's fidelity error is a distance to full attention, and comparable with those of most others. */
export function isAgainstFull(row: CaseRow): boolean {
  return againstOf(row) === FULL;
}
