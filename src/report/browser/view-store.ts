import { type Actions, type FileData, type Follower, type Shown, shownOf, type View } from "./view.ts";

/** The view of a results file, which charts, tables and forms follow. */
export interface ViewStore extends Actions {
  /** What was asked last, which followers may hear of only later. */
  readonly view: View;
  change(change: Partial<View>): void;
  /** Follows from now on, and at once. */
  add(follower: Follower): void;
}

/** Changes are told together, when `later` calls back: a slider moves faster than anybody sees. */
export function viewStore(
  file: FileData,
  start: View,
  later: (tell: () => void) => void = requestAnimationFrame,
): ViewStore {
  const followers: Follower[] = [];
  let shown = shownOf(file, start);
  let { view } = shown;
  const tell = () => {
    // Pointing changes nothing but itself, and happens all the time.
    shown = isSame(view, shown.view) ? { ...shown, view } : withSame(shown, shownOf(file, view));
    for (const follower of followers) follower.follow(shown);
  };
  const change = (change: Partial<View>) => {
    const isFirst = view === shown.view;
    view = { ...view, ...change };
    if (isFirst) later(tell);
  };
  return {
    get view() {
      return view;
    },
    change,
    add(follower) {
      followers.push(follower);
      follower.follow(shown);
    },
    hover(place) {
      if (place !== view.hovered) change({ hovered: place });
    },
    find(places) {
      change({ found: places === null ? null : new Set(places) });
    },
    choose(places) {
      change({ chosen: turned(view.chosen, places) });
    },
  };
}

/** Whether two views differ at most in what is pointed at. */
function isSame(a: View, b: View): boolean {
  return (
    a.n === b.n &&
    a.conditions === b.conditions &&
    a.chosen === b.chosen &&
    a.only === b.only &&
    a.found === b.found
  );
}

/** With what is as it was, so that a follower sees at once that it need not do anything. */
function withSame({ hidden, ranking }: Shown, after: Shown): Shown {
  if (hidden.symmetricDifference(after.hidden).size > 0) return after;
  return ranking.length === after.ranking.length ? { ...after, hidden, ranking } : { ...after, hidden };
}

/** The set without these, if all of them were in it, else with all of them. */
export function turned(set: ReadonlySet<number>, places: readonly number[]): ReadonlySet<number> {
  return places.every((place) => set.has(place))
    ? set.difference(new Set(places))
    : set.union(new Set(places));
}
