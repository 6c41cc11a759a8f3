import { printable, UsageError } from "../../core/errors.ts";
import { Lines } from "./lines.ts";
import { Gathered, type RawGraph } from "./raw-graph.ts";

/** A graph whose nodes have names. */
interface NamedGraph extends RawGraph {
  /** Numbers, or words. */
  readonly names: readonly (number | string)[];
}

/**
 * A list of edges: two nodes on each line, between tabs, commas, semicolons or spaces, and whatever else, such as a
 * weight, which is left alone. Lines of comments begin with #, % or //. Nodes are whole numbers, in whose order they
 * then are, or words, in the order of their first appearance. A first line of words over lines of numbers is a heading.
 * Edges are meant both ways.
 */
export function readEdgeList(content: string, where: string): NamedGraph {
  const ids = new Map<number | string, number>();
  const from = new Gathered();
  const to = new Gathered();
  const idOf = (name: number | string): number => {
    const known = ids.get(name);
    if (known !== undefined) return known;
    ids.set(name, ids.size);
    return ids.size - 1;
  };
  const lines = new Lines(content);
  const pair = new Float64Array(2);
  while (lines.next()) {
    if (lines.wholePair(pair)) {
      from.push(idOf(pair[0]));
      to.push(idOf(pair[1]));
    } else if (!lines.isComment) {
      const [a, b] = endsOf(lines.text);
      if (a === "" || b === "") {
        throw new UsageError(
          `${where}: an edge must be two nodes on a line, got '${printable(lines.text, 40)}' in line ${lines.number}; separate them by a space, a tab or a comma`,
        );
      }
      from.push(idOf(a));
      to.push(idOf(b));
    }
  }
  if (from.length === 0) {
    throw new UsageError(`${where}: a graph must have an edge, got none; list two nodes on a line`);
  }
  const graph = { names: [...ids.keys()], from: from.values(), to: to.values() };
  return inOrder(withoutHeading(graph));
}

type Listed = Pick<NamedGraph, "names" | "from" | "to">;

/** Without the first edge if it is between words that nothing else names, and all other nodes are numbers. */
function withoutHeading(graph: Listed): Listed {
  const { names, from, to } = graph;
  // The first nodes are numbered from 0.
  const words = 1 + Math.max(from[0], to[0]);
  const isAside =
    from.length > 1 &&
    names.every((name, node) => (typeof name === "number") === node >= words) &&
    [from, to].every((ends) => ends.every((node, edge) => edge === 0 || node >= words));
  if (!isAside) return graph;
  const rest = (ends: Uint32Array) => ends.subarray(1).map((node) => node - words);
  return { names: names.slice(words), from: rest(from), to: rest(to) };
}

/** Whole numbers of at most 15 digits; longer ones are words like any other. */
const WHOLE = /^\d{1,15}$/;

/** The first two fields of a line; an empty one if it has none. */
function endsOf(text: string): [number | string, number | string] {
  const separator = text.includes("\t") ? "\t" : text.includes(",") ? "," : text.includes(";") ? ";" : " ";
  const end = text.indexOf(separator);
  if (end < 0) return [text, ""];
  const rest = separator === " " ? text.slice(end).trimStart() : text.slice(end + 1);
  const next = rest.indexOf(separator);
  return [nameOf(text.slice(0, end)), nameOf(next < 0 ? rest : rest.slice(0, next))];
}

function nameOf(field: string): number | string {
  const trimmed = field.trim();
  const bare = trimmed.startsWith('"') && trimmed.endsWith('"') ? trimmed.slice(1, -1) : trimmed;
  return WHOLE.test(bare) ? Number(bare) : bare;
}

/** Nodes in the order of their numbers, if all have one: neighbours are then often near. */
function inOrder({ names, from, to }: Listed): NamedGraph {
  const graph = { nodes: names.length, bothWays: true };
  if (!names.every((name) => typeof name === "number")) return { ...graph, names, from, to };
  const numbers = Float64Array.from(names);
  const order = Uint32Array.from(names.keys()).sort((a, b) => numbers[a] - numbers[b]);
  const places = new Uint32Array(names.length);
  for (const [place, node] of order.entries()) places[node] = place;
  const placed = (ends: Uint32Array) => ends.map((node) => places[node]);
  return { ...graph, from: placed(from), to: placed(to), names: Array.from(order, (node) => names[node]) };
}
