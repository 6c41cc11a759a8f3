import type { lengthChannel, logChannel } from "../axes.ts";
import type { tooltip } from "../details.ts";
import { inks } from "../look.ts";
import type { seriesChannels, styleChannel } from "../series-channels.ts";
import { isHovered, isLit } from "./names.ts";

export interface HeroChannels {
  readonly x: ReturnType<typeof lengthChannel>;
  readonly y: ReturnType<typeof logChannel>;
  readonly color: Unnamed<ReturnType<typeof seriesChannels>["color"]>;
  readonly shape: Unnamed<ReturnType<typeof seriesChannels>["shape"]>;
  /** Null if all lines have the same style. */
  readonly strokeDash: Unnamed<NonNullable<ReturnType<typeof styleChannel>>> | null;
  readonly tooltip: ReturnType<typeof tooltip>;
}

/** A channel without a legend: names stand at the ends of lines. */
type Unnamed<Channel> = Omit<Channel, "legend"> & { readonly legend: null };

/** Lines in grey, over them those that are lit with their bands and marks, over them the one under the pointer. */
export function lineLayers(
  channels: HeroChannels,
  { banded, points: single }: { readonly banded: boolean; readonly points: boolean },
) {
  const { x, y, color, shape, strokeDash, tooltip } = channels;
  const dash = strokeDash === null ? {} : { strokeDash };
  const detail = { field: "series", type: "nominal" as const };
  const line = (filter: string, width: number, emphasised = width) => ({
    transform: [{ filter }],
    mark: { type: "line" as const },
    encoding: {
      x,
      y,
      color,
      ...dash,
      strokeWidth: { condition: { test: "datum.emphasised", value: emphasised }, value: width },
    },
  });
  const points = (filter: string, size: number) => ({
    transform: [{ filter }],
    mark: { type: "point" as const, filled: true, size, opacity: 1 },
    encoding: { x, y, color, shape, tooltip },
  });
  return [
    {
      transform: [{ filter: `!(${isLit})` }],
      mark: { type: "line" as const, color: inks.line.light, strokeWidth: 1, opacity: 0.45 },
      encoding: { x, y, detail, ...dash },
    },
    // A line through one point would not be seen.
    ...(single
      ? [
          {
            transform: [{ filter: `!(${isLit}) && datum.single` }],
            mark: { type: "point" as const, filled: true, color: inks.line.light, size: 30, opacity: 0.45 },
            encoding: { x, y, tooltip },
          },
        ]
      : []),
    ...(banded
      ? [
          {
            transform: [{ filter: `${isLit} && isValid(datum.low)` }],
            mark: { type: "area" as const, opacity: 0.18 },
            encoding: { x, y: { ...y, field: "low" }, y2: { field: "high" }, color },
          },
        ]
      : []),
    line(isLit, 1.8, 3.5),
    points(isLit, 55),
    line(isHovered, 4.5),
    points(isHovered, 110),
  ];
}
