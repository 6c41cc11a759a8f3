import type { FoundChange } from "./check-changes.ts";

/** That nearly all cells of a machine changed alike at about one commit: a machine does so more often than code. */
export interface MovedTogether {
  readonly machine: string;
  readonly direction: "slower" | "faster";
  /** Where most of them changed. */
  readonly commit: string;
  /** How many cells changed, of how many that were judged. */
  readonly cells: number;
  readonly judged: number;
}

/** Cells that a machine must have for most of them to say anything. */
const FEWEST = 5;

/** The part of a machine's cells that is nearly all of them. */
const NEARLY_ALL = 0.8;

/**
 * Which machines' cells moved alike: of each machine and direction, the commit near which most cells changed, if these are
 * nearly all. `judged` are the series of each machine that could be judged, `order` all commits, oldest first; a change is
 * near a commit if what it may have come with is at most `near` commits away.
 */
export function movedTogether(
  changes: readonly FoundChange[],
  judged: ReadonlyMap<string, number>,
  order: readonly string[],
  near: number,
): readonly MovedTogether[] {
  const position = new Map(order.map((commit, at) => [commit, at]));
  const at = (commit: string) => position.get(commit) ?? -1;
  const spread = changes.map((found): Spread => {
    const { series, change } = found;
    const [from, to] = change.between;
    return {
      found,
      from: at(series.points[from - 1].commit) + 1 - near,
      to: at(series.points[to].commit) + near,
    };
  });
  return [...judged]
    .filter(([, count]) => count >= FEWEST)
    .flatMap(([machine, count]) =>
      (["slower", "faster"] as const).flatMap((direction) => {
        const alike = spread.filter(
          ({ found: { series, change } }) =>
            series.machine === machine && change.ratio > 1 === (direction === "slower"),
        );
        const most = mostAtOnce(alike);
        const cells = cellsOf(most);
        return cells < NEARLY_ALL * count
          ? []
          : [{ machine, direction, commit: usualFirst(most), cells, judged: count }];
      }),
    );
}

/** A change, and the positions of commits that it is near. */
interface Spread {
  readonly found: FoundChange;
  readonly from: number;
  readonly to: number;
}

/** Those that are near one commit, for the commit near which most cells changed: the start of some spread is one. */
function mostAtOnce(all: readonly Spread[]): readonly Spread[] {
  let most: readonly Spread[] = [];
  for (const start of new Set(all.map(({ from }) => from))) {
    const here = all.filter(({ from, to }) => from <= start && start <= to);
    if (cellsOf(here) > cellsOf(most)) most = here;
  }
  return most;
}

function cellsOf(all: readonly Spread[]): number {
  return new Set(all.map(({ found }) => found.series.cell)).size;
}

/** The commit that most changes are placed at. */
function usualFirst(all: readonly Spread[]): string {
  const groups = Map.groupBy(all, ({ found }) => found.change.first);
  return [...groups].reduce((a, b) => (b[1].length > a[1].length ? b : a))[0];
}
