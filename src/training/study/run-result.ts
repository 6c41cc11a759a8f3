import type { TrainedLine } from "../../record/schema/learning-lines.ts";
import type { RunName } from "./next-runs.ts";

/** What a run came to, without what names it. */
export type RunResult = Omit<TrainedLine, "type" | keyof RunName>;

/** What is known of a run before it begins. */
export const NOTHING_KNOWN: Omit<RunResult, "outcome" | "reason" | "processor_s"> = {
  accuracy: null,
  curve: [],
  steps_to_99: null,
  still_gaining: null,
  twin: null,
  kernel: null,
};

/** A run that ended before anything was known of it. */
export function failedRun(reason: string): RunResult {
  return { ...NOTHING_KNOWN, outcome: "failed", reason, processor_s: null };
}
