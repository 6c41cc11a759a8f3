import type { Numbers } from "../../../core/tensors.ts";
import { ROUTING_ROUNDS, type Routing, routingSizes } from "../declare.ts";
import {
  type Centres,
  centresAt,
  movedCentres,
  Nearness,
  type UnitRows,
  unitRows,
} from "./spherical-means.ts";

/** One head that is routed: queries and keys, `[length, headDim]` each, and the rows of both at which centres begin. */
export interface RoutedHead {
  readonly rule: Routing;
  readonly length: number;
  readonly headDim: number;
  readonly q: Numbers;
  readonly k: Numbers;
  readonly starts: Numbers;
}

/**
 * Of each round the centre of every query and then of every key, `[rounds, 2 · length]`; and the queries and keys that each
 * centre takes at the end, `[centres, window]`, rising.
 */
export interface Routes {
  readonly centres: Int32Array;
  readonly queries: Int32Array;
  readonly keys: Int32Array;
}

/** The routes of a head by the definition. */
export function routesOf(head: RoutedHead): Routes {
  const { length } = head;
  const { clusters, window } = routingSizes(head.rule, length);
  const rows = unitRows([head.q, head.k], head.headDim);
  const assigned = new Int32Array(ROUTING_ROUNDS * rows.count);
  let centres = centresAt(rows, head.starts, clusters);
  for (let first = 0; first < assigned.length; first += rows.count) {
    const own = assigned.subarray(first, first + rows.count);
    const near = new Nearness(rows, centres);
    for (let row = 0; row < rows.count; row++) {
      near.look(row);
      own[row] = near.nearest;
    }
    centres = movedCentres(rows, centres, own);
  }
  const taken = (from: number): Int32Array => {
    const all = new Int32Array(clusters * window);
    for (let centre = 0; centre < clusters; centre++) {
      const products = productsWith(rows, one(centres, rows.width, centre), from, length);
      const order = Array.from(products, (_, token) => token);
      order.sort((a, b) => products[b] - products[a] || a - b);
      all.set(
        order.slice(0, window).sort((a, b) => a - b),
        centre * window,
      );
    }
    return all;
  };
  return { centres: assigned, queries: taken(0), keys: taken(length) };
}

/** One of some centres. */
function one({ data, moved }: Centres, width: number, centre: number): Centres {
  const from = centre * width;
  return { count: 1, data: data.subarray(from, from + width), moved: moved.subarray(centre, centre + 1) };
}

/** Products of some rows with one centre; what is no number is the least. */
function productsWith(rows: UnitRows, centre: Centres, from: number, count: number): Float64Array {
  const near = new Nearness(rows, centre);
  return Float64Array.from({ length: count }, (_, token) => {
    near.look(from + token);
    return Number.isNaN(near.values[0]) ? Number.NEGATIVE_INFINITY : near.values[0];
  });
}

/** Products of a row and a centre that a judgement may take: some hundred milliseconds' worth for each part of it. */
const MOST_PRODUCTS = 4e6;

/** Why routes cannot be what a float32 kernel finds; null if they can be. Centres are those of the given assignments. */
export function whyNotRoutes(head: RoutedHead, routes: Routes): string | null {
  const { clusters } = routingSizes(head.rule, head.length);
  const rows = unitRows([head.q, head.k], head.headDim);
  let centres = centresAt(rows, head.starts, clusters);
  const stride = Math.max(1, Math.ceil((ROUTING_ROUNDS * rows.count * clusters) / MOST_PRODUCTS));
  for (let round = 0; round < ROUTING_ROUNDS; round++) {
    const own = routes.centres.subarray(round * rows.count, (round + 1) * rows.count);
    const outside = own.find((centre) => !(centre >= 0 && centre < clusters));
    if (outside !== undefined) {
      return `a centre must be one of ${clusters}, got ${outside} in round ${round}`;
    }
    // Where not all are looked at, others are in each round.
    const near = new Nearness(rows, centres);
    for (let row = round % stride; row < rows.count; row += stride) {
      near.look(row);
      const failure = whyNotNearest(near, row, own[row]);
      if (failure !== null) return `round ${round}: ${failure}`;
    }
    centres = movedCentres(rows, centres, own);
  }
  return (
    whyNotTaken(head, rows, centres, 0, routes.queries, "queries") ??
    whyNotTaken(head, rows, centres, head.length, routes.keys, "keys")
  );
}

/** Why the centre of the row that was looked at cannot be the nearest; null if it can be. */
function whyNotNearest(near: Nearness, row: number, own: number): string | null {
  const { nearest, values } = near;
  const by = values[nearest] - values[own];
  if (!(by > 0)) return null;
  const off = near.slack(row, own) + near.slack(row, nearest);
  if (!(by > off)) return null;
  return `row ${row} cannot be nearest to centre ${own}: ${nearest} is nearer by ${by.toPrecision(3)}; rounding explains ${off.toExponential(1)}`;
}

/** Why some centre cannot have taken these tokens, whose rows begin at `from`; null if they can all have. */
function whyNotTaken(
  { rule, length }: RoutedHead,
  rows: UnitRows,
  centres: Centres,
  from: number,
  taken: Int32Array,
  what: string,
): string | null {
  const { clusters, window } = routingSizes(rule, length);
  const stride = Math.max(1, Math.ceil((length * clusters) / MOST_PRODUCTS));
  for (let centre = 0; centre < clusters; centre++) {
    const own = taken.subarray(centre * window, (centre + 1) * window);
    for (const [place, token] of own.entries()) {
      if (token >= 0 && token < length && (place === 0 || own[place - 1] < token)) continue;
      return `the ${what} that centre ${centre} takes must be different tokens, rising, below ${length}, got ${token} in place ${place}`;
    }
    if (centre % stride !== 0) continue;
    const failure = whyNotBest(rows, one(centres, rows.width, centre), from, own, length);
    if (failure !== null) return `centre ${centre} cannot have taken these ${what}: ${failure}`;
  }
  return null;
}

/** Why these tokens cannot be the nearest to a centre; null if they can be. */
function whyNotBest(
  rows: UnitRows,
  centre: Centres,
  from: number,
  own: Int32Array,
  length: number,
): string | null {
  const isTaken = new Uint8Array(length);
  for (const token of own) isTaken[token] = 1;
  const near = new Nearness(rows, centre);
  const products = productsWith(rows, centre, from, length);
  let most = Number.NEGATIVE_INFINITY;
  let best = -1;
  for (let token = 0; token < length; token++) {
    if (isTaken[token] === 1 || !(products[token] > most)) continue;
    most = products[token];
    best = token;
  }
  for (const token of own) {
    const by = most - products[token];
    // What has no rank may be taken.
    if (!(by > 0) || by === Number.POSITIVE_INFINITY) continue;
    const off = near.slack(from + token, 0) + near.slack(from + best, 0);
    if (by > off)
      return `token ${best} is nearer than ${token}, by ${by.toPrecision(3)}; rounding explains ${off.toExponential(1)}`;
  }
  return null;
}

/** The keys of a query: those of all centres that took it, none later if it is causal. There may be none. */
export function routedKeys(
  { queries, keys }: Routes,
  window: number,
  query: number,
  causal: boolean,
): (key: number) => boolean {
  const routed = new Set<number>();
  for (const [place, taken] of queries.entries()) {
    if (taken !== query) continue;
    const first = Math.floor(place / window) * window;
    for (const key of keys.subarray(first, first + window)) if (!causal || key <= query) routed.add(key);
  }
  return (key) => routed.has(key);
}
