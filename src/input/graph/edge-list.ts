import { printable, UsageError } from "../../core/errors.ts";
import { type EdgeFields, edgeFields, readsAsProse, wordsBeside } from "./edge-fields.ts";
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
 * Edges are meant both ways. Refuses a text: lines that read as prose.
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
  const isUneven = unevenness();
  const lines = new Lines(content);
  const pair = new Float64Array(2);
  while (lines.next()) {
    if (lines.wholePair(pair)) {
      from.push(idOf(pair[0]));
      to.push(idOf(pair[1]));
    } else if (!lines.isComment) {
      const line = edgeFields(lines.text);
      const [a = "", b = ""] = line.fields;
      if (a === "" || b === "") {
        throw new UsageError(
          `${where}: an edge must be two nodes on a line, got '${printable(lines.text, 40)}' in line ${lines.number}; separate them by a space, a tab or a comma`,
        );
      }
      if (readsAsProse(lines.text, line) || isUneven(line)) {
        throw new UsageError(
          `${where}: must be a list of edges, two nodes on a line, got what reads as prose, '${printable(lines.text, 40)}' in line ${lines.number}; put tabs between names of many words, or write text:FILE to use a text`,
        );
      }
      from.push(idOf(nameOf(a)));
      to.push(idOf(nameOf(b)));
    }
  }
  if (from.length === 0) {
    throw new UsageError(`${where}: a graph must have an edge, got none; list two nodes on a line`);
  }
  const graph = { names: [...ids.keys()], from: from.values(), to: to.values() };
  return inOrder(withoutHeading(graph));
}

/** Tells whether a line between blanks has another number of words than those before; the first may be a heading. */
function unevenness(): (line: EdgeFields) => boolean {
  let known: number | null = null;
  let isFirst = true;
  return ({ separator, fields }) => {
    if (separator !== " " && separator !== ", ") return false;
    const words = wordsBeside(fields);
    const isUneven = known !== null && known !== words;
    if (!isFirst) known ??= words;
    isFirst = false;
    return isUneven;
  };
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

function nameOf(field: string): number | string {
  return WHOLE.test(field) ? Number(field) : field;
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
