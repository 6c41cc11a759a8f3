import { isBaseline } from "../../record/schema/baseline.ts";
import type { MediansByCase } from "../../stats/round-medians.ts";
import { named } from "../../text/cut-text.ts";
import { byLength, type Crossing, crossingOf } from "../crossing.ts";
import type { Series } from "../series.ts";
import { wordsFor } from "../words.ts";
import { crossingText } from "./crossing-text.ts";

/**
 * From which length on each series is faster than the baseline; null if none was measured together with it.
 */
export function pays(series: readonly Series[], times: MediansByCase): string | null {
  const compared = series
    .filter((one) => !isBaseline(one) && !one.operation.ofBaselineAlone)
    .flatMap((one) => {
      const crossing = crossingOf(one, times);
      return crossing === null ? [] : [{ one, crossing, first: firstCall(one, times) ?? crossing }];
    });
  if (compared.length === 0) return null;
  const words = wordsFor(series);
  const groups = Map.groupBy(compared, ({ crossing, first }) =>
    isAlike(crossing, first)
      ? crossingText(crossing, words)
      : `${crossingText(crossing, words)} (with prepare time ${crossingText(first, words, false)})`,
  );
  const parts = [...groups]
    .sort(([, [a]], [, [b]]) => byLength(a.crossing, b.crossing))
    .map(([text, members]) => ({ text: `${namesOf(members)} ${text}`, members }));
  const intro = `${words.faster}: `;
  const room = MOST_CHARACTERS - intro.length;
  const told = fitting(
    parts.slice(0, MOST_PARTS).map(({ text }) => text),
    room,
  );
  const left = parts.slice(told.length).flatMap(({ members }) => members);
  const never = left.filter(({ crossing }) => crossing.kind === "never").length;
  const rest = [
    ...(left.length > never ? [`and ${left.length - never} more`] : []),
    ...(never > 0 ? [`${never} more ${words.notAtLast}`] : []),
  ];
  return `${intro}${[...told, ...rest].join("; ")}.`;
}

/** The most variants per length, and lengths, in a sentence: the table has all of them. */
const MOST_NAMES = 8;
const MOST_PARTS = 8;
/** Characters of the names of one length, and of a sentence, which with its setting is then nowhere cut in the middle. */
const MOST_OF_NAMES = 200;
const MOST_CHARACTERS = 400;

function namesOf(members: readonly { readonly one: Series }[]): string {
  const labels = members.map(({ one }) => one.label);
  return named(labels, fitting(labels.slice(0, MOST_NAMES), MOST_OF_NAMES).length);
}

/** The first of some items that, listed, take no more characters than these; one at least. */
function fitting(items: readonly string[], characters: number): readonly string[] {
  let taken = 0;
  const most = items.findIndex((item) => {
    taken += item.length + 2;
    return taken > characters;
  });
  return most === -1 ? items : items.slice(0, Math.max(1, most));
}

/** The same for a call that must first be prepared; what is prepared for a step serves all that follow. */
function firstCall(series: Series, times: MediansByCase): Crossing | null {
  return series.operation.keepsState ? null : crossingOf(series, times, "with prepare");
}

/** Whether it makes no difference to a reader that the kernel has to be prepared. */
function isAlike(calls: Crossing, first: Crossing): boolean {
  if (calls.kind !== first.kind) return false;
  const [a, b] = [calls.crossover?.length ?? 1, first.crossover?.length ?? 1];
  return Math.abs(Math.log(b / a)) < 0.05;
}
