import { litLines } from "../charts/hero/lit.ts";
import { type ConditionId, type Conditions, meeting, NO_CONDITIONS } from "../ranking/conditions.ts";
import type { Entry, Ranking } from "../ranking/entry.ts";
import { measuredLengths, usualLength } from "../ranking/lengths.ts";
import { rankingAt } from "../ranking/ranking-at.ts";

/** What the page knows of a results file. */
export interface FileData {
  /** What speeds are over, in words. */
  readonly baseline: string;
  /** What its first screen is about. */
  readonly unit: Entry["unit"];
  readonly entries: readonly Entry[];
}

/** What a reader asked to see of a results file. */
export interface View {
  /** The length of the ranking. */
  readonly n: number;
  readonly conditions: Conditions;
  /** Places of the entries that are lit because the reader chose them. */
  readonly chosen: ReadonlySet<number>;
  /** Whether these alone are shown. */
  readonly only: boolean;
  /** Places of the entries that the reader searches for; null if for none. */
  readonly found: ReadonlySet<number> | null;
  /** The place of the entry under the pointer or the focus; null if there is none. */
  readonly hovered: number | null;
}

/** A view, and what follows from it. */
export interface Shown {
  readonly view: View;
  /** Places of the entries that are not shown. A new set only where it differs from the last. */
  readonly hidden: ReadonlySet<number>;
  /** The entries of the first screen that are shown, at the view's length. A new one only where it differs. */
  readonly ranking: Ranking;
  /** The same of all entries of the first screen, whether they are shown or not. */
  readonly all: Ranking;
  /**
   * Places of the entries whose lines are coloured, no more than are told apart: the baseline, those chosen, and those
   * searched for, else the fastest.
   */
  readonly lit: readonly number[];
}

/** A chart, a table or a form, which shows what the view says. */
export interface Follower {
  follow(shown: Shown): void;
}

/** What a reader does in a chart or a table. */
export interface Actions {
  /** Points at an entry; null for none. */
  hover(place: number | null): void;
  /** Lights these entries, or no longer if all of them are lit. */
  choose(places: readonly number[]): void;
  /** Searches for entries, which are these; null if for none. */
  find(places: readonly number[] | null): void;
}

/** What is seen first; null if no entry of the first screen has a time. */
export function startOf(file: FileData): View | null {
  const n = usualLength(ranked(file));
  return n === null
    ? null
    : { n, conditions: NO_CONDITIONS, chosen: new Set(), only: false, found: null, hovered: null };
}

/** The entries that the first screen is about. */
export function ranked({ entries, unit }: FileData): readonly Entry[] {
  return entries.filter((entry) => entry.unit === unit);
}

/** The shortest and the longest length that a ranking can be asked for. */
export function reachOf(file: FileData): readonly [shortest: number, longest: number] {
  const lengths = measuredLengths(ranked(file));
  return [lengths[0], lengths[lengths.length - 1]];
}

/**
 * What follows from a view. Memory and error are asked of the entries of the first screen alone, as others have other
 * lengths; of the others those are shown whose variant is chosen, if only these are.
 */
export function shownOf(file: FileData, view: View): Shown {
  const { chosen, only, conditions } = view;
  const all = rankingAt(ranked(file), view.n);
  const first = new Set(meetingAt(all, conditions).filter(({ place }) => !only || chosen.has(place)));
  const others = file.entries.filter(({ unit }) => unit !== file.unit);
  const variants = new Set(
    file.entries.filter(({ place }) => chosen.has(place)).map(({ variant }) => variant),
  );
  const rest = meeting(others, { ...conditions, memory: null, error: null }, () => null).filter(
    ({ variant }) => !only || variants.has(variant),
  );
  const isFirst = ({ entry }: { readonly entry: Entry }) => first.has(entry);
  const ranking = { ...all, ranked: all.ranked.filter(isFirst), unranked: all.unranked.filter(isFirst) };
  // What others are compared with stays in sight.
  const seen = new Set([...first, ...rest].flatMap(({ place, baseline }) => [place, baseline ?? place]));
  const isSeen = ({ entry }: { readonly entry: Entry }) => seen.has(entry.place);
  return {
    view,
    hidden: new Set(file.entries.map(({ place }) => place).filter((place) => !seen.has(place))),
    ranking,
    all,
    lit: litAmong({ ranked: all.ranked.filter(isSeen), unranked: all.unranked.filter(isSeen) }, view),
  };
}

function litAmong(
  { ranked, unranked }: Pick<Ranking, "ranked" | "unranked">,
  { chosen, found }: View,
): readonly number[] {
  const entries = [...ranked, ...unranked].map(({ entry }) => entry);
  const lines = entries.map(({ place, baseline }, at) => ({
    place,
    first: chosen.has(place) || baseline === place,
    seconds: ranked[at]?.time.value ?? null,
  }));
  const asked = lines.filter(({ place, first }) => first || found === null || found.has(place));
  return litLines(asked).map((at) => asked[at].place);
}

/** How many entries of the first screen meet the conditions if of this one the value alone is chosen. */
export function countIf({ all, view: { conditions } }: Shown, id: ConditionId, value: string): number {
  const chosen = new Map(conditions.chosen).set(id, new Set([value]));
  return meetingAt(all, { ...conditions, chosen }).length;
}

/** The entries of a ranking that meet the conditions. */
function meetingAt({ ranked, unranked }: Ranking, conditions: Conditions): readonly Entry[] {
  const at = new Map(ranked.map((one) => [one.entry, one]));
  const entries = [...ranked, ...unranked].map(({ entry }) => entry);
  return meeting(entries, conditions, (entry) => at.get(entry) ?? null);
}
