import type { MediansByCase } from "../../stats/round-medians.ts";
import { formatLength, formatPercent, formatRatio } from "../../text/format.ts";
import { baselineOf, lengthsOf, type Series } from "../series.ts";
import { wordsFor } from "../words.ts";
import { mostGained, WORTHWHILE, worthAt, worthwhileFrom } from "../worth.ts";
import { crossingText } from "./crossing-text.ts";

/**
 * What faster attention makes of the layer at the longest length, the fastest attention first, and from which length
 * the layer gains; null if no layers were measured.
 */
export function worth(series: readonly Series[], times: MediansByCase): string | null {
  const length = lengthsOf(series).findLast((at) => series.some((one) => worthAt(one, at) !== null));
  if (length === undefined) return null;
  const words = wordsFor(series);
  const told = series
    .flatMap((one) => {
      const found = worthAt(one, length);
      return found === null ? [] : [{ one, found }];
    })
    .sort((a, b) => b.found.inner - a.found.inner);
  const parts = told.slice(0, MOST).map(({ one, found }, at) => {
    const [inner, layer] = [formatRatio(found.inner, 3), formatRatio(found.layer.ratio, 3)];
    const crossing = worthwhileFrom(one, times);
    const from = crossing === null ? "" : `, ${WORTHWHILE}× ${crossingText(crossing, words)}`;
    return at === 0
      ? `an attention ${inner} as fast as ${words.baseline}'s (${one.label}) makes the layer ${layer} as fast${from}`
      : `${inner} (${one.label}) makes it ${layer}${from}`;
  });
  const rest = told.length > MOST ? [`${told.length - MOST} more in the table`] : [];
  return `At ${formatLength(length)} ${[...parts, ...rest, ...bounds(told)].join("; ")}.`;
}

/** The most variants named in the sentence: the table has all of them. */
const MOST = 4;

/** What the projections leave to gain, for each baseline. */
function bounds(
  told: readonly { readonly one: Series; readonly found: { readonly share: number } }[],
): readonly string[] {
  const shares = new Map(
    told.map(({ one, found }) => [one.baseline?.label ?? baselineOf([one]), found.share]),
  );
  return [...shares].map(
    ([label, share]) =>
      `projections take ${formatPercent(share)} of the layer of ${label}, which leaves ${formatRatio(mostGained(share), 3)} at most`,
  );
}
