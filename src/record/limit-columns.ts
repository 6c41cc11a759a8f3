import { pairFlops } from "../core/work.ts";
import { blockRatio } from "../stats/block-ratio.ts";
import { quotient } from "../stats/quotient.ts";
import type { ShardTimes } from "./merged-shards.ts";
import { BASELINE, isBaseline } from "./schema/baseline.ts";
import { bestCeiling, deviceOfCase, isOnDevice, type KnownLimits } from "./schema/best-ceiling.ts";
import { inputShapeOf, operationOf } from "./schema/case-task.ts";
import { contestOf } from "./schema/identity.ts";
import { type CaseLine, MEMORY_LEVEL } from "./schema/result-lines.ts";

/** How near a case comes to what bounds it; null if something needed is unknown. */
export interface LimitColumns {
  /**
   * Executed operations per second, as a percentage of the best that the machine reached on as many threads, by the
   * builds of the same kernel if it has any; of the best of its device if it computes on one.
   */
  readonly percent_of_ceiling: number | null;
  /**
   * For a decoding step, the bytes that it touches per second, as a percentage of what one thread was seen to
   * read from as many bytes as the timed steps touch between them, or that its device reads; null for whole sequences.
   */
  readonly percent_of_bandwidth: number | null;
  /**
   * Useful operations of the baseline over those of the case: how many times faster it would be at an equal rate. Those of
   * full attention follow from the shape, those of another are known if it was run.
   */
  readonly ideal_speedup: number | null;
  /** The speed-up over the baseline of the same run, as a share of the ideal one. */
  readonly achieved_over_ideal: number | null;
  /** The variant that it is compared with, if the plan of a sweep names another than full attention; otherwise omitted. */
  readonly compared_with?: string;
}

type Timed = Omit<CaseLine, "type"> & {
  readonly median_s: number | null;
  readonly device_s?: number | undefined;
  readonly shards?: readonly ShardTimes[];
};

/** Adds to the cases of one run what their limits are, and what they are compared with. */
export function withLimits<R extends Timed>(
  rows: readonly R[],
  known: KnownLimits = {},
  baseline: string = BASELINE,
): (R & LimitColumns)[] {
  const named = baseline === BASELINE ? {} : { compared_with: baseline };
  const baselines = new Map<string, R>();
  for (const row of rows) if (isBaseline({ ...row, ...named })) baselines.set(contestOf(row), row);
  return rows.map((row) => {
    const rival = baselines.get(contestOf(row));
    const ideal = baseline === BASELINE ? idealSpeedup(row) : idealOver(rival, row);
    const achieved = timesAsFast(rival, row);
    return {
      ...row,
      percent_of_ceiling: percentOfCeiling(row, known),
      percent_of_bandwidth: percentOfBandwidth(row, known),
      ideal_speedup: ideal,
      achieved_over_ideal: quotient(achieved, ideal),
      ...named,
    };
  });
}

/** Over the baseline, within the shards that measured both if results were merged. */
function timesAsFast(baseline: Timed | undefined, row: Timed): number | null {
  if (row.shards === undefined || baseline?.shards === undefined || row.median_s === null)
    return quotient(baseline?.median_s ?? null, row.median_s);
  return blockRatio(baseline.shards, row.shards)?.ratio ?? null;
}

function percentOfCeiling(row: Timed, known: KnownLimits): number | null {
  const rate = quotient(row.executed_flops, row.median_s);
  return rate === null ? null : quotient(100 * rate, bestCeiling(row, known));
}

/**
 * Data read repeatedly is as near as a working set of its size: the smallest working set at least as large
 * gives the rate. Larger data is in memory.
 */
function percentOfBandwidth(row: Timed, known: KnownLimits): number | null {
  const { bytes, resident_bytes: resident = null, median_s } = row;
  if (!operationOf(row).keepsState || resident === null) return null;
  const rate = quotient(bytes, median_s);
  return rate === null ? null : quotient(100 * rate, readRate(row, resident, known));
}

function readRate(row: Timed, resident: number, known: KnownLimits): number | null {
  if (isOnDevice(row, known)) return deviceOfCase(row, known)?.rates?.read_bytes_per_s ?? null;
  const sets = (known.read_rates ?? []).toSorted((a, b) => a.bytes - b.bytes);
  const holding =
    sets.find((one) => one.bytes >= resident) ?? sets.findLast(({ level }) => level === MEMORY_LEVEL);
  return holding?.bytes_per_s ?? null;
}

/** Over a baseline that does less than all pairs. */
function idealOver(baseline: Timed | undefined, row: Timed): number | null {
  return baseline === undefined ? null : quotient(idealSpeedup(row), idealSpeedup(baseline));
}

/** The work of full attention, from the shape alone: it is known even if the baseline was not run. */
function idealSpeedup(row: Timed): number | null {
  const { heads, causal, pairs, useful_flops, select_flops, mask, queries } = row;
  const all = operationOf(row).fullPairs(row.length, causal, mask, queries);
  if (row.model_dim !== undefined) return quotient(fullLayerFlops(row, row.model_dim, all), useful_flops);
  // To choose pairs takes operations besides those of the pairs.
  if (pairs !== null && select_flops === undefined) return quotient(all, pairs);
  return quotient(productsOf(row) * pairFlops(inputShapeOf(row), heads * all), useful_flops);
}

/**
 * A layer of full attention with the same positions, which reads q, k and v: its products with weights, and all pairs of its
 * heads.
 */
function fullLayerFlops(row: Timed, modelDim: number, pairs: number): number {
  const { length, queries = length, heads, kv_heads: kvHeads = heads } = row;
  const { batch, head_dim: headDim, value_dim: valueDim = headDim } = row;
  const ofQueries = queries * heads * (headDim + valueDim);
  const ofKeys = length * kvHeads * (headDim + valueDim);
  const products = 2 * batch * modelDim * (ofQueries + ofKeys);
  const turned = headDim * (heads * queries + kvHeads * length);
  const { perPair, perTurned } = positionFlops(row);
  const positions = batch * (perPair * heads * pairs + perTurned * turned);
  return productsOf(row) * (products + pairFlops({ batch, headDim, valueDim }, heads * pairs)) + positions;
}

/** Products of a call, in those of a forward pass: each product of two factors has two gradients, products as well. */
function productsOf(row: Timed): number {
  const { makesOutput, pass } = operationOf(row);
  return Number(makesOutput) + 2 * Number(pass !== null);
}

/**
 * Operations that positions take within the heads: a bias adds one to each score, and the gradient of one from a table
 * adds each score's to its entry; a turn takes three for each number, and is undone in the gradients.
 */
function positionFlops(row: Timed): { readonly perPair: number; readonly perTurned: number } {
  const [name] = (row.positions ?? "none").split(":");
  const { makesOutput, pass } = operationOf(row);
  const [forward, backward] = [Number(makesOutput), Number(pass !== null)];
  switch (name) {
    case "alibi":
      return { perPair: forward, perTurned: 0 };
    case "t5":
      return { perPair: forward + backward, perTurned: 0 };
    case "rope":
      return { perPair: 0, perTurned: 3 * (forward + backward) };
    default:
      return { perPair: 0, perTurned: 0 };
  }
}
