import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { completeEdges } from "../../src/core/edges.ts";
import { UsageError } from "../../src/core/errors.ts";
import { measure } from "../../src/core/pattern.ts";
import { aligned } from "../../src/pattern/aligned.ts";
import { band } from "../../src/pattern/band.ts";
import { byHead } from "../../src/pattern/by-head.ts";
import { causal } from "../../src/pattern/causal.ts";
import { drawnEdges, edges, edgesOf } from "../../src/pattern/edges.ts";
import { onlyRows } from "../../src/pattern/only-rows.ts";
import { union } from "../../src/pattern/union.ts";
import { within } from "../../src/pattern/within.ts";
import { chiSquare, chiSquare999 } from "../core/chi-square.ts";
import { csrOf, graphs, lengths, rawEdges, rowRanges } from "./arbitrary-patterns.ts";
import { expectDefinition, expectParts, inEdges } from "./brute-force.ts";

const degrees = fc.oneof(fc.nat(12), fc.nat(160), fc.constant(Number.MAX_SAFE_INTEGER));

describe("edges", () => {
  it("attends, lists and counts the nodes that a row names, once each, and the node itself", () => {
    fc.assert(
      fc.property(graphs, lengths, ({ pattern, definition }, length) => {
        expectDefinition(pattern.bind({ length, head: 0 }), definition);
      }),
    );
  });

  it("summarises any rows soundly", () => {
    fc.assert(
      fc.property(graphs, lengths, rowRanges, ({ pattern }, length, rows) => {
        const { from, to } = rows(length);
        expectParts(pattern.bind({ length, head: 0 }), from, to);
      }),
    );
  });

  it("is defined for as many tokens as it has nodes, and says which", () => {
    const pattern = union(band(1, 1), edges(csrOf([[2], [], [0, 0, 1]])));
    expect(pattern.whyNot?.(3)).toBeNull();
    expect(pattern.whyNot?.(4)).toBe("has 3 nodes, and as many tokens are needed, got 4; choose that length");
    expect(edges(csrOf([[2], [], [0, 0, 1]])).text).toBe("edges(3 nodes, 6 edges)");
  });

  it("cannot be decoded, nor can what is made of it", () => {
    for (const pattern of [drawnEdges(2, 0), union(band(1, 1), drawnEdges(2, 0)), causal(drawnEdges(2, 0))]) {
      expect(pattern.neverDecoded).toBe(true);
    }
    expect(byHead(band(1, 1), edges(csrOf([[0]]))).neverDecoded).toBe(true);
    expect(union(band(1, 1), band(2, 2)).neverDecoded).toBeUndefined();
  });

  it.each([
    ["indptr must have a number for each node and one more, got 0", [], []],
    ["indptr must have a number for each node and one more, got 1", [0], []],
    ["indptr must begin at 0, got 1", [1, 2], [0, 0]],
    ["indptr must be integers that never fall, got 2 and then 1 at node 1", [0, 2, 1], [0, 0]],
    ["indptr must be integers that never fall, got 0 and then 0.5 at node 0", [0, 0.5], [0]],
    ["indptr must be integers that never fall, got 0 and then NaN at node 0", [0, Number.NaN], [0]],
    ["indptr must end at the number of indices, 3, got 2", [0, 2], [0, 0, 0]],
    ["indptr must end at the number of indices, 1, got 2", [0, 2], [0]],
    ["indices must be nodes from 0 to 1, got 2 at node 1", [0, 1, 2], [0, 2]],
    ["indices must be nodes from 0 to 1, got -1 at node 0", [0, 1, 2], [-1, 0]],
    ["indices must be nodes from 0 to 1, got 0.5 at node 0", [0, 1, 2], [0.5, 0]],
  ])("refuses rows of no graph: %s", (message, indptr, indices) => {
    expect(() => edges({ indptr, indices })).toThrow(new UsageError(`edges: ${message}`));
  });

  it("refuses more edges than can be held, without making them", () => {
    const many = { length: 2 ** 28, 0: 0 };
    expect(() => edges({ indptr: [0, 2 ** 28], indices: many })).toThrow(
      "edges: indices must be at most 268435456 with those of 1 nodes themselves, got 268435456; take fewer",
    );
    expect(drawnEdges(2 ** 20, 0).whyNot?.(2 ** 21)).toBe(
      `must have at most 268435456 edges, got ${2 ** 21 * (2 ** 20 + 1)} at ${2 ** 21} tokens; lower the degree`,
    );
    expect(drawnEdges(2 ** 20, 0).whyNot?.(2 ** 20)).toBeNull();
    expect(drawnEdges(8, 0).whyNot?.(2 ** 20)).toBeNull();
  });
});

