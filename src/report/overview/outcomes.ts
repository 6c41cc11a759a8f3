import type { CaseLine } from "../../record/schema/result-lines.ts";

/** How many cases ended how; `missing` are those that were planned and are not there. */
export type Outcomes = Readonly<Record<CaseLine["outcome"] | "missing", number>>;

/** In the order in which they are told. */
export const OUTCOMES = [
  "measured",
  "failed",
  "unproven",
  "skipped",
  "missing",
] as const satisfies readonly (keyof Outcomes)[];

export function noOutcomes(): Record<keyof Outcomes, number> {
  return { measured: 0, failed: 0, unproven: 0, skipped: 0, missing: 0 };
}

export function sumOf(all: readonly Outcomes[]): Outcomes {
  const sum = noOutcomes();
  for (const one of all) for (const outcome of OUTCOMES) sum[outcome] += one[outcome];
  return sum;
}

/** All cases, also those that are missing. */
export function totalOf(outcomes: Outcomes): number {
  return OUTCOMES.reduce((sum, outcome) => sum + outcomes[outcome], 0);
}
