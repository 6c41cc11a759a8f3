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
  for (let sample = 0; sample < taken; sample++) {
    // In the middle of each of as many equal parts: the first and last groups are often unlike the others.
    const from = Math.floor(((sample + 0.5) * groups) / taken) * costs.queries;
    const to = Math.min(from + costs.queries, rows);
    for (let row = from; row < to; row++) pairs += measure(pattern.intervals(row));
    tiled += classesTiled(pattern, from, to);
    const natural = pattern.gathered === undefined ? pattern : pattern.gathered.rest;
    if (natural !== null) tiled += runsTiled(natural, from, to, costs);
    for (const comb of pattern.combs) tiled += (to - from) * combTiled(comb, pattern.length, costs);
  }
  return { pairs, tiled };
}

/** Pairs of these rows that are in classes, which are dense: their tiles are taken to be full. */
function classesTiled(pattern: BoundPattern, from: number, to: number): number {
  const { gathered } = pattern;
  if (gathered === undefined) return 0;
  let pairs = 0;
  for (let row = from; row < to; row++) {
    pairs += measure(pattern.runs(row)) - measure(gathered.rest?.runs(row) ?? []);
  }
  return pairs;
}

/** Pairs that the tiles of the runs of these rows span, cut into groups as the schedule would cut them. */
function runsTiled(pattern: BoundPattern, from: number, to: number, { queries, panel }: TileCosts): number {
  const keys = {
    rows: to - from,
    open: (low: number, high: number) => pattern.someRuns(from + low, from + high),
    full: (low: number, high: number) => pattern.everyRuns(from + low, from + high),
  };
  return cutRows(keys, queries).reduce((sum, group) => {
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
