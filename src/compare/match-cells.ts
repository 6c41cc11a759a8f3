import type { CaseRow } from "../record/case-row.ts";
import type { CaseIdentity } from "../record/schema/result-lines.ts";
import type { FileCell, FileCells } from "./cells-of-file.ts";
import type { OneSided } from "./comparison.ts";

/** A cell whose time both sides have. */
export interface MatchedCell {
  readonly identity: CaseIdentity;
  readonly base: TimedRow;
  readonly head: TimedRow;
}

export type TimedRow = CaseRow & { readonly median_s: number };

export interface MatchedCells {
  readonly matched: readonly MatchedCell[];
  readonly oneSided: readonly OneSided[];
}

/**
 * Which cells both files have a time for, and which only one has and why: in the order of base, then of head.
 */
export function matchCells(
  base: FileCells["cells"],
  head: FileCells["cells"],
  chosen: (cell: CaseIdentity) => boolean,
): MatchedCells {
  const matched: MatchedCell[] = [];
  const oneSided: OneSided[] = [];
  for (const key of new Set([...base.keys(), ...head.keys()])) {
    const [before, after] = [base.get(key), head.get(key)];
    const { identity } = (before ?? after) as FileCell;
    if (!chosen(identity)) continue;
    const [baseRow, headRow] = [timedRow(before), timedRow(after)];
    if (baseRow !== null && headRow !== null) matched.push({ identity, base: baseRow, head: headRow });
    else if (baseRow !== null) {
      const broken = after?.row?.outcome === "failed";
      oneSided.push({ case: identity.case, side: "base", reason: whyNot(after), broken });
    } else if (headRow !== null) {
      oneSided.push({ case: identity.case, side: "head", reason: whyNot(before), broken: false });
    }
  }
  return { matched, oneSided };
}

function timedRow(cell: FileCell | undefined): TimedRow | null {
  const row = cell?.row ?? null;
  return row !== null && row.outcome === "measured" ? (row as TimedRow) : null;
}

function whyNot(cell: FileCell | undefined): string {
  if (cell === undefined) return "not in that file";
  if (cell.row === null) return "the run ended before it";
  const { outcome, reason } = cell.row;
  return `${outcome}: ${reason ?? "no reason given"}`;
}
