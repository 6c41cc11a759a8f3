import { formatLength } from "../../text/format.ts";
import { apartOf, FULL } from "../against.ts";
import { PIXELS } from "../looks/paper-look.ts";
import { seriesOf } from "../series.ts";
import { type WorkloadErrors, type WorkloadInput, workloadErrors } from "../workloads.ts";
import type { Chart } from "./chart.ts";
import { formatError, tooltip } from "./details.ts";
import { type DrawnSeries, drawnSeries } from "./drawn-series.ts";
import { type ErrorAxis, errorAxis } from "./error-axis.ts";
import { leftOut } from "./left-out.ts";
import { inks } from "./look.ts";
import { sheet } from "./paper.ts";
import { LABEL_SIZE, LINE, overlap, widthOf } from "./place-labels.ts";
import { heightBeside, pointChannels } from "./series-channels.ts";

const title = "Errors on different inputs";
const MEAN = "mean of v";

/** Pixels of an input's column with its share of the gaps, those gaps and the chart's edges as shares of it. */
const STEP = 150;
const GAP = 0.15;
const EDGE = 0.1;
const COLUMN = STEP * (1 - GAP);
/** Pixels from a mark's middle to its edge, and from the line of a mean to its text. */
const RADIUS = 6;
const NEAR = 3;

/** How near variants are to full attention on inputs that are like real ones, beside random numbers. */
export const workloads: Chart = {
  id: "workloads",
  title,
  caption:
    "How far each variant's mathematics is from full attention on the same q, k and v: further up is nearer, in a column " +
    "for each input. The line of a column is the mean of v, which looks at neither q nor k: a variant below it is further " +
    "off than if all weights were alike. On random numbers every key is as good as any other; in texts, sounds and images " +
    "some are not. Computed in float64 at one length, whatever the run was timed on.",
  absent: "No errors on other inputs were computed; they are with --workloads.",
  concerns: ({ rows }) => workloadErrors(seriesOf(rows)) !== null,
  spec(results) {
    const found = workloadErrors(drawnSeries(results));
    if (found === null) return null;
    const { length, inputs } = found;
    const points = found.rows.flatMap(({ series, errors }) =>
      errors.flatMap((error, at) => (error === null ? [] : [{ series, error, input: inputs[at] }])),
    );
    const height = heightBeside(found.rows.length, 360);
    const axis = errorAxis(
      points.map(({ error }) => error),
      inputs.map(({ mean }) => mean),
      { pixels: height, room: 20, against: FULL },
    );
    const y = axis.channel;
    const x = {
      field: "input",
      type: "nominal" as const,
      title: null,
      sort: inputs.map(({ label }) => label),
      scale: { paddingInner: GAP, paddingOuter: EDGE },
      axis: { labelAngle: 0, domain: false, ticks: false, labelPadding: 8 },
    };
    const label = placeMean(found, axis);
    const apart = found.apart.flatMap((one) =>
      one.rows.slice(0, 1).map((row) => ({ label: one.label, row })),
    );
    const absent = { against: FULL, without: [], apart: apartOf(apart) };
    return {
      ...sheet(`${title}, of ${formatLength(length)} ${length === 1 ? "token" : "tokens"}`, leftOut(absent)),
      usermeta: { places: PIXELS, leftOut: absent },
      width: STEP * (inputs.length - GAP + 2 * EDGE),
      height,
      data: {
        values: points.map(({ series, error, input }) => ({
          series: series.label,
          variant: series.variantLabel,
          input: input.label,
          error: axis.drawn(error),
          error_text: formatError(error),
          mean: formatError(input.mean),
        })),
      },
      layer: [
        {
          data: {
            values: inputs.map(({ label: input, mean }) => ({ input, error: axis.drawn(mean) })),
          },
          mark: { type: "tick", orient: "horizontal", size: COLUMN, thickness: 2, color: inks.line.light },
          encoding: { x, y },
        },
        {
          data: { values: [{ input: label.input.label, error: axis.drawn(label.input.mean), text: MEAN }] },
          mark: {
            type: "text",
            fontSize: LABEL_SIZE,
            color: inks.text.light,
            align: label.align,
            baseline: "middle",
            dx: label.dx,
            dy: label.dy,
          },
          encoding: { x, y, text: { field: "text", type: "nominal" } },
        },
        {
          mark: { type: "point", opacity: 1, strokeWidth: 1.5, size: 65 },
          encoding: {
            x,
            y,
            xOffset: {
              field: "series",
              type: "nominal",
              sort: found.rows.map(({ series }) => series.label),
              scale: { padding: 1 },
            },
            ...pointChannels(
              "variant",
              found.rows.map(({ series }) => series),
            ),
            tooltip: tooltip({
              series: "series",
              input: "input",
              error_text: `error against ${FULL}`,
              mean: MEAN,
            }),
          },
        },
      ],
    };
  },
};

/** Where the lines of means are named: by one of them, at an end, above or below, where the fewest marks are in the way. */
interface MeanLabel {
  readonly input: WorkloadInput;
  readonly align: "left" | "right";
  /** Pixels from the middle of the line. */
  readonly dx: number;
  readonly dy: number;
}

function placeMean({ inputs, rows }: WorkloadErrors<DrawnSeries>, { at }: ErrorAxis): MeanLabel {
  const wide = widthOf(MEAN);
  const places = inputs.flatMap((input, column) =>
    [-1, 1].flatMap((side) =>
      (["left", "right"] as const).map((align) => {
        const dy = side * (NEAR + LINE / 2);
        const left = align === "left" ? 0 : COLUMN - wide;
        const top = at(input.mean) + dy - LINE / 2;
        const box = { left, right: left + wide, top, bottom: top + LINE };
        const hidden = rows.filter(({ errors }, row) => {
          const middle = { x: (COLUMN * (row + 1)) / (rows.length + 1), y: at(errors[column]) };
          const mark = {
            left: middle.x - RADIUS,
            right: middle.x + RADIUS,
            top: middle.y - RADIUS,
            bottom: middle.y + RADIUS,
          };
          return errors[column] !== null && overlap(mark, box);
        }).length;
        return { input, align, dx: ((align === "left" ? -1 : 1) * COLUMN) / 2, dy, hidden };
      }),
    ),
  );
  return places.reduce((a, b) => (b.hidden < a.hidden ? b : a));
}
