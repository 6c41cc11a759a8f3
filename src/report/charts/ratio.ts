import type { TopLevelSpec } from "vega-lite";
import { formatRatio } from "../../text/format.ts";
import { labeller, shortName } from "../../text/labels.ts";
import { logChannel } from "./axes.ts";
import { tooltip } from "./details.ts";
import { drawable } from "./line-chart.ts";
import { inks, type Look, palette } from "./look.ts";
import { sheet } from "./paper.ts";

/** What a comparison says about one cell. */
export type Verdict = keyof typeof verdicts;

/** A ratio of two times, head over base, with the ends of its interval; null if it has none. */
export interface RatioCell {
  readonly label: string;
  /** As the page's filter names it. */
  readonly variant: string;
  readonly ratio: number;
  readonly low: number | null;
  readonly high: number | null;
  readonly verdict: Verdict;
}

export interface RatioChart {
  readonly title: string;
  readonly cells: readonly RatioCell[];
  /** Changes below this share are too small to be called one, such as 0.01. */
  readonly floor: number;
}

const verdicts = {
  faster: { color: palette[3].light, shape: "triangle-left" },
  slower: { color: palette[2].light, shape: "triangle-right" },
  same: { color: palette[0].light, shape: "circle" },
  "same-median": { color: palette[0].light, shape: "square" },
  unresolved: { color: palette[6].light, shape: "diamond" },
} as const satisfies Record<string, Look>;

/**
 * Head against base, one row per cell: a dot with whiskers, and the band within which nothing is called a
 * change.
 */
export function ratioChart({ title, cells, floor }: RatioChart): TopLevelSpec | null {
  if (!(0 <= floor && floor < 1)) {
    throw new RangeError(`ratioChart: the floor must be a share from 0 and below 1, got ${floor}`);
  }
  const drawn = cells.filter(({ ratio }) => drawable(ratio));
  if (drawn.length === 0) return null;
  const unlike = labeller();
  const labels = drawn.map(({ label }) => unlike([shortName(label, 80)]));
  const [least, most] = [1 - floor, 1 + floor];
  const whiskers = drawn.map(({ low, high }) =>
    low !== null && high !== null && drawable(low) && drawable(high)
      ? { low, high }
      : { low: null, high: null },
  );
  const reached = drawn.flatMap(({ ratio }, at) => [
    ratio,
    whiskers[at].low ?? ratio,
    whiskers[at].high ?? ratio,
  ]);
  const x = logChannel({ field: "ratio", title: "time of head ÷ time of base", format: formatRatio }, [
    ...reached,
    least,
    most,
    1,
  ]);
  const y = {
    field: "series",
    type: "nominal" as const,
    title: null,
    sort: null,
    scale: { domain: labels },
    axis: { labelLimit: 0, grid: true, domain: false, ticks: false, labelPadding: 8 },
  };
  const seen = Object.entries(verdicts).filter(([name]) => drawn.some(({ verdict }) => verdict === name));
  const domain = seen.map(([name]) => name);
  const verdict = { field: "verdict", type: "nominal" as const, title: "verdict" };
  const color = { ...verdict, scale: { domain, range: seen.map(([, look]) => look.color) } };
  const shape = { ...verdict, scale: { domain, range: seen.map(([, look]) => look.shape) } };
  const ink = inks.text.light;
  return {
    ...sheet(title),
    width: 480,
    height: { step: 22 },
    data: {
      values: drawn.map(({ ratio, variant, verdict }, at) => ({
        series: labels[at],
        variant,
        ratio,
        ...whiskers[at],
        verdict,
        change: formatRatio(ratio, 3),
        interval: intervalText(whiskers[at]),
      })),
    },
    layer: [
      {
        data: { values: [{}] },
        mark: { type: "rect", color: inks.grid.light },
        encoding: { x: { ...x, field: undefined, datum: least }, x2: { datum: most } },
      },
      { data: { values: [{}] }, mark: { type: "rule", color: ink }, encoding: { x: { datum: 1 } } },
      {
        transform: [{ filter: { field: "low", valid: true } }],
        mark: { type: "rule", strokeWidth: 2 },
        encoding: { y, x: { ...x, field: "low" }, x2: { field: "high" }, color },
      },
      {
        mark: { type: "point", filled: true, size: 80, opacity: 1 },
        encoding: {
          y,
          x,
          color,
          shape,
          tooltip: tooltip({ series: "case", change: "ratio", interval: "interval", verdict: "verdict" }),
        },
      },
    ],
  };
}

function intervalText({ low, high }: { readonly low: number | null; readonly high: number | null }): string {
  return low === null || high === null ? "–" : `${formatRatio(low, 3)} – ${formatRatio(high, 3)}`;
}
