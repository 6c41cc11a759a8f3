import type { TopLevelSpec } from "vega-lite";
import { isBaseline } from "../../../record/schema/baseline.ts";
import { formatSeconds } from "../../../text/format.ts";
import { isTimed, type TimedRow } from "../../speed-up.ts";
import { lengthChannel, logChannel, spanOf } from "../axes.ts";
import { detailsOf, tooltip } from "../details.ts";
import { type DrawnSeries, drawnSeries, type SeriesSource } from "../drawn-series.ts";
import { type Families, familiesOf } from "../family-looks.ts";
import { drawable } from "../line-chart.ts";
import { FONT_SIZE, sheet } from "../paper.ts";
import { seriesChannels, styleChannel } from "../series-channels.ts";
import { type Ends, endLabels, roomOf } from "./end-labels.ts";
import { labelLayers } from "./label-layers.ts";
import { lineLayers } from "./line-layers.ts";
import { litSeries } from "./lit-series.ts";
import { HOVERED, LIT } from "./names.ts";
import { referenceEnds, referenceLayers, references } from "./references.ts";

/** What a chart of times calls things. */
export interface HeroChart {
  readonly title: string;
  /** The axes. */
  readonly over: string;
  readonly time: string;
  /** How a length is written in powers of it, and those that the lines are compared with. */
  readonly letter: string;
  readonly powers: readonly number[];
  /** Whether a case is a step. */
  readonly steps: boolean;
}

/** Pixels of the plot with the names beside it: without axes. */
const WIDTH = 1080;
const HEIGHT = 290;
/** Pixels that a name may take. */
const MOST = 380;
/** How far below the fastest time references start, as a factor. */
const BELOW = 1.6;

/** A series with the cases that have a time. */
export interface TimedLine {
  readonly series: DrawnSeries;
  readonly rows: readonly TimedRow[];
}

/**
 * Time over length, both logarithmic, every line named at its end: the baseline and the fastest at the length that most
 * series have are coloured, the others grey. Null if no case has a time. What a program needs to place the names anew is in
 * `usermeta.ends`, the lines that are coloured in the parameter `lit`.
 */
export function heroChart(results: SeriesSource, chart: HeroChart): TopLevelSpec | null {
  const lines = drawnSeries(results).flatMap((series): readonly TimedLine[] => {
    const rows = series.rows.filter(isTimed).filter(({ median_s }) => drawable(median_s));
    return rows.length === 0 ? [] : [{ series, rows }];
  });
  if (lines.length === 0) return null;
  const rows = lines.flatMap((line) => line.rows);
  const lengths = [...new Set(rows.map(({ length }) => length))].sort((a, b) => a - b);
  const [shortest, longest] = [lengths[0], lengths[lengths.length - 1]];
  const [least] = spanOf(rows.map(({ median_s }) => median_s));
  const from = { length: shortest, value: Math.max(least / BELOW, Number.MIN_VALUE) };
  const x = lengthChannel(lengths, chart.over);
  const y = logChannel({ field: "seconds", title: chart.time, format: formatSeconds }, [
    from.value,
    ...rows.flatMap(({ median_s, low_s, high_s }) => [median_s, ...bandOf(median_s, low_s, high_s)]),
  ]);
  const powers = references(chart.powers, chart.letter, from, longest, y.scale.domain[1]);
  const lit = litSeries(lines.map(({ series }) => series)).map(({ label }) => label);
  const ends: Ends = {
    ends: [...lineEnds(lines), ...referenceEnds(powers)],
    x: domainOf(x.scale.domain),
    y: domainOf(y.scale.domain),
  };
  const { color, shape } = seriesChannels(
    "series",
    "",
    lines.map(({ series: { label, look } }) => ({ text: label, look })),
  );
  const strokeDash = styleChannel(lines.map(({ series: { style } }) => style));
  const font = { fontSize: FONT_SIZE, most: MOST };
  const width = WIDTH - roomOf(ends, new Set(lit), font);
  const plot = { width, height: HEIGHT, padding: x.scale.padding, ...font };
  const families = familiesOf(results);
  const channels = {
    x,
    y,
    color: { ...color, legend: null },
    shape: { ...shape, legend: null },
    strokeDash: strokeDash === null ? null : { ...strokeDash, legend: null },
    tooltip: tooltip({
      series: "series",
      family: "family",
      length: chart.steps ? "position" : "length",
      median: "median",
      interval: "95 % interval",
    }),
  };
  return {
    ...sheet(chart.title),
    usermeta: { ends },
    params: [
      { name: LIT, value: lit },
      { name: HOVERED, value: "" },
    ],
    width,
    height: HEIGHT,
    data: { values: lines.flatMap((line) => rowsOf(line, families, strokeDash !== null)) },
    layer: [
      ...referenceLayers(powers, x, y, FONT_SIZE),
      ...lineLayers(channels, {
        banded: rows.some(({ low_s }) => low_s !== null),
        points: lines.some((line) => line.rows.length === 1),
      }),
      ...labelLayers(endLabels(ends, new Set(lit), plot), channels, FONT_SIZE),
    ],
  };
}

/** Recomputing is no baseline: it is what a cache saves. */
function isEmphasised(series: DrawnSeries): boolean {
  return isBaseline(series) && !series.operation.ofBaselineAlone;
}

function lineEnds(lines: readonly TimedLine[]): Ends["ends"] {
  return lines.map(({ series, rows }) => {
    const last = rows[rows.length - 1];
    const { label } = series;
    return {
      series: label,
      name: label,
      emphasised: isEmphasised(series),
      length: last.length,
      value: last.median_s,
    };
  });
}

function rowsOf({ series, rows }: TimedLine, families: Families, styled: boolean) {
  return rows.map((row) => {
    const [low = null, high = null] = bandOf(row.median_s, row.low_s, row.high_s);
    return {
      ...told(series, row),
      family: families.of(series.variant),
      ...(styled && { style: series.style }),
      emphasised: isEmphasised(series),
      ...(rows.length === 1 && { single: true }),
      seconds: row.median_s,
      low,
      high,
    };
  });
}

/** Of what is known of a case only this: with many lines it is most of the chart. */
function told(series: DrawnSeries, row: TimedRow) {
  const { series: label, variant, length, median, interval } = detailsOf(series, row);
  return { series: label, variant, length, median, interval };
}

/** The ends of an interval that a logarithmic axis has a place for; none otherwise. */
function bandOf(value: number, low: number | null, high: number | null): readonly number[] {
  const fits = low !== null && high !== null && 0 < low && low <= value && value <= high && drawable(high);
  return fits ? [low, high] : [];
}

function domainOf([least, most]: readonly number[]): readonly [number, number] {
  return [least, most];
}
