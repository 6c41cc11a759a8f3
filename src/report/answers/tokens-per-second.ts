import { quotient } from "../../stats/quotient.ts";
import { formatCount, formatLength } from "../../text/format.ts";
import { generationOf } from "../generation.ts";
import type { Series } from "../series.ts";
import { isTimed } from "../speed-up.ts";

/**
 * How many tokens per second each series generates from nothing to its last measured position; null if none
 * was measured.
 */
export function tokensPerSecond(series: readonly Series[]): string | null {
  const rates = series
    .flatMap((one) => {
      const tokens = one.rows.findLast(isTimed)?.length;
      const time = tokens === undefined ? null : generationOf(one, tokens);
      const rate = quotient(tokens ?? null, time?.seconds ?? null);
      return tokens === undefined || time === null || rate === null ? [] : [{ one, tokens, time, rate }];
    })
    .sort((a, b) => b.tokens - a.tokens || b.rate - a.rate);
  const parts = [...Map.groupBy(rates.slice(0, MOST), ({ tokens }) => tokens)].map(([tokens, alike]) => {
    const told = alike.map(({ one, time, rate }) => {
      const [low, high] = [quotient(tokens, time.high), quotient(tokens, time.low)];
      const ends = low === null || high === null ? "" : ` (${formatCount(low)}–${formatCount(high)})`;
      return `${one.label} ${formatCount(rate)}${ends}`;
    });
    return `over the first ${formatLength(tokens)}: ${told.join("; ")}`;
  });
  if (parts.length === 0) return null;
  const more = rates.length > MOST ? [`${rates.length - MOST} more`] : [];
  return `Tokens per second from nothing, ${[...parts, ...more].join("; ")}.`;
}

/** Series listed one by one before the rest is counted. */
const MOST = 8;
