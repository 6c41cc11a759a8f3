import { formatLength } from "../../text/format.ts";
import type { Entry, Measured, Point, Ranked, Ranking, Unranked } from "./entry.ts";
import { readOff } from "./read-off.ts";

// Runs in the page as well: imports nothing that needs Node.

/**
 * Entries at a length, the fastest first. A length between two that were measured is read off between them; outside of
 * what was measured, or beside a case that has no time, an entry is not ranked.
 */
export function rankingAt(entries: readonly Entry[], length: number): Ranking {
  const placed = entries.map((entry) => placedAt(entry, length));
  const ranked = placed.filter((one) => "time" in one);
  return {
    length,
    ranked: ranked.toSorted((a, b) => a.time.value - b.time.value || a.entry.place - b.entry.place),
    unranked: placed.filter((one) => "why" in one),
  };
}

function placedAt(entry: Entry, length: number): Ranked | Unranked {
  const { points, gaps } = entry;
  const exact = points.find((point) => point.length === length);
  if (exact !== undefined) return { ...exact, entry, measured: true };
  const failed = gaps.find((gap) => gap.length === length);
  if (failed !== undefined) return { entry, why: failed.outcome };
  const after = points.findIndex((point) => point.length > length);
  if (points.length === 0) return { entry, why: "not measured" };
  if (after === -1) return { entry, why: `measured to ${formatLength(points[points.length - 1].length)}` };
  if (after === 0) return { entry, why: `measured from ${formatLength(points[0].length)}` };
  const [left, right] = [points[after - 1], points[after]];
  const between = gaps.find((gap) => left.length < gap.length && gap.length < right.length);
  if (between !== undefined) return { entry, why: `${between.outcome} at ${between.length}` };
  return { ...pointBetween(points, after, length), entry, measured: false };
}

/** The point at a length between the point at this index and the one before it. */
function pointBetween(points: readonly Point[], after: number, length: number): Point {
  // Neighbours, and one more on each side to tell how the curve bends.
  const near = points.slice(Math.max(0, after - 2), after + 2);
  const read = (of: (point: Point) => Measured | null) =>
    readOff(
      near.map((point) => ({ length: point.length, measured: of(point) })),
      length,
    );
  const number = (of: (point: Point) => number | null) =>
    read((point) => {
      const value = of(point);
      return value === null ? null : { value, low: null, high: null };
    })?.value ?? null;
  const time = read((point) => point.time);
  if (time === null) throw new RangeError("rankingAt: neighbours must have been measured");
  return {
    length,
    time,
    gain: read((point) => point.gain),
    memory: number((point) => point.memory),
    state: number((point) => point.state),
    error: number((point) => point.error),
    saved: number((point) => point.saved),
  };
}
