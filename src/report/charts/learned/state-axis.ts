import { formatCount } from "../../../text/format.ts";
import { spanOf } from "../axes.ts";
import { type PixelAxis, pixelAxis } from "../pixel-axis.ts";
import { digitsOf, labelExpression, logTicks } from "../ticks.ts";

/** A logarithmic axis of state numbers, with a place at its right for those that have no state. */
export interface StateAxis {
  /** Pixels from the left. */
  at(state: number | null): number;
  /** Where a state is drawn. */
  drawn(state: number | null): number;
  readonly channel: ReturnType<typeof channelOf>;
}

/** How far beyond the largest state, as a factor, those have their place that have none. */
const ABSENT_ROOM = 4;
/** Pixels at both ends. */
const ROOM = 30;

/** The axis, so many pixels wide, of some states; null, and 0, are none. */
export function stateAxis(states: readonly (number | null)[], pixels: number): StateAxis {
  const known = states.filter(isState);
  const [least, most] = known.length === 0 ? [1, 1] : spanOf(known);
  const absent = known.length < states.length ? Math.min(most * ABSENT_ROOM, Number.MAX_VALUE) : null;
  const axis = pixelAxis([least, absent ?? most], pixels, ROOM);
  const drawn = (state: number | null) => (isState(state) ? state : (absent ?? most));
  return { drawn, at: (state) => axis.at(drawn(state)), channel: channelOf(axis, most, absent) };
}

function isState(state: number | null): state is number {
  return state !== null && state > 0;
}

function channelOf({ domain: [low, high] }: PixelAxis, most: number, absent: number | null) {
  const steps = logTicks(low, absent === null ? high : Math.sqrt(most) * Math.sqrt(absent));
  const digits = digitsOf(steps, formatCount);
  const ticks = [...steps, ...(absent === null ? [] : [absent])];
  return {
    field: "state",
    type: "quantitative" as const,
    title: "numbers of state a layer",
    scale: { type: "log" as const, nice: false, domain: [low, high] },
    axis: {
      values: ticks,
      labelExpr: labelExpression(ticks, (tick) => (tick === absent ? "none" : formatCount(tick, digits))),
    },
  };
}
