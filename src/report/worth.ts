import type { CaseRow } from "../record/case-row.ts";
import { isBaseline } from "../record/schema/baseline.ts";
import { quotient } from "../stats/quotient.ts";
import type { MediansByCase } from "../stats/round-medians.ts";
import { type Crossing, crossingOf } from "./crossing.ts";
import { rowAt, type Series } from "./series.ts";
import { isTimed, type SpeedUp, speedUp } from "./speed-up.ts";

/** What the attention of a series is worth in the layer around it, at one length. */
export interface Worth {
  readonly length: number;
  /** How many times faster its attention alone is than the baseline's: what a layer takes besides its projections. */
  readonly inner: number;
  /** How many times faster its whole layer is. */
  readonly layer: SpeedUp;
  /** What Amdahl's law makes of `inner`, with the baseline's share of projections. */
  readonly predicted: number;
  /** The share of the projections of a layer's time, from 0 to 1: of its own, and of the baseline's. */
  readonly ownShare: number;
  readonly share: number;
}

/** By how much a layer has to gain for a change of its attention to be called worthwhile here. */
export const WORTHWHILE = 1.5;

/** At every length at which a series and its baseline were measured as layers that time their projections, rising. */
export function worthOf(series: Series): readonly Worth[] {
  return series.rows.flatMap(({ length }) => worthAt(series, length) ?? []);
}

/** The same at one length; null if one of the two is no such layer there, and for the baseline itself. */
export function worthAt(series: Series, length: number): Worth | null {
  if (isBaseline(series)) return null;
  const [own, baseline] = [shareAt(series, length), shareAt(series.baseline, length)];
  const layer = speedUp(series, length);
  if (own === null || baseline === null || layer === null) return null;
  // That of the times within one run, or within one shard.
  const inner = quotient(layer.ratio * (1 - baseline), 1 - own);
  if (inner === null) return null;
  const predicted = amdahl(1 - baseline, inner);
  return { length, inner, layer, predicted, ownShare: own, share: baseline };
}

/** How many times faster the whole is if this share of it becomes so many times faster (Amdahl 1967). */
export function amdahl(share: number, times: number): number {
  return 1 / (1 - share + share / times);
}

/** The most that a layer gains however fast its attention is, if the projections have this share of its time. */
export function mostGained(share: number): number {
  return 1 / share;
}

/** The length from which the layer of a series gains as much as is called worthwhile; null if none is known. */
export function worthwhileFrom(series: Series, times: MediansByCase): Crossing | null {
  return crossingOf(series, times, "call", WORTHWHILE);
}

/** The share of the projections of a layer's time; null if it is no layer, or does not say, or says all or nothing. */
export function projectedShare(row: CaseRow): number | null {
  const { model_dim, project_s: projected } = row;
  if (model_dim === undefined || projected === undefined || !isTimed(row)) return null;
  return 0 < projected && projected < row.median_s ? projected / row.median_s : null;
}

function shareAt(series: Series | null, length: number): number | null {
  const row = rowAt(series, length);
  return row === undefined ? null : projectedShare(row);
}
