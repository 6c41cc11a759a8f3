import { BASELINE, companyOf } from "../core/baseline.ts";
import type { CaseLine, Environment } from "../core/result-lines.ts";
import { fullFlops, fullPairs } from "../core/work.ts";
import { quotient } from "../stats/quotient.ts";

/** How near a case comes to what bounds it; null where something that it takes is not known. */
export interface LimitColumns {
  /** Executed operations a second, in percent of the best that the machine reached on as many threads. */
  readonly percent_of_ceiling: number | null;
  /** Useful operations of full attention over those of the case: how many times faster it would be at an equal rate. */
  readonly ideal_speedup: number | null;
  /** The speed-up over the baseline of the same run, as a share of the ideal one. */
  readonly achieved_over_ideal: number | null;
  /**
   * Bytes a second that a step touches, in percent of what one thread reads from a working set that holds its state; left
   * out of all but steps.
   */
  readonly percent_of_bandwidth?: number | null;
}

type Timed = Omit<CaseLine, "type"> & { readonly median_s: number | null };
type Ceilings = NonNullable<Environment["ceilings"]>;
type ReadRates = NonNullable<Environment["read_rates"]>;

/** Adds to the cases of one run what their limits are. */
export function withLimits<R extends Timed>(
  rows: readonly R[],
  ceilings: Ceilings = [],
  readRates: ReadRates = [],
): (R & LimitColumns)[] {
  const baselines = new Map<string, R>();
  for (const row of rows) if (row.variant === BASELINE) baselines.set(place(row), row);
  return rows.map((row) => {
    const ideal = idealSpeedup(row);
    const achieved = quotient(baselines.get(place(row))?.median_s ?? null, row.median_s);
    return {
      ...row,
      percent_of_ceiling: percentOfCeiling(row, ceilings),
      ideal_speedup: ideal,
      achieved_over_ideal: quotient(achieved, ideal),
      ...(row.mode === "decode" ? { percent_of_bandwidth: percentOfBandwidth(row, readRates) } : {}),
    };
  });
}

function place(row: Timed): string {
  return `${row.length} ${companyOf(row)}`;
}

function percentOfCeiling({ executed_flops, median_s, threads }: Timed, ceilings: Ceilings): number | null {
  const rates = ceilings.filter((one) => one.threads === threads).map((one) => one.flops_per_s);
  const rate = quotient(executed_flops, median_s);
  return rate === null || rates.length === 0 ? null : quotient(100 * rate, Math.max(...rates));
}

/** Of the smallest working set that holds the state, or of the largest; null for several threads, of which nobody knows the rate. */
function percentOfBandwidth(
  { bytes, median_s, state_bytes, threads }: Timed,
  rates: ReadRates,
): number | null {
  if (state_bytes === undefined || state_bytes === null || threads !== 1) return null;
  const known = rates.filter((one) => one.bytes_per_s !== null).toSorted((a, b) => a.bytes - b.bytes);
  const level = known.find((one) => one.bytes >= state_bytes) ?? known[known.length - 1];
  const share = quotient(quotient(bytes, median_s), level?.bytes_per_s ?? null);
  return share === null ? null : 100 * share;
}

/** Of what full attention does, by the shape alone: it is known where the baseline was not run, too. */
function idealSpeedup(row: Timed): number | null {
  // A step is bounded by what it reads, not by its work.
  if ((row.mode ?? "forward") !== "forward") return null;
  const { batch, heads, length, head_dim: headDim, causal, pairs, useful_flops } = row;
  if (pairs !== null) return quotient(fullPairs(length, causal), pairs);
  return quotient(fullFlops({ batch, heads, length, headDim }, causal), useful_flops);
}
