import type { CaseRow, Results } from "../record/case-row.ts";
import { identityKey, identityOf } from "../record/schema/identity.ts";
import type { CaseIdentity } from "../record/schema/result-lines.ts";

/** A cell that a results file plans or has: its row, or null if the run ended before it. */
export interface FileCell {
  readonly identity: CaseIdentity;
  readonly row: CaseRow | null;
}

/** The cells of a results file by what they measure. */
export interface FileCells {
  /** In the order of the plan. */
  readonly cells: ReadonlyMap<string, FileCell>;
  /** How many appear again under another name; the later counts. */
  readonly repeated: number;
}

/**
 * The cells of a file. Those of two files are the same if their keys are; `sameInput` says that their inputs
 * are the same.
 */
export function cellsOfFile({ run, rows }: Results, sameInput: boolean): FileCells {
  const rowOf = new Map(rows.map((row) => [row.case, row]));
  const input = rows[0]?.input ?? run.plan.input;
  const cells = new Map<string, FileCell>();
  for (const planned of run.plan.cases) {
    const row = rowOf.get(planned.case) ?? null;
    const identity: CaseIdentity = identityOf(row ?? planned);
    const key = identityKey({ ...identity, input: sameInput ? "" : (row?.input ?? input) });
    cells.set(key, { identity, row });
  }
  return { cells, repeated: run.plan.cases.length - cells.size };
}
