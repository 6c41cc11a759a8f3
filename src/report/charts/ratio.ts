import type { TopLevelSpec } from "vega-lite";
import { formatLength, formatRatio } from "../../text/format.ts";
import { labeller, shortName } from "../../text/labels.ts";
import { logChannel } from "./axes.ts";
import { tooltip } from "./details.ts";
import { drawable } from "./line-chart.ts";
import { inks, type Look, palette } from "./look.ts";
import { HEAD_SIZE, LEAST_PANEL } from "./panels.ts";
import { sheet } from "./paper.ts";
import { ROW_STEP, rowChannel } from "./rows.ts";

/** What a comparison says about one cell. */
export type Verdict = keyof typeof verdicts;

/** A ratio of two times, head over base, with the ends of its interval; null if it has none. */
export interface RatioCell {
  /** What its row is called; that of every length of a variant with one kernel and setting. */
  readonly series: string;
  readonly length: number;
  /** As the page's filter names it. */
  readonly variant: string;
  readonly ratio: number;
  readonly low: number | null;
  readonly high: number | null;
  /** Whether it is the ratio of means rather than of medians. */
  readonly isOfMean: boolean;
  readonly verdict: Verdict;
}

export interface RatioChart {
  readonly title: string;
  /** Rows stand in the order of their first cells. */
  readonly cells: readonly RatioCell[];
  /** Changes below this share are too small to be called one, such as 0.01. */
  readonly floor: number;
}

const verdicts = {
  slower: { color: palette[2].light, shape: "triangle-right" },
  faster: { color: palette[3].light, shape: "triangle-left" },
  unresolved: { color: palette[6].light, shape: "diamond" },
  "same-median": { color: palette[0].light, shape: "square" },
  same: { color: palette[0].light, shape: "circle" },
} as const satisfies Record<string, Look>;

/** Pixels of all panels together, and of one at least and at most; the page fits them to its width. */
const WIDTH = 860;
const MOST = 480;

/**
 * Head against base: one row a series, one panel a length, in each a dot with whiskers, and the band within which nothing
 * is called a change.
 */
export function ratioChart({ title, cells, floor }: RatioChart): TopLevelSpec | null {
  if (!(0 <= floor && floor < 1)) {
    throw new RangeError(`ratioChart: the floor must be a share from 0 and below 1, got ${floor}`);
  }
  const drawn = cells.filter(({ ratio }) => drawable(ratio));
  if (drawn.length === 0) return null;
  const rows = rowsOf(drawn);
  const [least, most] = [1 - floor, 1 + floor];
  const x = ratioChannel([
    ...rows.flatMap(({ ratio, low, high }) => [ratio, low ?? ratio, high ?? ratio]),
    ...[least, most, 1].filter(drawable),
  ]);
  const y = rowChannel([...new Set(rows.map(({ series }) => series))]);
  const seen = Object.entries(verdicts).filter(([name]) =>
    rows.some(({ verdict }) => verdict === wordOf(name)),
  );
  const domain = seen.map(([name]) => wordOf(name));
  const legend = { orient: "top" as const, direction: "horizontal" as const, title: null, offset: 6 };
  const verdict = { field: "verdict", type: "nominal" as const, legend };
  const color = { ...verdict, scale: { domain, range: seen.map(([, look]) => look.color) } };
  const shape = { ...verdict, scale: { domain, range: seen.map(([, look]) => look.shape) } };
  const lengths = [...new Set(drawn.map(({ length }) => length))].sort((a, b) => a - b);
  const tips = tooltip({
    series: "case",
    panel: "length",
    change: "ratio",
    interval: "interval",
    measure: "of",
    verdict: "verdict",
  });
  return {
    ...sheet(title),
    usermeta: { panels: lengths.length },
    data: { values: rows },
    facet: {
      column: {
        field: "panel",
        type: "nominal",
        title: null,
        sort: lengths.map(formatLength),
        header: { labelColor: inks.text.light, labelFontSize: HEAD_SIZE, labelLimit: 0, labelPadding: 4 },
      },
    },
    spacing: 10,
    spec: {
      width: Math.max(LEAST_PANEL, Math.min(MOST, Math.round(WIDTH / lengths.length))),
      height: ROW_STEP * y.scale.domain.length,
      layer: [
        {
          data: { values: [{}] },
          mark: { type: "rect", color: inks.grid.light },
          encoding: { x: { ...x, field: undefined, datum: least }, x2: { datum: most } },
        },
        {
          data: { values: [{}] },
          mark: { type: "rule", color: inks.text.light },
          encoding: { x: { datum: 1 } },
        },
        {
          transform: [{ filter: { field: "low", valid: true } }],
          mark: { type: "rule", strokeWidth: 2 },
          encoding: { y, x: { ...x, field: "low" }, x2: { field: "high" }, color },
        },
        {
          mark: { type: "point", filled: true, size: 70, opacity: 1 },
          encoding: { y, x, color, shape, tooltip: tips },
        },
        ...(rows.some(({ measure }) => measure === "mean") ? [hollow(x, y)] : []),
      ],
    },
  };
}

