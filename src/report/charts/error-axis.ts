import { FIDELITY_ROUNDING } from "../../record/schema/beside-mean.ts";
import { spanOf } from "./axes.ts";
import { formatError } from "./details.ts";
import { type PixelAxis, pixelAxis } from "./pixel-axis.ts";
import { digitsOf, labelExpression, logTicks } from "./ticks.ts";

/** A logarithmic axis of fidelity errors on which faithful is up. */
export interface ErrorAxis extends PixelAxis {
  /** Pixels from the end with the lower value; null for what has no error. */
  at(error: number | null): number;
  /** Where an error is drawn: all that are within rounding of nothing have one place, and those without an error. */
  drawn(error: number | null): number;
  /** Pixels beyond which there are only those without an error; null if there are none. */
  readonly floor: number | null;
  readonly channel: ReturnType<typeof channelOf>;
}

/** How far below the largest error, as a factor, those have their place that have none. */
const ABSENT_ROOM = 4;
/** How far above the least error those have their place that are full attention itself, as a factor. */
const EXACT_ROOM = 3;

/** The axis, so many pixels high, of the errors of some cases and of the mean of v against one thing. */
export function errorAxis(
  errors: readonly (number | null)[],
  means: readonly number[],
  { pixels, room, against }: { readonly pixels: number; readonly room: number; readonly against: string },
): ErrorAxis {
  const known = errors.filter((error) => error !== null);
  const real = [...known, ...means].filter((error) => error >= FIDELITY_ROUNDING);
  const [least, most] = real.length === 0 ? [1, 1] : spanOf(real);
  const exact = known.some((error) => error < FIDELITY_ROUNDING) ? least / EXACT_ROOM : null;
  const absent = known.length < errors.length ? most * ABSENT_ROOM : null;
  const axis = pixelAxis([exact ?? least, absent ?? most], pixels, room);
  const drawn = (error: number | null) => {
    if (error === null) return absent ?? most;
    return exact !== null && error < FIDELITY_ROUNDING ? exact : error;
  };
  return {
    domain: axis.domain,
    at: (error) => axis.at(drawn(error)),
    drawn,
    floor: absent === null ? null : axis.at(Math.sqrt(most) * Math.sqrt(absent)),
    channel: channelOf(axis, { exact, absent, least, most, against }),
  };
}

function channelOf(
  { domain: [low, high] }: PixelAxis,
  {
    exact,
    absent,
    least,
    most,
    against,
  }: {
    readonly exact: number | null;
    readonly absent: number | null;
    readonly least: number;
    readonly most: number;
    readonly against: string;
  },
) {
  const steps = logTicks(
    exact === null ? low : Math.sqrt(exact) * Math.sqrt(least),
    absent === null ? high : Math.sqrt(most) * Math.sqrt(absent),
  );
  const digits = digitsOf(steps, formatError);
  const ticks = [exact, ...steps, absent].filter((tick) => tick !== null);
  return {
    field: "error",
    type: "quantitative" as const,
    title: `relative error against ${against}`,
    scale: { type: "log" as const, nice: false, domain: [high, low] },
    axis: {
      values: ticks,
      labelExpr: labelExpression(ticks, (tick) => {
        if (tick === absent) return "n/a";
        return tick === exact ? "exact" : formatError(tick, digits);
      }),
    },
  };
}
