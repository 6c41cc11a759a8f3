import type { RoundLine } from "../../record/schema/result-lines.ts";
import { median } from "../../stats/median.ts";
import { quotient } from "../../stats/quotient.ts";
import { formatLength, formatRatio } from "../../text/format.ts";
import { isTimed } from "../speed-up.ts";
import type { Words } from "../words.ts";
import { lengthTitle, logChannel, spanOf } from "./axes.ts";
import type { Chart } from "./chart.ts";
import { detailsOf, tooltip } from "./details.ts";
import { drawnSeries } from "./drawn-series.ts";
import { inks } from "./look.ts";
import { panels } from "./panels.ts";
import { sheet } from "./paper.ts";
import { seriesChannels } from "./series-channels.ts";

const title = "Rounds in time order";

/** More rounds of a case than this cannot be told apart: every second, third, … is drawn. */
const MOST_ROUNDS = 100;

/** More panels than this are not looked at. */
const MOST_PANELS = 12;

/** Whether the machine kept its pace, one panel per series. */
export const rounds = ({ atTheEnd, fullLength }: Pick<Words, "atTheEnd" | "fullLength">): Chart => ({
  id: "rounds",
  title,
  caption:
    `Each round's median as a multiple of the median of all rounds, over the time of the round, ${atTheEnd}. ` +
    "Points that rise or fall together are a machine that drifts; one far off is something else that ran. " +
    `Of more than ${MOST_PANELS} series those that varied most are shown, of more than ${MOST_ROUNDS} rounds some are omitted.`,
  absent: "No case was measured in two rounds, so there is no order to draw.",
  spec(results) {
    const { rows, rounds, merged } = results;
    const byCase = Map.groupBy(rounds, (round) => round.case);
    const all = drawnSeries(results).flatMap((series) => {
      const row = series.rows.findLast(isTimed);
      if (row === undefined) return [];
      const points = thinned(byCase.get(row.case) ?? []).flatMap(({ samples, at_s, round }) => {
        const ratio = quotient(median(samples), row.median_s);
        return ratio === null ? [] : [{ ratio, at_s, round }];
      });
      return points.length < 2 ? [] : [{ series, row, points }];
    });
    if (all.length === 0) return null;
    const drawn = mostVaried(all);
    const notes =
      drawn.length < all.length ? [`${drawn.length} of ${all.length} series: those that varied most`] : [];
    const [, longest] = spanOf(drawn.map(({ row }) => row.length));
    // One line per part of the label, so that long names fit.
    const names = drawn.map(({ series, row }) =>
      [series.label.replaceAll(" · ", "\n"), row.length === longest ? "" : `at ${formatLength(row.length)}`]
        .filter(Boolean)
        .join("\n"),
    );
    const entries = drawn.map(({ series }, index) => ({ text: names[index], look: series.look }));
    const { color, shape } = seriesChannels("panel", "", entries);
    const points = drawn.flatMap((one) => one.points);
    const [first, last] = spanOf(points.map(({ at_s }) => at_s));
    const x = {
      field: "at_s",
      type: "quantitative" as const,
      title: merged === undefined ? "seconds into the run" : "seconds since the first shard began",
      axis: { tickCount: 4, labelOverlap: "greedy" as const },
      scale: { domain: [first, Math.max(last, first + 1)], nice: false },
    };
    const y = logChannel(
      { field: "ratio", title: "× median", format: formatRatio },
      points.map(({ ratio }) => ratio),
    );
    return {
      ...sheet(`${title}, ${lengthTitle(rows, fullLength)} ${formatLength(longest)}`, notes),
      data: {
        values: drawn.flatMap(({ series, row, points }, index) =>
          points.map((point) => {
            const { series: label, variant, length, median } = detailsOf(series, row);
            return {
              series: label,
              variant,
              length,
              median,
              panel: names[index],
              ...point,
              times: formatRatio(point.ratio, 3),
            };
          }),
        ),
      },
      ...panels(names, 4),
      resolve: { axis: { x: "independent" } },
      spec: {
        width: PANEL.width,
        height: PANEL.height,
        layer: [
          { mark: { type: "line", strokeWidth: 1 }, encoding: { x, y, color: { ...color, legend: null } } },
          {
            mark: { type: "rule", color: inks.line.light },
            encoding: { y: { datum: 1 } },
          },
          {
            mark: { type: "point", filled: true, size: 35, opacity: 1 },
            encoding: {
              x,
              y,
              color: { ...color, legend: null },
              shape: { ...shape, legend: null },
              tooltip: tooltip({
                series: "series",
                length: "length",
                round: "round",
                times: "of the median",
                median: "median",
              }),
            },
          },
        ],
      },
    };
  },
});

const PANEL = { width: 210, height: 110 } as const;

/** Those whose rounds are furthest from their median, in the order given. */
function mostVaried<One extends { readonly points: readonly { readonly ratio: number }[] }>(
  all: readonly One[],
): readonly One[] {
  const spread = ({ points }: One) =>
    points.reduce((most, { ratio }) => Math.max(most, Math.abs(Math.log(ratio))), 0);
  const shown = new Set(all.toSorted((a, b) => spread(b) - spread(a)).slice(0, MOST_PANELS));
  return all.filter((one) => shown.has(one));
}

/** In time order, and evenly thinned if there are too many. */
function thinned(rounds: readonly RoundLine[]): readonly RoundLine[] {
  const step = Math.ceil(rounds.length / MOST_ROUNDS);
  return rounds.toSorted((a, b) => a.at_s - b.at_s).filter((_, index) => index % step === 0);
}
