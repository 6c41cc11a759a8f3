import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { BoundPattern, Gathered, TokenClass } from "../../src/core/pattern.ts";
import { axisWindow } from "../../src/pattern/axis.ts";
import { band } from "../../src/pattern/band.ts";
import { columns } from "../../src/pattern/columns.ts";
import { grid } from "../../src/pattern/grid.ts";
import { contains } from "../../src/pattern/intervals.ts";
import { union } from "../../src/pattern/union.ts";
import {
  algebraWithDraws,
  blockColumns,
  cells,
  lengths,
  segmentations,
  windows,
} from "./arbitrary-patterns.ts";

/** Mostly those that are dense in another order, alone and within others. */
const patterns = fc.oneof(
  ...[blockColumns, cells, segmentations, windows].map((stated) => stated.map(({ pattern }) => pattern)),
  algebraWithDraws,
);

function forAll(check: (pattern: BoundPattern, gathered: Gathered) => void): void {
  fc.assert(
    fc.property(patterns, lengths, fc.nat(3), (pattern, length, head) => {
      const bound = pattern.bind({ length, head });
      fc.pre(bound.gathered !== undefined);
      check(bound, bound.gathered);
    }),
    { numRuns: 200 },
  );
}

describe("what is dense in another order", () => {
  it("has every row in one class of each order, and keys that rise", () => {
    forAll(({ length }, { orders }) => {
      for (const order of orders) {
        const rows: number[] = [];
        for (const { queries, keys } of order.classes()) {
          rows.push(...Array.from(queries));
          for (let at = 0; at < keys.length; at++) {
            expect(keys[at]).toBeGreaterThan(at === 0 ? -1 : keys[at - 1]);
            expect(keys[at]).toBeLessThan(length);
          }
        }
        expect(rows.sort((a, b) => a - b)).toEqual(Array.from({ length }, (_, row) => row));
      }
    });
  });

  it("leaves no pair of the runs to nobody: it is one of a class, or of the rest", () => {
    forAll(({ length, runs }, { orders, rest }) => {
      const keysOf = orders.map((order) => keysByRow(order.classes(), length));
      for (let query = 0; query < length; query++) {
        for (let key = 0; key < length; key++) {
          if (!contains(runs(query), key)) continue;
          const held = keysOf.some((keys) => keys[query].has(key)) || contains(rest?.runs(query) ?? [], key);
          expect({ query, key, held }).toEqual({ query, key, held: true });
        }
      }
    });
  });

  it("reaches every key of a class that some of its rows attend", () => {
    forAll(({ runs }, { orders }) => {
      for (const order of orders) {
        for (const { queries, keys, reach } of order.classes()) {
          if (reach === undefined) continue;
          const middle = queries.length >> 1;
          for (const [from, to] of [
            [0, middle],
            [middle, queries.length],
            [middle, middle + 1],
          ]) {
            if (from === to) continue;
            const reached = reach(from, to);
            for (let row = from; row < to; row++) {
              for (let place = 0; place < keys.length; place++) {
                if (contains(runs(queries[row]), keys[place])) expect(contains(reached, place)).toBe(true);
              }
            }
          }
        }
      }
    });
  });

  it("is nothing where keys are dense as they lie: wide columns, windows as wide as the image, a single row", () => {
    const along = axisWindow(7, 1, "clamp");
    const dense = [
      columns(128, 64),
      grid(7, along, along, { wholeRows: true }),
      grid(500, along, along, { wholeRows: true }),
      band(3, 3),
    ];
    for (const pattern of dense)
      expect(pattern.bind({ length: 420, head: 0 }).gathered?.orders).toBeUndefined();
    const beside = union(columns(128, 8), band(3, 3)).bind({ length: 420, head: 0 });
    expect(beside.gathered?.orders.length).toBe(1);
    expect(beside.gathered?.rest?.runs(100)).toEqual([97, 104]);
  });
});

function keysByRow(classes: Iterable<TokenClass>, length: number): ReadonlyArray<ReadonlySet<number>> {
  const keysOf: ReadonlySet<number>[] = Array.from({ length }, () => new Set());
  for (const { queries, keys } of classes) {
    const held = new Set(Array.from(keys));
    for (let at = 0; at < queries.length; at++) keysOf[queries[at]] = held;
  }
  return keysOf;
}
