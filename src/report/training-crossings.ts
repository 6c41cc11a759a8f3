import type { CaseRow } from "../record/case-row.ts";
import { isBaseline } from "../record/schema/baseline.ts";
import type { MediansByCase } from "../stats/round-medians.ts";
import { type Crossing, crossingOf } from "./crossing.ts";
import { type BothPasses, bothPassesOf } from "./training.ts";

/** From which length a series is faster than its baseline, in training and as a forward pass alone. */
export interface BothCrossings {
  readonly passes: BothPasses;
  readonly training: Crossing;
  readonly inference: Crossing;
}

/** The series that were measured in both ways together with their baselines. */
export function bothCrossingsOf(rows: readonly CaseRow[], times: MediansByCase): readonly BothCrossings[] {
  return bothPassesOf(rows).flatMap((passes) => {
    if (isBaseline(passes.training)) return [];
    const [training, inference] = [crossingOf(passes.training, times), crossingOf(passes.forward, times)];
    return training === null || inference === null ? [] : [{ passes, training, inference }];
  });
}

/** Which of two crossings comes first; `alike` if their intervals meet, or if both lie beyond the same end. */
export function firstOf({ training, inference }: BothCrossings): "training" | "inference" | "alike" {
  const [a, b] = [spanOf(training), spanOf(inference)];
  if (a.high < b.low) return "training";
  return b.high < a.low ? "inference" : "alike";
}

/** Lengths between which a crossing lies for sure; without an interval, where it was read off. */
function spanOf({ kind, crossover }: Crossing): { readonly low: number; readonly high: number } {
  if (kind === "always") return { low: 0, high: 0 };
  if (kind === "never" || crossover === null)
    return { low: Number.POSITIVE_INFINITY, high: Number.POSITIVE_INFINITY };
  const { length, low, high } = crossover;
  if (low === null && high === null) return { low: length, high: length };
  return { low: low ?? 0, high: high ?? Number.POSITIVE_INFINITY };
}
