import { type BoundPattern, type Comb, measure, rowsOf } from "../core/pattern.ts";
import { remembered } from "../core/remembered.ts";
import { cutRows, widthOf } from "./cut-rows.ts";
import { MOST_LISTED } from "./key-lists.ts";

/** How a family computes: its tiles, and what gathering costs it. */
export interface TileCosts {
  /** Rows of a group. */
  readonly queries: number;
  /** Rows and keys of the smallest piece that a tile is computed in. */
  readonly panel: { readonly queries: number; readonly keys: number };
  /** What a gathered pair costs, in pairs of a tile. */
  readonly gathered: number;
}

/** Groups of rows that are examined. */
const SAMPLES = 16;

/** Classes of an order that are examined. */
const SAMPLED_CLASSES = 8;

/**
 * What a pair that a class computes costs, in the pairs that tiles in natural order are estimated by: keys of
 * classes are copied, and gathered keys of a class are near the core. Neighbourhood attention over 7 × 7 pixels,
 * of whose class pairs 0.68 are attended, takes 0.9 of the time gathered at 8k and 0.65 at 32k; swin, whose
 * classes are full, 1.5.
 */
const CLASS_PAIR = 3.7;

/**
 * Whether the rows of these heads are cheaper gathered key by key than computed in tiles, of which most would
 * be empty: estimated from some groups of rows, so that nothing is compiled to find out. Forms do not matter:
 * what they add costs a gathered pair no more than one of a tile.
 */
export function gathers(patterns: readonly BoundPattern[], costs: TileCosts): boolean {
  const known = new Map<BoundPattern, { pairs: number; tiled: number }>();
  let tiled = 0;
  let pairs = 0;
  for (const pattern of patterns) {
    const one = remembered(known, pattern, () => sampled(pattern, costs));
    tiled += one.tiled;
    pairs += one.pairs;
  }
  if (!(tiled > costs.gathered * pairs)) return false;
  return [...known.keys()].every((pattern) => pattern.pairs() <= MOST_LISTED);
}

/** Pairs of the sampled groups of rows, and those that their tiles would compute. */
function sampled(pattern: BoundPattern, costs: TileCosts): { pairs: number; tiled: number } {
  const rows = rowsOf(pattern);
  const groups = Math.ceil(rows / costs.queries);
  const taken = Math.min(groups, SAMPLES);
  let pairs = 0;
  let tiled = 0;
  const spread = spreadOfClasses(pattern, costs);
  // Full classes are as dense as tiles can be.
  const perClassPair = spread === 1 ? 1 : CLASS_PAIR * spread;
  for (let sample = 0; sample < taken; sample++) {
    // In the middle of each of as many equal parts: the first and last groups are often unlike the others.
    const from = Math.floor(((sample + 0.5) * groups) / taken) * costs.queries;
    const to = Math.min(from + costs.queries, rows);
    for (let row = from; row < to; row++) pairs += measure(pattern.intervals(row));
    tiled += perClassPair * pairsInClasses(pattern, from, to);
    const natural = pattern.gathered === undefined ? pattern : pattern.gathered.rest;
    if (natural !== null) tiled += runsTiled(natural, from, to, costs);
    for (const comb of pattern.combs) tiled += (to - from) * combTiled(comb, pattern.length, costs);
  }
  return { pairs, tiled };
}

/** Pairs of these rows that are in classes. */
function pairsInClasses({ runs, gathered }: BoundPattern, from: number, to: number): number {
  if (gathered === undefined) return 0;
  let pairs = 0;
  for (let row = from; row < to; row++) {
    pairs += measure(runs(row)) - measure(gathered.rest?.runs(row) ?? []);
  }
  return pairs;
}

/** How many pairs a class computes for each that is attended: more than one if its rows lie along its keys. */
function spreadOfClasses({ runs, gathered }: BoundPattern, { panel }: TileCosts): number {
  let pairs = 0;
  let computed = 0;
  for (const { classes } of gathered?.orders ?? []) {
    let left = SAMPLED_CLASSES;
    for (const { queries, reach } of classes()) {
      const from = Math.max(0, Math.floor((queries.length - panel.queries) / 2));
      const to = Math.min(from + panel.queries, queries.length);
      if (reach === undefined || to === from) return 1;
      computed += (to - from) * measure(reach(from, to));
      for (let at = from; at < to; at++) pairs += measure(runs(queries[at]));
      if (--left === 0) break;
    }
  }
  return pairs === 0 ? 1 : computed / pairs;
}

/** Pairs that the tiles of the runs of these rows span, cut into groups as the schedule would cut them. */
function runsTiled(pattern: BoundPattern, from: number, to: number, { queries, panel }: TileCosts): number {
  const keys = {
    rows: to - from,
    open: (low: number, high: number) => pattern.someRuns(from + low, from + high),
    full: (low: number, high: number) => pattern.everyRuns(from + low, from + high),
  };
  return cutRows(keys, queries, panel.queries).reduce((sum, group) => {
    const rows = Math.ceil((group.to - group.from) / panel.queries) * panel.queries;
    return sum + rows * widthOf(keys.open(group.from, group.to));
  }, 0);
}

/** Pairs that a row's share of the tiles of a comb spans: its class is dense, but may be of few members. */
function combTiled(comb: Comb, length: number, { panel, queries }: TileCosts): number {
  const stride = Math.min(comb.stride, length);
  const members = Math.ceil(length / stride);
  const reached =
    Math.floor(comb.left / stride) + Math.floor(comb.right / stride) + Math.min(members, queries);
  const keys = Math.ceil(Math.min(members, reached) / panel.keys) * panel.keys;
  return (keys * Math.ceil(members / panel.queries) * panel.queries) / members;
}
