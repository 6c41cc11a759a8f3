import { valueText } from "../../curves.ts";
import { spanOf } from "../axes.ts";
import { pixelAxis } from "../pixel-axis.ts";
import { labelExpression } from "../ticks.ts";

/** The axis of a parameter's values. */
export interface ValueAxis {
  /** Pixels from its left end. */
  at(value: number): number;
  readonly channel: ReturnType<typeof channelOf>;
}

/**
 * The axis, so many pixels long, with a tick at every value: logarithmic if all are positive, linear up to the least of
 * the others if there is a zero, and linear if there is one below.
 */
export function valueAxis(
  values: readonly number[],
  title: string,
  { pixels, room }: { readonly pixels: number; readonly room: number },
): ValueAxis {
  const ticks = [...new Set(values)].sort((a, b) => a - b);
  const [least, most] = spanOf(values);
  if (least > 0) {
    const axis = pixelAxis(values, pixels, room);
    return {
      at: axis.at,
      channel: channelOf(ticks, title, { type: "log", base: 2, domain: [...axis.domain] }),
    };
  }
  const constant = least < 0 ? null : spanOf(ticks.filter((tick) => tick > 0))[0];
  const bent = (value: number) => (constant === null ? value : Math.log1p(value / constant));
  const inner = pixels - 2 * room;
  return {
    at: (value) => room + (inner * (bent(value) - bent(least))) / (bent(most) - bent(least)),
    channel: channelOf(ticks, title, {
      ...(constant === null ? { type: "linear" } : { type: "symlog", constant }),
      domain: [least, most],
      padding: room,
    }),
  };
}

interface Scale {
  readonly type: "log" | "symlog" | "linear";
  readonly base?: number;
  readonly constant?: number;
  readonly domain: number[];
  readonly padding?: number;
}

function channelOf(ticks: number[], title: string, scale: Scale) {
  return {
    field: "value",
    type: "quantitative" as const,
    title,
    scale: { ...scale, nice: false },
    axis: {
      values: ticks,
      labelExpr: labelExpression(ticks, valueText),
      labelOverlap: "greedy" as const,
      labelSeparation: 5,
    },
  };
}
