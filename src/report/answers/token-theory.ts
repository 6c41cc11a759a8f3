import type { MediansByCase } from "../../stats/round-medians.ts";
import { formatLength } from "../../text/format.ts";
import type { Series } from "../series.ts";
import { tokenExponentText, tokenGrowth } from "../token-growth.ts";

/** How the time of a token grows with its position P; null if no exponent could be fitted. */
export function tokenTheory(series: readonly Series[], times: MediansByCase): string | null {
  const fitted = series.flatMap((one) => {
    const { time, from, declared } = tokenGrowth(one, times);
    if (time === null) return [];
    const where = from === null ? "" : ` from ${formatLength(from)} on, where its keys stop growing`;
    return [`${one.label} as ${tokenExponentText(time)}${where}, declared ${declared}`];
  });
  if (fitted.length === 0) return null;
  const more = fitted.length > MOST ? [`${fitted.length - MOST} more in the table`] : [];
  return `Time of a token over position P grows: ${[...fitted.slice(0, MOST), ...more].join("; ")}.`;
}

/** Series listed one by one before the rest is counted. */
const MOST = 8;
