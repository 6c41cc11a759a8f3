import { median } from "../../stats/median.ts";
import { type Html, html, Html as Markup } from "../../text/html.ts";
import type { ViewedSeries } from "./view.ts";

/** Units of the drawing; the page's style says how large it is shown. */
const WIDTH = 240;
const HEIGHT = 44;
const MARGIN = 5;

/** Columns that a series is drawn in at most: with more points, each shows the range of several. */
const COLUMNS = 120;

/** Parts of the axis that a machine must have missed for its line to be broken there. */
const BREAK = 1 / 24;

/**
 * A series as a small picture: its points as a line, or a band of their ranges if they are many; its levels; and a
 * triangle at each change, pointing up where times rose. Commits go from left to right over the whole history, so that
 * pictures below one another show the same commits, and what was measured on another machine is a gap. The vertical
 * axis is logarithmic and each picture's own. Everything that it says is in the text beside it: screen readers skip it.
 */
export function sparkline({ series, changes }: ViewedSeries, position: ReadonlyMap<string, number>): Html {
  const { points } = series;
  const logs = points.map(({ median_s }) => Math.log(median_s));
  const last = Math.max(1, position.size - 1);
  const x = (index: number) => {
    const at = position.get(points[index].commit) ?? 0;
    return round(MARGIN + ((WIDTH - 2 * MARGIN) * at) / last);
  };
  const y = heights(logs);
  const edges = [0, ...changes.map(({ change }) => change.index), points.length];
  const levels = edges.slice(1).map((to, level) => {
    const from = edges[level];
    const height = y(median(logs.slice(from, to)));
    return `M${x(from)} ${height}H${Math.max(x(to - 1), x(from) + 1)}`;
  });
  const runs = unbroken(points.length, (index) => x(index));
  return html`<svg class="spark" viewBox="0 0 ${WIDTH} ${HEIGHT}" aria-hidden="true" focusable="false">${runs.map(([from, to]) => rangeOf(logs, from, to, x, y))}<path class="level" d="${new Markup(levels.join(""))}"/>${changes.map(
    (one) => marker(one.change.ratio > 1, one.accepted !== null, x(one.change.index)),
  )}</svg>`;
}

/**
 * The height of a logarithm: of the points all but the one in fifty at each end lie within, and levels always. What
 * lies beyond is drawn at the edge. A series that hardly moves is not blown up: 4 % fill the picture at most.
 */
function heights(logs: readonly number[]): (log: number) => number {
  const sorted = logs.toSorted((a, b) => a - b);
  const cut = Math.floor(sorted.length / 50);
  let [low, high] = [sorted[cut], sorted[sorted.length - 1 - cut]];
  const middle = (low + high) / 2;
  const half = Math.max((high - low) / 2, Math.log1p(0.02));
  [low, high] = [middle - half, middle + half];
  const top = MARGIN + 6;
  return (log) => {
    const share = Math.min(1, Math.max(0, (log - low) / (high - low)));
    return round(HEIGHT - MARGIN - share * (HEIGHT - MARGIN - top));
  };
}

/** Stretches of points, from and to, within which no machine's break is. */
function unbroken(count: number, x: (index: number) => number): readonly (readonly [number, number])[] {
  const runs: [number, number][] = [];
  for (let index = 0, from = 0; index < count; index++) {
    if (index + 1 < count && x(index + 1) - x(index) <= BREAK * WIDTH) continue;
    runs.push([from, index + 1]);
    from = index + 1;
  }
  return runs;
}

/** A line through few points, or a band over the columns of many. */
function rangeOf(
  logs: readonly number[],
  from: number,
  to: number,
  x: (index: number) => number,
  y: (log: number) => number,
): Html {
  const columns = Map.groupBy(
    Array.from({ length: to - from }, (_, at) => from + at),
    (index) => Math.round((x(index) * COLUMNS) / WIDTH),
  );
  if (columns.size > (to - from) / 2) {
    const path = Array.from({ length: to - from }, (_, at) => `${x(from + at)} ${y(logs[from + at])}`);
    // A single point is a dot: a line of no length with round ends.
    return html`<path class="points" d="${new Markup(`M${path.join("L")}${path.length === 1 ? "h0" : ""}`)}"/>`;
  }
  const sides = [...columns.values()].map((indices) => {
    const inColumn = indices.map((index) => logs[index]);
    return {
      x: x(indices[0]),
      top: y(inColumn.reduce((a, b) => Math.max(a, b))),
      bottom: y(inColumn.reduce((a, b) => Math.min(a, b))),
    };
  });
  const above = sides.map((one) => `${one.x} ${one.top}`);
  const below = sides.toReversed().map((one) => `${one.x} ${one.bottom}`);
  return html`<path class="band" d="${new Markup(`M${above.join("L")}L${below.join("L")}z`)}"/>`;
}

/** A triangle at the top, with a line down to the bottom. */
function marker(isSlower: boolean, isAccepted: boolean, x: number): Html {
  const shape = isSlower ? `M${x - 4} 8h8l-4-7z` : `M${x - 4} 1h8l-4 7z`;
  const kind = isAccepted ? "known" : isSlower ? "slow" : "fast";
  return html`<path class="mark ${kind}" d="${new Markup(`${shape}M${x} 8V${HEIGHT - 2}`)}"/>`;
}

/** To a tenth, which no screen shows. */
function round(value: number): number {
  return Math.round(10 * value) / 10;
}
