import type { CaseRow } from "../../record/case-row.ts";
import { operationOf } from "../../record/schema/case-task.ts";
import { formatBytes, formatRatio, formatSeconds, narrowPercent } from "../../text/format.ts";

/** One of a case's limits: the number, null if it is not known, and how it reads. */
interface Limit {
  readonly value: (row: CaseRow) => number | null;
  readonly format: (value: number) => string;
  /** What to know about the number, in a few words below it; null, or omitted, if nothing. */
  readonly remark?: (row: CaseRow) => string | null;
}

export type LimitCells = Readonly<Record<string, Limit>>;

/** What a table says about one case's limits, by column head. */
export const passLimits: LimitCells = {
  "of ceiling": { value: (row) => row.percent_of_ceiling, format: (percent) => narrowPercent(percent / 100) },
  ideal: { value: (row) => row.ideal_speedup, format: (ratio) => formatRatio(ratio) },
  "of ideal": { value: (row) => row.achieved_over_ideal, format: narrowPercent },
};

/** The same for a step, which is bounded by what it reads. */
export const stepLimits: LimitCells = {
  state: { value: (row) => row.state_bytes ?? null, format: (bytes) => formatBytes(bytes) },
  "bytes per token": {
    value: (row) => (operationOf(row).keepsState ? row.bytes : null),
    format: (bytes) => formatBytes(bytes),
  },
  "of bandwidth": {
    value: (row) => row.percent_of_bandwidth,
    format: (percent) => narrowPercent(percent / 100),
  },
};

/** What the forward pass leaves for the gradients. */
export const saved: Limit = {
  value: (row) => row.saved_bytes ?? null,
  format: (bytes) => formatBytes(bytes),
};

/** How long taking in the tokens before a step took. */
export const prefill: Limit = {
  value: (row) => row.prefill_s ?? null,
  format: (seconds) => formatSeconds(seconds),
};

/** The limit as text; `–` if unknown. */
export function limitText({ value, format }: Limit, row: CaseRow): string {
  const known = value(row);
  return known === null ? "–" : format(known);
}
