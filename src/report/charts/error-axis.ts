import { FIDELITY_ROUNDING } from "../../record/schema/beside-mean.ts";
import { spanOf } from "./axes.ts";
import { formatError } from "./details.ts";
import { type PixelAxis, pixelAxis } from "./pixel-axis.ts";
import { digitsOf, labelExpression, logTicks } from "./ticks.ts";

/** A logarithmic axis of fidelity errors on which faithful is up. */
export interface ErrorAxis extends PixelAxis {
  /** Where an error is drawn: all that are within rounding of nothing have one place. */
  drawn(error: number): number;
  readonly channel: ReturnType<typeof channelOf>;
}

/** How far above the least error those have their place that are full attention itself, as a factor. */
const EXACT_ROOM = 3;

/** The axis, so many pixels high, of the errors of some cases and of the mean of v against one thing. */
export function errorAxis(
  errors: readonly number[],
  means: readonly number[],
  { pixels, room, against }: { readonly pixels: number; readonly room: number; readonly against: string },
): ErrorAxis {
  const real = [...errors, ...means].filter((error) => error >= FIDELITY_ROUNDING);
  const [least, most] = real.length === 0 ? [1, 1] : spanOf(real);
  const exact = errors.some((error) => error < FIDELITY_ROUNDING) ? least / EXACT_ROOM : null;
  const axis = pixelAxis([exact ?? least, most], pixels, room);
  const drawn = (error: number) => (exact !== null && error < FIDELITY_ROUNDING ? exact : error);
  return {
    domain: axis.domain,
    at: (error) => axis.at(drawn(error)),
    drawn,
    channel: channelOf(axis, { exact, least, against }),
  };
}

function channelOf(
  { domain: [low, high] }: PixelAxis,
  {
    exact,
    least,
    against,
  }: { readonly exact: number | null; readonly least: number; readonly against: string },
) {
  const steps = logTicks(exact === null ? low : Math.sqrt(exact) * Math.sqrt(least), high);
  const digits = digitsOf(steps, formatError);
  const ticks = exact === null ? [...steps] : [exact, ...steps];
  return {
    field: "error",
    type: "quantitative" as const,
    title: `relative error against ${against}`,
    scale: { type: "log" as const, nice: false, domain: [high, low] },
    axis: {
      values: ticks,
      labelExpr: labelExpression(ticks, (tick) => (tick === exact ? "exact" : formatError(tick, digits))),
    },
  };
}
