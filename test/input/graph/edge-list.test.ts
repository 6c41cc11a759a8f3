import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readEdgeList } from "../../../src/input/graph/edge-list.ts";
import { edgesOf } from "../../../src/input/graph/raw-graph.ts";
import { refusal } from "../refusal.ts";

/** Each node by its name, and those that it attends, itself among them. */
function graphOf(content: string): Record<string, (number | string)[]> {
  const graph = readEdgeList(content, "list");
  const { indptr, indices } = edgesOf(graph, "list");
  return Object.fromEntries(
    graph.names.map((name, node) => [
      name,
      [...indices.subarray(indptr[node], indptr[node + 1])].map((other) => graph.names[other]),
    ]),
  );
}

const TRIANGLE = { 1: [1, 2, 5], 2: [1, 2, 5], 5: [1, 2, 5] };

describe("a list of edges", () => {
  it.each<[string, string]>([
    ["spaces", "1 2\n2 5\n5 1\n"],
    ["tabs", "1\t2\n2\t5\n5\t1"],
    ["commas", "1,2\n2, 5\n5 ,1\n"],
    ["semicolons", "1;2\n2;5\n5;1\n"],
    ["many spaces", "  1    2\n 2  5  \n5 \t 1\n"],
    ["carriage returns", "1 2\r\n2 5\r\n5 1\r\n"],
    ["a byte order mark", "\xef\xbb\xbf1 2\n2 5\n5 1"],
    ["weights", "1 2 0.5\n2 5 -1e9\n5 1 {'weight': 3}\n"],
    ["leading zeros", "1 02\n002 5\n5 1"],
    ["quotes", '"1","2"\n"2","5"\n"5","1"'],
    ["comments and empty lines", "# a graph\n% of three\n\n// nodes\n1 2\n#\n2 5\n\n5 1\n\n"],
    ["edges twice, and both ways", "1 2\n1 2\n2 1\n2 5\n5 1\n5 1\n"],
    ["edges from a node to itself", "1 1\n1 2\n2 5\n5 1\n5 5\n"],
    ["a heading", "source,target,weight\n1,2,3\n2,5,1\n5,1,1"],
    ["a heading of one word", "node node\n1 2\n2 5\n5 1"],
  ])("is read with %s", (_, content) => {
    expect(graphOf(content)).toEqual(TRIANGLE);
  });

  it("has nodes in the order of their numbers, whatever gaps there are", () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(10 ** 9), fc.nat(10 ** 9)), { minLength: 1, maxLength: 30 }),
        (pairs) => {
          const { names, from, to } = readEdgeList(pairs.map((pair) => pair.join(" ")).join("\n"), "list");
          expect(names).toEqual([...new Set(pairs.flat())].sort((a, b) => a - b));
          expect(Array.from(from, (node, edge) => [names[node], names[to[edge]]])).toEqual(pairs);
        },
      ),
    );
  });

  it("has words as nodes, in the order in which they come, with spaces in them between tabs or commas", () => {
    expect(readEdgeList("New York\tBoston\nBoston\tSan José\n", "list").names).toEqual([
      "New York",
      "Boston",
      "San José",
    ]);
    expect(graphOf("ann bob\nbob ann")).toEqual({ ann: ["ann", "bob"], bob: ["ann", "bob"] });
    // A first line that others repeat, or others of words, is no heading.
    expect(graphOf("a b\na b")).toEqual({ a: ["a", "b"], b: ["a", "b"] });
    expect(readEdgeList("a b\n1 2\nc 1", "list").names).toEqual(["a", "b", 1, 2, "c"]);
    expect(readEdgeList("a b", "list").names).toEqual(["a", "b"]);
    expect(readEdgeList("a 1\n1 2", "list").names).toEqual(["a", 1, 2]);
  });

  it.each<[string, string, string[]]>([
    [
      "quotes with commas in them",
      '"Li, Wei","Ng, Ann"\n"Ng, Ann","Cho, Bo"\n',
      ["Li, Wei", "Ng, Ann", "Cho, Bo"],
    ],
    ["quotes between blanks", '"New York" Boston\nBoston "San José"\n', ["New York", "Boston", "San José"]],
    ["quotes in quotes", '"the ""Nile""",sea\n', ['the "Nile"', "sea"]],
    ["dictionaries", "ann bob {}\nbob cid {'weight': 3, 'since': 2010}\n", ["ann", "bob", "cid"]],
    ["weights on some lines", "ann bob\nbob cid 0.5\n", ["ann", "bob", "cid"]],
    ["a word on each line", "ann bob likes\nbob cid knows\n", ["ann", "bob", "cid"]],
    ["a heading of more words", "from to since\nann bob\nbob cid\n", ["from", "to", "ann", "bob", "cid"]],
    [
      "columns of words",
      "ann,bob,a friend of hers,,2010\nbob,cid,,the one and only brother,\n",
      ["ann", "bob", "cid"],
    ],
    [
      "long names beside commas or tabs",
      "University of California at Berkeley,MIT\n",
      ["University of California at Berkeley", "MIT"],
    ],
    [
      "long names beside tabs",
      "the best of times, then\tthe worst of times.\n",
      ["the best of times, then", "the worst of times."],
    ],
    [
      "names and a comma and a blank",
      "New York, Los Angeles\nSan Jose, New York\n",
      ["New York", "Los Angeles", "San Jose"],
    ],
  ])("has words as nodes with %s", (_, content, names) => {
    expect(readEdgeList(content, "list").names).toEqual(names);
  });

  it.each<[string, string, number]>([
    ["sentences with commas", "It was the best of times, it was the worst of times,\n", 1],
    ["a letter", "Dear Ann, thanks\nHello, world. This is a letter.\n", 2],
    ["long clauses", "the winter of our discontent, made glorious summer\n", 1],
    ["lines of a poem", "The sea is calm tonight\nThe tide is full the moon lies fair\n", 1],
    ["short lines", "ann bob\nbob cid\nsome more words\n", 3],
    ["a program", "import os, sys\nfor x, y in pairs:\n", 2],
  ])("is refused as prose: %s", (_, content, line) => {
    expect(refusal(() => readEdgeList(content, "list"))).toMatch(
      new RegExp(
        `^list: must be a list of edges, two nodes on a line, got what reads as prose, '.*' in line ${line}; put tabs between names of many words, or write text:FILE to use a text$`,
      ),
    );
  });

  it("is the same graph in any order of its lines, and either way round", () => {
    const pair = fc.tuple(fc.nat(9), fc.nat(9), fc.boolean());
    fc.assert(
      fc.property(fc.array(pair, { minLength: 1, maxLength: 25 }), fc.nat(1000), (pairs, turn) => {
        const lines = pairs.map(([a, b]) => `${a} ${b}`);
        const other = pairs.map(([a, b, swap]) => (swap ? `${b} ${a}` : `${a} ${b}`));
        const start = turn % other.length;
        expect(graphOf([...other.slice(start), ...other.slice(0, start)].join("\n"))).toEqual(
          graphOf(lines.join("\n")),
        );
      }),
    );
  });

  it.each<[string, string, string]>([
    ["nothing", "", "a graph must have an edge, got none; list two nodes on a line"],
    ["comments alone", "# nothing\n", "a graph must have an edge, got none"],
    ["one node on a line", "1 2\n3\n", "an edge must be two nodes on a line, got '3' in line 2"],
    [
      "a field that is empty",
      "1,2\n\n,5\n",
      "got ',5' in line 3; separate them by a space, a tab or a comma",
    ],
    ["a long line", "x".repeat(5000), "in line 1"],
    ["what steers a terminal", "\u001b[2J", "got '\\u{1b}[2J' in line 1"],
  ])("is refused in one line: %s", (_, content, message) => {
    expect(refusal(() => readEdgeList(content, "list"))).toContain(message);
  });
});