describe("drawnEdges", () => {
  it("draws as many distinct others as asked for, or all, and lists and counts them", () => {
    fc.assert(
      fc.property(degrees, fc.nat(), lengths, rowRanges, (degree, seed, length, rows) => {
        const bound = drawnEdges(degree, seed).bind({ length, head: 0 });
        expectDefinition(bound, bound.attends);
        const { from, to } = rows(length);
        expectParts(bound, from, to);
        for (let query = 0; query < length; query++) {
          expect(bound.attends(query, query)).toBe(true);
          expect(measure(bound.intervals(query))).toBe(1 + Math.min(degree, length - 1));
        }
      }),
    );
  });

  it("draws the same for one seed, in every head, in whatever order, and otherwise for another or another length", () => {
    const textsOf = (seed: number, length: number, head = 0): string[] => {
      const bound = drawnEdges(5, seed).bind({ length, head });
      return Array.from({ length: 100 }, (_, row) => String(bound.intervals(99 - row)));
    };
    expect(textsOf(0, 500, 3)).toEqual(textsOf(0, 500));
    const pattern = drawnEdges(5, 0);
    pattern.bind({ length: 60, head: 0 }).intervals(3);
    const again = pattern.bind({ length: 500, head: 0 });
    expect(textsOf(0, 500)[99]).toBe(String(again.intervals(0)));
    for (const other of [textsOf(1, 500), textsOf(0, 501)]) {
      expect(other.filter((text, row) => text === textsOf(0, 500)[row])).toEqual([]);
    }
  });

  it("draws every other node equally often, and never the node itself", () => {
    const length = 7;
    const counts = new Array<number>(length).fill(0);
    for (let seed = 0; seed < 4000; seed++) {
      const bound = drawnEdges(2, seed).bind({ length, head: 0 });
      for (let key = 0; key < length; key++) if (bound.attends(3, key)) counts[key]++;
    }
    expect(counts[3]).toBe(4000);
    counts.splice(3, 1);
    // Two distinct ones at a time: the statistic is at most that of independent draws.
    expect(chiSquare(counts)).toBeLessThan(chiSquare999(length - 2));
  });

  it("gives way to the edges of a call, at the top and in whatever it is a part of", () => {
    fc.assert(
      fc.property(rawEdges, (rows) => {
        const length = rows.length;
        const given = completeEdges(csrOf(rows));
        const own = edgesOf(given);
        const mask = { left: 3, right: 2, from: 0, to: null };
        const makers = [
          (part: typeof own) => part,
          (part: typeof own) => union(band(1, 0), part),
          (part: typeof own) => byHead(part, band(1, 1)),
          (part: typeof own) => causal(part),
          (part: typeof own) => within(part, mask),
          (part: typeof own) => onlyRows(part, 2, (stretch) => stretch % 2 === 0),
          (part: typeof own) => aligned(part, Math.ceil(length / 2)),
          (part: typeof own) => causal(union(part, within(part, mask))),
        ];
        for (const make of makers) {
          const replaced = make(drawnEdges(3, 0)).withEdges?.(given);
          expect(replaced?.text).toBe(make(own).text);
          const [a, b] = [replaced, make(own)].map((one) => one?.bind({ length, head: 0 }));
          for (let query = 0; query < (b?.queries ?? length); query++) {
            expect(a?.intervals(query)).toEqual(b?.intervals(query));
          }
        }
      }),
      { numRuns: 30 },
    );
    expect(edges(csrOf([[0]])).withEdges).toBeUndefined();
    expect(union(band(1, 1), band(2, 2)).withEdges).toBeUndefined();
  });
});

it("the edges of a window are a window", () => {
  const rows = Array.from({ length: 40 }, (_, node) =>
    [-3, -2, -1, 0, 1, 2, 3].map((step) => node + step).filter((key) => key >= 0 && key < 40),
  );
  const bound = edges(csrOf(rows)).bind({ length: 40, head: 0 });
  const window = band(3, 3).bind({ length: 40, head: 0 });
  expect(bound.pairs()).toBe(window.pairs());
  for (let row = 0; row < 40; row++) expect(bound.intervals(row)).toEqual(window.intervals(row));
  expectDefinition(bound, inEdges(rows));
});
