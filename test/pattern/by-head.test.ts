import fc from "fast-check";
import { expect, it } from "vitest";
import type { Pattern } from "../../src/core/pattern.ts";
import { shapeOf } from "../../src/core/shape.ts";
import { band } from "../../src/pattern/band.ts";
import { bindHeads } from "../../src/pattern/bind.ts";
import { byHead } from "../../src/pattern/by-head.ts";
import { comb } from "../../src/pattern/comb.ts";
import { randomBlocks } from "../../src/pattern/random-blocks.ts";
import { union } from "../../src/pattern/union.ts";
import { algebra } from "./arbitrary-patterns.ts";
import { expectDefinition } from "./brute-force.ts";

const heads = (pattern: Pattern, count: number) =>
  bindHeads(
    { pattern },
    { shape: shapeOf({ batch: 1, heads: count, length: 20, headDim: 1 }), causal: true, threads: 1 },
  );

it("heads take turns", () => {
  fc.assert(
    fc.property(fc.tuple(algebra, algebra, algebra), fc.nat(7), ([a, b, c], head) => {
      const bound = byHead(a.pattern, b.pattern, c.pattern).bind({ length: 30, head });
      expectDefinition(bound, [a, b, c][head % 3].definition);
    }),
    { numRuns: 30 },
  );
});

it("heads of one pattern are bound once", () => {
  expect(new Set(heads(byHead(band(1, 1), comb(3)), 7)).size).toBe(2);
  expect(new Set(heads(byHead(band(1, 1), comb(3)), 1)).size).toBe(1);
  const bound = heads(byHead(band(1, 1), comb(3), band(0, 0)), 8);
  expect([bound[3], bound[7]]).toEqual([bound[0], bound[1]]);
});

it("a union of parts that take turns does so with their least common multiple", () => {
  const [two, three] = [byHead(band(1, 0), comb(3)), byHead(band(0, 0), comb(5), comb(4))];
  const both = union(two, three);
  expect(both.headPeriod).toBe(6);
  const bound = heads(both, 14);
  expect(new Set(bound).size).toBe(6);
  for (const [head, pattern] of bound.entries()) {
    const parts = [two, three].map((part) => part.bind({ length: 20, head }));
    expectDefinition(pattern, (query, key) => key <= query && parts.some((part) => part.attends(query, key)));
  }
});

it("heads that draw all differ, also beside others that take turns", () => {
  const drawn = randomBlocks(2, 1, 0);
  expect(new Set(heads(byHead(band(1, 1), drawn), 6)).size).toBe(6);
  expect(union(byHead(band(1, 1), comb(3)), drawn).headPeriod).toBeUndefined();
  expect(union(band(1, 1), comb(3)).headPeriod).toBeUndefined();
});
