import type { TopLevelSpec } from "vega-lite";
import type { Results } from "../../record/case-row.ts";
import { type MediansByCase, roundMedians } from "../../stats/round-medians.ts";
import { type Exponent, exponentText, growthOverRounds } from "../growth.ts";
import { tokenExponentText, tokenGrowth } from "../token-growth.ts";
import type { Words } from "../words.ts";
import { spanOf } from "./axes.ts";
import type { Chart } from "./chart.ts";
import { tooltip } from "./details.ts";
import { type DrawnSeries, drawnSeries } from "./drawn-series.ts";
import { familiesOf } from "./family-looks.ts";
import { inks } from "./look.ts";
import { sheet } from "./paper.ts";
import { ROW_STEP, rowChannel } from "./rows.ts";

/** A series with the exponents of its time. */
interface Fitted {
  readonly series: DrawnSeries;
  readonly time: Exponent;
  /** Over the longest half of the lengths; null for steps. */
  readonly upper: Exponent | null;
  readonly declared: number;
  readonly text: string;
}

type Fit = (series: DrawnSeries, times: MediansByCase) => Fitted | null;

/** Measured against declared growth, a panel a family. */
export function exponents(letter: Words["letter"], id: string): Chart {
  return {
    id,
    title: "Growth by family, measured against declared",
    caption:
      `A panel a family, a row a variant: time grows as ${letter}^a, and a dot is the measured a with its 95 % interval over all ` +
      "lengths; an upright stroke is the declared one. A hollow diamond is a over the longest half, where a term hidden at first shows: " +
      "right of the stroke it grows faster than theory says, left of it something that grows less still takes most of the time.",
    absent: "No exponent was fitted: that takes four lengths.",
    spec: (results) => exponentChart(results, letter, letter === "N" ? passFit : stepFit),
  };
}

const passFit: Fit = (series, times) => {
  const { time, upper, declared } = growthOverRounds(series, times);
  return time === null
    ? null
    : { series, time, upper: upper?.time ?? null, declared, text: exponentText(time) };
};

const stepFit: Fit = (series, times) => {
  const { time, declared } = tokenGrowth(series, times);
  return time === null ? null : { series, time, upper: null, declared, text: tokenExponentText(time) };
};

function exponentChart(results: Results, letter: string, fitOf: Fit): TopLevelSpec | null {
  const times = roundMedians(results.rounds);
  const fitted = drawnSeries(results).flatMap((series) => fitOf(series, times) ?? []);
  if (fitted.length === 0) return null;
  const families = familiesOf(results);
  const byFamily = Map.groupBy(fitted, ({ series }) => families.of(series.variant));
  const drawn = families.all.flatMap((family) => {
    const members = byFamily.get(family);
    return members === undefined ? [] : [{ family, members: members.toSorted(byGrowth) }];
  });
  const [least, most] = spanOf([0, 2, ...fitted.flatMap(reach)]);
  const domain = [Math.max(least, -1) - 0.1, Math.min(most, 4) + 0.1];
  return {
    ...sheet("Exponent of time, measured and declared"),
    spacing: 0,
    vconcat: drawn.map(({ family, members }, index) =>
      panel(family, members, { letter, domain, last: index === drawn.length - 1 }),
    ),
  };
}

function byGrowth(a: Fitted, b: Fitted): number {
  return a.declared - b.declared || a.time.slope - b.time.slope;
}

/** How far what is drawn of a series reaches: of an interval as much as tells that it is wide. */
function reach({ time, upper, declared }: Fitted): readonly number[] {
  return [time.slope, declared, ...(upper === null ? [] : [upper.slope])];
}

interface Panel {
  readonly letter: string;
  readonly domain: readonly number[];
  readonly last: boolean;
}

function panel(family: string, members: readonly Fitted[], { letter, domain, last }: Panel) {
  const labels = members.map(({ series }) => series.label);
  const y = rowChannel(labels);
  const x = {
    field: "slope",
    type: "quantitative" as const,
    title: last ? `exponent a of ${letter}^a` : null,
    scale: { domain: [...domain], nice: false, zero: false, clamp: true },
    axis: {
      values: [0, 0.5, 1, 1.5, 2, 2.5, 3, 3.5, 4].filter((tick) => tick <= domain[1]),
      labels: last,
      ticks: last,
    },
  };
  const color = {
    field: "series",
    type: "nominal" as const,
    legend: null,
    scale: { domain: labels, range: members.map(({ series }) => series.look.color) },
  };
  const tips = tooltip({
    series: "series",
    measured: "measured",
    upper_text: "over the longest half",
    declared_text: "declared",
  });
  return {
    // The first line is the room between panels, of which one without a row has none.
    title: { text: ["", family], fontSize: 12, offset: 2, anchor: "start" as const, frame: "group" as const },
    width: 420,
    height: { step: ROW_STEP },
    data: {
      values: members.map(({ series, time, upper, declared, text }) => ({
        series: series.label,
        variant: series.variantLabel,
        slope: time.slope,
        ...(time.low !== null && time.high !== null && { low: time.low, high: time.high }),
        ...(upper !== null && { upper: upper.slope }),
        declared,
        measured: text,
        upper_text: upper === null ? "–" : exponentText(upper),
        declared_text: `${letter}^${Number(declared.toFixed(2))}`,
      })),
    },
    layer: [
      {
        mark: { type: "tick" as const, thickness: 2, size: 14, color: inks.text.light },
        encoding: { y, x: { ...x, field: "declared" } },
      },
      {
        transform: [{ filter: { field: "low", valid: true as const } }],
        mark: { type: "rule" as const, strokeWidth: 2 },
        encoding: { y, x: { ...x, field: "low" }, x2: { field: "high" }, color },
      },
      {
        transform: [{ filter: { field: "upper", valid: true as const } }],
        mark: {
          type: "point" as const,
          shape: "diamond",
          fill: inks.ground.light,
          size: 60,
          strokeWidth: 1.5,
          opacity: 1,
        },
        encoding: { y, x: { ...x, field: "upper" }, color, tooltip: tips },
      },
      {
        mark: { type: "point" as const, filled: true, size: 45, opacity: 1 },
        encoding: { y, x, color, tooltip: tips },
      },
    ],
    resolve: { scale: { color: "independent" as const } },
  };
}
