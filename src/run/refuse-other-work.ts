import { FailureError, printable } from "../core/errors.ts";
import type { CaseLine } from "../record/schema/result-lines.ts";

/**
 * What follows exactly from the code, a case and its shape, and so cannot differ between two sessions of one
 * run.
 */
const WORK = [
  "pairs",
  "useful_flops",
  "executed_flops",
  "bytes",
  "workspace_bytes",
  "saved_bytes",
  "state_bytes",
  "resident_bytes",
] as const satisfies ReadonlyArray<keyof CaseLine>;

/** The same for what is known without running a case. */
const DECLARED = ["pairs", "useful_flops"] as const;

/**
 * Refuses to resume a case that is not what an earlier session wrote about it: rounds of both would be mixed
 * in one case, under the work of the first. `ran` is whether `now` was run.
 */
export function refuseOtherWork(before: CaseLine, now: CaseLine, ran: boolean): void {
  // What an older file omits does not count as a difference.
  const other = (ran ? WORK : DECLARED).find(
    (field) => before[field] !== undefined && before[field] !== now[field],
  );
  if (other === undefined) return;
  throw new FailureError(
    `--resume: ${printable(before.case)} has ${other} ${before[other] ?? "unknown"} in the file, this code has ` +
      `${now[other] ?? "unknown"}; resume with the code that it began with, or start over with --replay`,
  );
}
