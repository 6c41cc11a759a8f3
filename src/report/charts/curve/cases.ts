import { type Curve, curvesOf } from "../../curves.ts";
import { lengthsOf, rowAt, type Series, seriesOf } from "../../series.ts";
import { isTimed, type TimedRow } from "../../speed-up.ts";
import type { SeriesSource } from "../drawn-series.ts";
import { familiesOf, looksOf } from "../family-looks.ts";
import type { Look } from "../look.ts";

/** A curve with how it is drawn: as its variant is in other charts. */
export interface DrawnCurve extends Curve {
  readonly look: Look;
  /** What sets it apart from curves of the same look; otherwise empty. */
  readonly style: string;
}

/** A case of a curve. */
export interface CurveCase {
  readonly curve: DrawnCurve;
  readonly series: Series;
  readonly row: TimedRow;
  readonly value: number;
}

/** The cases of all curves at one length, with what they are to be held against. */
export interface CurveCases {
  readonly length: number;
  readonly cases: readonly CurveCase[];
  /** The baseline in the settings of the curves. */
  readonly baselines: readonly { readonly series: Series; readonly row: TimedRow }[];
}

/** What the curves of a report are drawn from, by rising length; empty if it has no curve with a time. */
export function curveCases(results: SeriesSource): readonly CurveCases[] {
  const series = seriesOf(results.rows);
  const curves = drawnCurves(series, results);
  const baselines = [
    ...new Set(curves.flatMap(({ members }) => members.flatMap((one) => one.series.baseline ?? []))),
  ];
  return lengthsOf(series).flatMap((length) => {
    const cases = curves.flatMap((curve) => casesAt(curve, length));
    if (cases.length === 0) return [];
    const held = baselines.flatMap((one) => {
      const row = rowAt(one, length);
      return row !== undefined && isTimed(row) ? [{ series: one, row }] : [];
    });
    return [{ length, cases, baselines: held }];
  });
}

function drawnCurves(series: readonly Series[], results: SeriesSource): readonly DrawnCurve[] {
  const lookOf = looksOf(
    series.map(({ variant }) => variant),
    familiesOf(results),
  );
  const kernels = new Set(series.map((one) => one.kernel)).size > 1;
  return curvesOf(series).map((curve) => {
    const [{ series: first }] = curve.members;
    const style = [kernels ? first.kernelLabel : "", first.setting].filter(Boolean).join(" · ");
    return { ...curve, look: lookOf(first.variant), style };
  });
}

function casesAt(curve: DrawnCurve, length: number): readonly CurveCase[] {
  return curve.members.flatMap(({ value, series }) => {
    const row = rowAt(series, length);
    return row === undefined || !isTimed(row) ? [] : [{ curve, series, row, value }];
  });
}
