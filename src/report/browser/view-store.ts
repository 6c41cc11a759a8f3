import { type Actions, type FileData, type Follower, type Shown, shownOf, type View } from "./view.ts";

/** The view of a results file, which charts, tables and forms follow. */
export interface ViewStore extends Actions {
  readonly shown: Shown;
  change(change: Partial<View>): void;
  /** Follows from now on, and at once. */
  add(follower: Follower): void;
}

export function viewStore(file: FileData, start: View): ViewStore {
  const followers: Follower[] = [];
  let shown = shownOf(file, start);
  const change = (change: Partial<View>) => {
    const view = { ...shown.view, ...change };
    // Pointing changes nothing but itself, and happens all the time.
    const same = Object.keys(change).every((key) => key === "hovered");
    shown = same ? { ...shown, view } : withSame(shown, shownOf(file, view));
    for (const follower of followers) follower.follow(shown);
  };
  return {
    get shown() {
      return shown;
    },
    change,
    add(follower) {
      followers.push(follower);
      follower.follow(shown);
    },
    hover(place) {
      if (place !== shown.view.hovered) change({ hovered: place });
    },
    choose(places) {
      change({ chosen: turned(shown.view.chosen, places) });
    },
  };
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
