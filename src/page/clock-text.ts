import { formatSeconds } from "../text/format.ts";
import type { BrowserClock } from "./protocol.ts";

/** What a browser's clock can see, as a sentence. */
export function clockText({ step_s: step, leastSlot_s: least, isolated }: BrowserClock): string {
  const why = isolated
    ? "the page is isolated from others, so that it may see fine steps"
    : "the page is not isolated from others, so that the browser hides finer steps";
  return `Its clock steps every ${formatSeconds(step, 2)}: no measurement is shorter than ${formatSeconds(least, 2)} (${why}).`;
}
