import { completeEdges, type Edges, MOST_EDGES, nodesOf, type RawEdges } from "../core/edges.ts";
import type { BoundPattern, Intervals, Pattern } from "../core/pattern.ts";
import { hashText, type RandomStream, randomStream } from "../core/random.ts";
import type { Quantity } from "../core/table-one.ts";
import { everything } from "./band.ts";
import { bound } from "./bound.ts";
import { checkCount } from "./check-count.ts";

/**
 * The edges of a given graph: a query attends the nodes that its row names, and itself. Rows may be unsorted
 * and name a node twice. Throws a UsageError if they are no rows of a graph.
 */
export function edges(given: RawEdges): Pattern {
  return edgesOf(completeEdges(given));
}

/** The same of rows that are complete. */
export function edgesOf(graph: Edges): Pattern {
  const nodes = nodesOf(graph);
  return {
    text: `edges(${nodes} nodes, ${graph.indices.length} edges)`,
    ...GRAPH,
    terms: () => ({ keys: { text: "|E|/N", letters: { "|E|": graph.indices.length } }, path: DIAMETER }),
    whyNot: (length) =>
      length === nodes
        ? null
        : `has ${nodes} nodes, and as many tokens are needed, got ${length}; choose that length`,
    bind: ({ length }) => boundRows(length, () => (length === nodes ? graph : cut(graph, length))),
  };
}

/**
 * Every node attends itself and `degree` distinct others, drawn uniformly; all of them if there are fewer. A
 * call that gives edges of its own has them in the place of these.
 */
export function drawnEdges(degree: number, seed: number): Pattern {
  checkCount("drawnEdges", "degree", degree, 0, Number.MAX_SAFE_INTEGER);
  const edgesAt = (length: number): number => length * (degree + 1);
  /** The last graph drawn: a run binds one length many times. */
  let last: { readonly length: number; readonly graph: Edges } | undefined;
  const drawnAt = (length: number): Edges => {
    if (last?.length !== length) last = { length, graph: draw(length, degree, seed) };
    return last.graph;
  };
  return {
    text: `drawnEdges(${degree}, seed ${seed})`,
    ...GRAPH,
    role: "random",
    terms: () => ({ keys: { text: "|E|/N", letters: { "|E|": `${degree + 1}N` } }, path: DIAMETER }),
    whyNot: (length) =>
      degree >= length - 1 || edgesAt(length) <= MOST_EDGES
        ? null
        : `must have at most ${MOST_EDGES} edges, got ${edgesAt(length)} at ${length} tokens; lower the degree`,
    withEdges: edgesOf,
    bind: (context) =>
      degree >= context.length - 1
        ? everything().bind(context)
        : boundRows(
            context.length,
            () => drawnAt(context.length),
            () => edgesAt(context.length),
          ),
  };
}

/** A number that only a search can tell. */
const DIAMETER: Quantity = { text: "diameter of the graph" };

/** What patterns over the edges of a graph have in common. */
const GRAPH = { perHead: false, drawsFromRest: false, neverDecoded: true, parts: [] } as const;

const STREAM = hashText("graph/edges");

/** The rows of a graph of `length` nodes, of which there are more than `degree + 1`. */
function draw(length: number, degree: number, seed: number): Edges {
  const size = degree + 1;
  const indptr = Uint32Array.from({ length: length + 1 }, (_, node) => node * size);
  const indices = new Uint32Array(length * size);
  for (let node = 0; node < length; node++) {
    const row = indices.subarray(node * size, (node + 1) * size);
    drawOthers(row, node, length, randomStream(seed, STREAM, node));
    row[degree] = node;
    row.sort();
  }
  return { indptr, indices };
}

/** Draws the others of a node, distinct and uniform over all such sets (Floyd's algorithm), into a row. */
function drawOthers(row: Uint32Array, node: number, length: number, random: RandomStream): void {
  const degree = row.length - 1;
  const chosen = degree > FEW ? new Set<number>() : null;
  const others = length - 1;
  for (let at = 0; at < degree; at++) {
    const top = others - degree + at;
    const pick = random.below(top + 1);
    const known = chosen === null ? row.subarray(0, at).includes(pick) : chosen.has(pick);
    row[at] = known ? top : pick;
    chosen?.add(row[at]);
  }
  // Numbers of the others, in which the node itself is skipped.
  for (let at = 0; at < degree; at++) if (row[at] >= node) row[at]++;
}

/** Numbers among which looking at each is faster than a set. */
const FEW = 32;

/** The rows and neighbours below `length`; nodes beyond the graph attend themselves. */
function cut({ indptr, indices }: Edges, length: number): Edges {
  const nodes = indptr.length - 1;
  const ends = [0];
  const kept: number[] = [];
  for (let node = 0; node < length; node++) {
    if (node >= nodes) kept.push(node);
    else
      for (let at = indptr[node]; at < indptr[node + 1]; at++)
        if (indices[at] < length) kept.push(indices[at]);
    ends.push(kept.length);
  }
  return { indptr: Uint32Array.from(ends), indices: Uint32Array.from(kept) };
}

/** Rows of edges at one length, made when first asked for. */
function boundRows(length: number, rows: () => Edges, pairs?: () => number): BoundPattern {
  let made: Edges | undefined;
  const graph = (): Edges => {
    made ??= rows();
    return made;
  };
  const holds = (query: number, key: number): boolean => {
    const { indptr, indices } = graph();
    let low = indptr[query];
    let high = indptr[query + 1];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (indices[middle] < key) low = middle + 1;
      else high = middle;
    }
    return low < indptr[query + 1] && indices[low] === key;
  };
  const rowOf = (query: number): Uint32Array => {
    const { indptr, indices } = graph();
    return indices.subarray(indptr[query], indptr[query + 1]);
  };
  return bound({
    length,
    attends: holds,
    runs: (query) => asIntervals(rowOf(query)),
    someRuns(from, to) {
      const { indptr, indices } = graph();
      const keys = indices.subarray(indptr[from], indptr[to]);
      return keys.length * SORTING > length ? marked(keys, length) : asIntervals(keys.slice().sort());
    },
    everyRuns(from, to) {
      let shared = rowOf(from);
      for (let query = from + 1; query < to && shared.length > 0; query++) {
        shared = shared.filter((key) => holds(query, key));
      }
      return asIntervals(shared);
    },
    pairs: pairs ?? (() => graph().indices.length),
  });
}

/** What sorting a key costs, in keys of a row of marks that is walked through. */
const SORTING = 16;

/** Ascending keys, some of them perhaps several times, as ranges. */
function asIntervals(keys: Uint32Array): Intervals {
  const ranges: number[] = [];
  let end = -1;
  for (let at = 0; at < keys.length; at++) {
    const key = keys[at];
    if (key < end) continue;
    if (key === end) ranges[ranges.length - 1] = key + 1;
    else ranges.push(key, key + 1);
    end = key + 1;
  }
  return ranges;
}

/** Keys in any order, as ranges. */
function marked(keys: Uint32Array, length: number): Intervals {
  const marks = new Uint8Array(length);
  for (let at = 0; at < keys.length; at++) marks[keys[at]] = 1;
  const ranges: number[] = [];
  for (let key = 0; key < length; key++) {
    if (marks[key] === 1 && (key === 0 || marks[key - 1] === 0)) ranges.push(key);
    if (marks[key] === 1 && (key === length - 1 || marks[key + 1] === 0)) ranges.push(key + 1);
  }
  return ranges;
}
