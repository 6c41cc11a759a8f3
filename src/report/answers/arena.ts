import { isBaseline } from "../../record/schema/baseline.ts";
import { formatLength, formatRatio } from "../../text/format.ts";
import { arenaOf, publishedAt } from "../arena.ts";
import { lengthsOf, type Series } from "../series.ts";
import { speedUp } from "../speed-up.ts";

/**
 * The speeds of Long Range Arena's models over full attention, the fastest first, beside those of its table 2, at the
 * longest length with both; null if there are too few of them.
 */
export function arena(series: readonly Series[]): string | null {
  const models = arenaOf(series).filter(({ series: one }) => !isBaseline(one));
  const lengths = lengthsOf(models.map((one) => one.series));
  const compared = (length: number) => models.some(({ model }) => publishedAt(model, length) !== null);
  const timed = lengths.filter((length) => models.some(({ series: one }) => speedUp(one, length) !== null));
  const length = timed.findLast(compared) ?? timed.at(-1);
  if (length === undefined) return null;
  const told = models
    .flatMap(({ series: one, model }) => {
      const ratio = speedUp(one, length)?.ratio;
      return ratio === undefined ? [] : [{ label: one.label, ratio, printed: publishedAt(model, length) }];
    })
    .sort((a, b) => b.ratio - a.ratio);
  const parts = told.slice(0, MOST).map(({ label, ratio, printed }) => {
    return `${label} ${formatRatio(ratio)}${printed === null ? "" : ` (${printed.ratio})`}`;
  });
  if (told.length > MOST) parts.push(`${told.length - MOST} more in the table`);
  const there = told.some(({ printed }) => printed !== null) ? " (there)" : "";
  return `Long Range Arena's models at ${formatLength(length)}, times as fast as full here${there}: ${parts.join("; ")}.`;
}

/** The most models named in the sentence: the table has all of them. */
const MOST = 12;
