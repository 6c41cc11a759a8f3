import { crossover } from "../../stats/crossover.ts";
import { formatCount } from "../../text/format.ts";
import { type lengthChannel, type logChannel, spanOf } from "./axes.ts";
import { tooltip } from "./details.ts";
import type { Line } from "./line-chart.ts";
import { inks } from "./look.ts";
import type { seriesChannels } from "./series-channels.ts";

/** Pixels between two marks that would otherwise cover one another. */
const LANE = 11;
/** Two marks this near, as a factor of length, cover one another. */
const NEAR = 1.12;

/**
 * Where lines rise above the rule for good, one row each, with its interval as far as lengths were measured. They
 * are placed on the rule, or next to it if others are there; `domain` is what the axis spans in `height` pixels.
 */
export function crossingRows(
  lines: readonly Line[],
  rule: number,
  domain: readonly number[],
  height: number,
) {
  const lengths = lines.flatMap((line) => line.points.map(({ row }) => row.length));
  const [first, last] = spanOf(lengths);
  const taken: number[] = [];
  return lines
    .flatMap(({ series, text, points }) => {
      const found = crossover(
        points.map(({ row, value, low, high }) => {
          const share = (end: number | null) => (end === null ? null : end / rule);
          return { length: row.length, ratio: value / rule, low: share(low), high: share(high) };
        }),
      );
      if (found === null) return [];
      const { length, low, high } = found;
      const banded = points.every((point) => point.low !== null);
      const [from, to] = banded ? [low ?? first, high ?? last] : [length, length];
      return [{ series, text, length, from, to, interval: banded ? spanText(low, high) : "–" }];
    })
    .sort((a, b) => a.from - b.from)
    .map(({ series, text, length, from, to, interval }) => {
      const free = taken.findIndex((end) => end * NEAR < from);
      const lane = free === -1 ? taken.length : free;
      taken[lane] = to;
      // Above and below in turn: 0, 1, -1, 2, -2, …
      const step = lane % 2 === 0 ? -lane / 2 : (lane + 1) / 2;
      const unit = (Math.log(domain[1]) - Math.log(domain[0])) / height;
      return {
        series: series.label,
        variant: series.variantLabel,
        line: text,
        crossing: length,
        crossing_from: from,
        crossing_to: to,
        crossing_at: rule * Math.exp(step * LANE * unit),
        crossing_text: formatCount(Math.round(length)),
        crossing_interval: interval,
      };
    });
}

type Channels = ReturnType<typeof seriesChannels> & {
  readonly x: ReturnType<typeof lengthChannel>;
  readonly y: ReturnType<typeof logChannel>;
};

/** The marks of the rows above: hollow, with whiskers. `title` is what a tooltip calls their lengths. */
export function crossingLayers({ x, y, color, shape }: Channels, title: string) {
  const transform = [{ filter: { field: "crossing", valid: true as const } }];
  const at = { ...y, field: "crossing_at" };
  return [
    {
      transform,
      mark: { type: "rule" as const, strokeWidth: 3, strokeCap: "round" as const },
      encoding: { x: { ...x, field: "crossing_from" }, x2: { field: "crossing_to" }, y: at, color },
    },
    {
      transform,
      mark: {
        type: "point" as const,
        fill: inks.ground.light,
        size: 90,
        strokeWidth: 2,
        opacity: 1,
      },
      encoding: {
        x: { ...x, field: "crossing" },
        y: at,
        color,
        shape,
        tooltip: tooltip({
          series: "series",
          crossing_text: title,
          crossing_interval: "interval",
        }),
      },
    },
  ];
}

function spanText(low: number | null, high: number | null): string {
  const end = (value: number | null, open: string) =>
    value === null ? open : formatCount(Math.round(value));
  return `${end(low, "below the shortest")} – ${end(high, "above the longest")}`;
}
