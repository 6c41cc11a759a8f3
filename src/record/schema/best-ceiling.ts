import type { CaseIdentity, Environment } from "./result-lines.ts";

/**
 * Operations per second that a case is read against: the best of its own kernel's builds on as many threads, and of any
 * where that kernel has none of its own; null if none is known.
 */
export function bestCeiling(
  { kernel, threads }: Pick<CaseIdentity, "kernel" | "threads">,
  ceilings: NonNullable<Environment["ceilings"]>,
): number | null {
  const fitting = ceilings.filter((one) => one.threads === threads);
  const own = fitting.filter((one) => one.kernel === kernel);
  const rates = (own.length > 0 ? own : fitting).map((one) => one.flops_per_s);
  return rates.length === 0 ? null : Math.max(...rates);
}