/** Ratios of means have a hole. */
function hollow(x: ReturnType<typeof ratioChannel>, y: ReturnType<typeof rowChannel>) {
  return {
    transform: [{ filter: { field: "measure", equal: "mean" } }],
    mark: { type: "point" as const, filled: true, size: 12, opacity: 1, color: inks.ground.light },
    encoding: { y, x },
  };
}

/** The data; two cells of one name and length stand in two rows. */
function rowsOf(cells: readonly RatioCell[]) {
  const label = labeller();
  const labels = new Map<string, string>();
  const seen = new Map<string, number>();
  const rowOf = (series: string, length: number): string => {
    const place = JSON.stringify([series, length]);
    const copies = (seen.get(place) ?? 0) + 1;
    seen.set(place, copies);
    const row = JSON.stringify([series, copies]);
    const known = labels.get(row) ?? label([shortName(series, 80)]);
    labels.set(row, known);
    return known;
  };
  return cells.map(({ series, length, variant, ratio, low, high, isOfMean, verdict }) => {
    const whiskers =
      low !== null && high !== null && drawable(low) && drawable(high)
        ? { low, high }
        : { low: null, high: null };
    return {
      series: rowOf(series, length),
      panel: formatLength(length),
      variant,
      ratio,
      ...whiskers,
      verdict: wordOf(verdict),
      change: formatRatio(ratio, 3),
      interval: intervalText(whiskers),
      measure: isOfMean ? "mean" : "median",
    };
  });
}

function wordOf(verdict: string): string {
  return verdict.replace("-", " ");
}

/** The channel of ratios, whose numbers say the change in percent. */
function ratioChannel(values: readonly number[]) {
  return logChannel({ field: "ratio", title: null, format: tickText, ticks: ticksAround }, values);
}

/** No change, and a round change to either side, some way from the edge so that its text has room in a narrow panel. */
function ticksAround(low: number, high: number): readonly number[] {
  const side = (end: number): readonly number[] => {
    if (!(Math.abs(Math.log(end)) > LEAST_SIDE * Math.log(high / low))) return [];
    const wanted = end ** FROM_CENTRE;
    const round = roundRatios.filter((ratio) => ratio < 1 === end < 1);
    const distance = (ratio: number) => Math.abs(Math.log(ratio / wanted));
    return [round.reduce((best, ratio) => (distance(ratio) < distance(best) ? ratio : best))].filter(
      (ratio) => low < ratio && ratio < high,
    );
  };
  return [...side(low), 1, ...side(high)];
}

/** Where between no change and the edge, in logarithms, and how much of the axis a side must have. */
const FROM_CENTRE = 0.6;
const LEAST_SIDE = 0.3;

const roundRatios: readonly number[] = [
  ...[0.001, 0.01, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99],
  ...[1.01, 1.02, 1.05, 1.1, 1.2, 1.3, 1.5, 1.7, 2, 3, 5, 10, 100, 1000],
];

/** `−30`, `0`, `+50` percent; from a doubling or halving onwards the ratio itself, `3×`. */
function tickText(ratio: number, digits: number): string {
  if (ratio >= 2 || ratio <= 0.5) return formatRatio(ratio, digits);
  const percent = Number((100 * (ratio - 1)).toPrecision(digits));
  return percent === 0 ? "0" : `${percent < 0 ? "−" : "+"}${Math.abs(percent)}`;
}

function intervalText({ low, high }: { readonly low: number | null; readonly high: number | null }): string {
  return low === null || high === null ? "–" : `${formatRatio(low, 3)} – ${formatRatio(high, 3)}`;
}
