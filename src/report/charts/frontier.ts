import { formatBytes, formatCount, formatLength } from "../../text/format.ts";
import { isTimed } from "../speed-up.ts";
import { lengthTitle, logChannel, spanOf } from "./axes.ts";
import type { Chart } from "./chart.ts";
import { caseTooltip, detailsOf, formatError, tooltip } from "./details.ts";
import { drawnSeries } from "./drawn-series.ts";
import { drawable } from "./line-chart.ts";
import { inks } from "./look.ts";
import { sheet } from "./paper.ts";
import { heightBeside, pointChannels } from "./series-channels.ts";
import { digitsOf, labelExpression, logTicks } from "./ticks.ts";

const title = "Speed against faithfulness";

/** Pixels between the outermost bubbles' middles and the axes. */
const ROOM = 24;
/** Smaller errors than this are rounding: such a variant is full attention. */
const ROUNDING = 1e-3;

/**
 * Each variant at one length: the style of figure 3 of Long Range Arena, Tay et al. 2020, arXiv 2011.04006.
 */
export const frontier: Chart = {
  id: "frontier",
  title,
  caption:
    "Cases of one length, the longest unless another is chosen: further right is faster, further up nearer to full " +
    "attention, and the area of a bubble grows with its workspace. The error is the relative distance to full attention " +
    "on the same input; a variant that no model was trained for need not be near.",
  absent: "No case has both a time and an error against full attention, so there is nothing to draw.",
  spec({ rows }) {
    const placed = drawnSeries(rows).flatMap((series) => {
      const points = series.rows.flatMap((row) => {
        const error = row.fidelity_error;
        if (!isTimed(row) || error === null) return [];
        // Those of the output: queries, if they are other tokens than the keys.
        const speed = (row.batch * (row.queries ?? row.length)) / row.median_s;
        return drawable(speed) ? [{ row, speed, error, bytes: row.workspace_bytes ?? 0 }] : [];
      });
      return points.length === 0 ? [] : [{ series, points }];
    });
    if (placed.length === 0) return null;
    const points = placed.flatMap((one) => one.points);
    const x = logChannel(
      { field: "speed", title: "tokens per second", format: formatCount },
      points.map(({ speed }) => speed),
    );
    const lengths = [...new Set(points.map(({ row }) => row.length))].sort((a, b) => a - b);
    const [, most] = spanOf([1, ...points.map(({ bytes }) => bytes)]);
    return {
      ...sheet({
        expr: `"${title}, ${lengthTitle(rows)} " + ${labelExpression(lengths, formatLength, "length")}`,
      }),
      // Another value selects another length.
      params: [{ name: "length", value: lengths[lengths.length - 1] }],
      width: 560,
      height: heightBeside(placed.length + 6, 400),
      data: {
        values: placed.flatMap(({ series, points }) =>
          points.map(({ row, speed, error, bytes }) => ({
            ...detailsOf(series, row),
            speed,
            error,
            bytes,
            workspace: row.workspace_bytes === null ? "–" : formatBytes(row.workspace_bytes),
          })),
        ),
      },
      transform: [{ filter: "datum.length === length" }],
      mark: { type: "point", fillOpacity: 0.7, strokeWidth: 1.5, opacity: 1 },
      encoding: {
        x: { ...x, scale: { ...x.scale, padding: ROOM } },
        y: errorChannel(points.map(({ error }) => error)),
        ...pointChannels(
          "series",
          placed.map(({ series }) => series),
        ),
        size: {
          field: "bytes",
          type: "quantitative",
          title: "workspace",
          scale: { type: "linear", domain: [0, most], range: [40, 1500] },
          legend: {
            values: [most, most / 4, most / 16],
            labelExpr: labelExpression([most, most / 4, most / 16], formatBytes),
            symbolFillColor: inks.ground.light,
            symbolStrokeColor: inks.text.light,
          },
        },
        // Small bubbles over large ones.
        order: { field: "bytes", type: "quantitative", sort: "descending" },
        tooltip: [...caseTooltip, ...tooltip({ workspace: "workspace" })],
      },
    };
  },
};

/** Faithful is up. Logarithmic except for errors near zero, which have a place of their own. */
function errorChannel(errors: readonly number[]) {
  const real = errors.filter((error) => error >= ROUNDING && drawable(error));
  const [least, highest] = real.length === 0 ? [ROUNDING, 2 / 3] : spanOf(real);
  const most = Math.min(1.5 * highest, Number.MAX_VALUE);
  const steps = real.length === 0 ? [most] : logTicks(least / 2, most);
  const digits = digitsOf(steps, formatError);
  return {
    field: "error",
    type: "quantitative" as const,
    title: "relative error against full attention",
    scale: { type: "symlog" as const, constant: least, domain: [most, 0], nice: false, padding: ROOM },
    axis: {
      values: [0, ...steps],
      labelExpr: labelExpression([0, ...steps], (step) => formatError(step, digits)),
    },
  };
}
