import type { CaseRow } from "../../record/case-row.ts";
import { isBaseline } from "../../record/schema/baseline.ts";
import type { Series } from "../series.ts";
import type { lengthChannel, logChannel } from "./axes.ts";
import type { tooltip } from "./details.ts";
import type { DrawnSeries } from "./drawn-series.ts";
import { inks } from "./look.ts";
import type { seriesChannels, styleChannel } from "./series-channels.ts";

/** A second quantity of each case, as a line in the colour of its series. */
export interface SecondLine {
  /** Its name in the data. */
  readonly field: string;
  /** What the legend calls it. */
  readonly name: string;
  /** Null if the case has none. */
  readonly of: (row: CaseRow, series: Series) => number | null;
  /** One that no other line has, if omitted. */
  readonly dash?: readonly number[];
  /** Whether each case has a hollow mark, which tells the same as that of the first quantity. */
  readonly marked?: true;
}

/** The most that the quantity of a chart can be at a length, as the baseline's cases have it. */
export interface Limit {
  readonly name: string;
  readonly of: (row: CaseRow) => number | null;
}

/** A limit at one length; `of` tells apart those of several baselines. */
interface LimitPoint {
  readonly of: string;
  readonly length: number;
  readonly limit: number;
}

/** The points of a limit at the lengths that the chart has. */
export function limitPoints(
  series: readonly DrawnSeries[],
  lengths: readonly number[],
  { of }: Limit,
): readonly LimitPoint[] {
  return series.filter(isBaseline).flatMap(({ label, rows }) =>
    rows.flatMap((row) => {
      const limit = lengths.includes(row.length) ? of(row) : null;
      return limit === null || !(limit > 0 && limit < Number.POSITIVE_INFINITY)
        ? []
        : [{ of: label, length: row.length, limit }];
    }),
  );
}

interface Channels {
  readonly x: ReturnType<typeof lengthChannel>;
  readonly y: ReturnType<typeof logChannel>;
  readonly color: ReturnType<typeof seriesChannels>["color"];
  readonly strokeDash: NonNullable<ReturnType<typeof styleChannel>>;
}

/** The line of a second quantity, and its marks if there are any. */
export function secondLayers(
  { field, name, marked }: SecondLine,
  { x, y, color, strokeDash }: Channels,
  marks: {
    readonly shape: ReturnType<typeof seriesChannels>["shape"];
    readonly tooltip: ReturnType<typeof tooltip>;
  },
) {
  const transform = [{ filter: { field, valid: true as const } }];
  const at = { ...y, field };
  return [
    {
      transform,
      mark: { type: "line" as const, strokeWidth: 1.5, strokeCap: "round" as const },
      encoding: { x, y: at, color, strokeDash: { ...strokeDash, field: undefined, datum: name } },
    },
    ...(marked === undefined
      ? []
      : [
          {
            transform,
            mark: { type: "point" as const, fill: inks.ground.light, size: 35, strokeWidth: 1.5, opacity: 1 },
            encoding: { x, y: at, color, ...marks },
          },
        ]),
  ];
}

/** A limit in grey, with what lies beyond it shaded if there is one only. */
export function limitLayers(
  points: readonly LimitPoint[],
  { name }: Limit,
  { x, y, strokeDash }: Omit<Channels, "color">,
) {
  if (points.length === 0) return [];
  const data = { values: [...points] };
  const at = { ...y, field: "limit" };
  const baselines = new Set(points.map(({ of }) => of)).size;
  // A line through one point would not be seen, and one across says the same.
  const across = points.length === baselines;
  const beyond = {
    data,
    mark: { type: "area" as const, color: inks.grid.light, opacity: 0.6 },
    encoding: { x, y: at, y2: { datum: y.scale.domain[1] } },
  };
  return [
    ...(baselines === 1 ? [beyond] : []),
    {
      data,
      mark: {
        type: across ? ("rule" as const) : ("line" as const),
        color: inks.line.light,
        strokeWidth: 1.5,
      },
      encoding: {
        ...(!across && { x }),
        y: at,
        detail: { field: "of", type: "nominal" as const },
        strokeDash: { ...strokeDash, field: undefined, datum: name },
      },
    },
  ];
}
