import { maskText } from "../core/call-settings.ts";
import type { CaseRow, Results } from "../record/case-row.ts";
import { modeOf } from "../record/schema/case-task.ts";
import type { CaseIdentity } from "../record/schema/result-lines.ts";

/** A cell that a results file plans or has: its row, or null where the run ended before it. */
export interface FileCell {
  readonly identity: CaseIdentity;
  readonly row: CaseRow | null;
}

/** The cells of a results file by what they measure. */
export interface FileCells {
  /** In the order of the plan. */
  readonly cells: ReadonlyMap<string, FileCell>;
  /** How many stand there again under another name, of which the later counts. */
  readonly repeated: number;
}

/** The cells of a file. Those of two files are the same where the keys are; `sameInput` says that their inputs are one. */
export function cellsOfFile({ run, rows }: Results, sameInput: boolean): FileCells {
  const rowOf = new Map(rows.map((row) => [row.case, row]));
  const input = rows[0]?.input ?? run.plan.input;
  const cells = new Map<string, FileCell>();
  for (const planned of run.plan.cases) {
    const row = rowOf.get(planned.case) ?? null;
    const identity = identityOf(row ?? planned);
    cells.set(cellKey(identity, sameInput ? "" : (row?.input ?? input)), { identity, row });
  }
  return { cells, repeated: run.plan.cases.length - cells.size };
}

/**
 * What a cell measures, whatever a file calls it. Parameters count by name, those that are not set as if they were not
 * there, so that a variant that learns a new one still finds its old results.
 */
function cellKey(cell: Omit<CaseIdentity, "case">, input: string): string {
  const { variant, params, batch, heads, length, head_dim, causal, kernel, threads } = cell;
  const mode = modeOf(cell);
  const set = Object.entries(params)
    .filter(([, value]) => value !== null)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  const shape = [batch, heads, length, head_dim];
  const call = [causal, cell.scale ?? null, cell.mask === undefined ? "" : maskText(cell.mask)];
  return JSON.stringify([variant, set, shape, call, kernel, threads, input, mode]);
}

function identityOf(one: CaseIdentity): CaseIdentity {
  const { case: name, variant, kernel, length, batch, heads, head_dim, causal, threads, params } = one;
  const identity = { case: name, variant, kernel, length, batch, heads, head_dim, causal, threads, params };
  const { mode, scale, mask } = one;
  return {
    ...identity,
    ...(mode !== undefined && { mode }),
    ...(scale !== undefined && { scale }),
    ...(mask !== undefined && { mask }),
  };
}
