import { formatCount } from "../../text/format.ts";
import type { Crossing, Reading } from "../crossing.ts";

/** Where a crossing is drawn: its length, or the end of those measured that it lies beyond, and its interval as far as lengths were measured. */
export interface Marks {
  readonly length: number;
  readonly low?: number;
  readonly high?: number;
}

export function marksOf({ kind, crossover }: Crossing, first: number, last: number): Marks {
  if (kind !== "from" || crossover === null) return { length: kind === "always" ? first : last };
  const { length, low, high } = crossover;
  return low === null && high === null ? { length } : { length, low: low ?? first, high: high ?? last };
}

/** A length from which something holds, in a chart. */
export function saidOf({ sure, length }: Reading): string {
  return sure === "latest" ? `≤ ${formatCount(Math.ceil(length))}` : formatCount(Math.round(length));
}
