import type { ComparedMean, TimeVerdict, Verdict } from "./comparison.ts";

/** The verdict on one measure, and what to know about it. */
interface Judged {
  readonly verdict: TimeVerdict;
  readonly note: string | null;
}

/** A cell's verdict with what to know about it. */
export interface JoinedVerdict {
  readonly verdict: Verdict;
  readonly note: string | null;
}

/**
 * What the median and the mean say together. Slower means slower in either, since users pay the mean and wait
 * for the median; same means the same in both. A cell that is faster in one must not be slower in the other.
 */
export function joinVerdicts(
  { verdict: median, note: ofMedian }: Judged,
  mean: Pick<ComparedMean, keyof Judged> | null,
): JoinedVerdict {
  const ofMean = mean?.verdict ?? "unresolved";
  const note = ofMedian ?? mean?.note ?? null;
  if (median === "slower") {
    return {
      verdict: "slower",
      note: ofMean === "faster" ? "slower in the median, though faster in the mean" : ofMedian,
    };
  }
  if (ofMean === "slower") return { verdict: "slower", note: slowerInMean[median] };
  if (median === "faster") return { verdict: "faster", note };
  if (ofMean === "faster" && median === "same") {
    return { verdict: "faster", note: "faster in the mean: fewer calls are costly; the median is the same" };
  }
  if (median === "unresolved") return { verdict: "unresolved", note };
  return ofMean === "same" ? { verdict: "same", note: ofMedian } : { verdict: "same-median", note };
}

const slowerInMean = {
  same: "slower in the mean, by costs on few calls: the median is the same",
  unresolved: "slower in the mean; whether the median changed could not be determined",
  faster: "slower in the mean, by costs on few calls, though faster in the median",
} as const satisfies Record<Exclude<TimeVerdict, "slower">, string>;
