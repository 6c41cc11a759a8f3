import "../property-seed.ts";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { BoundPattern } from "../../src/core/pattern.ts";
import { axisCells } from "../../src/pattern/axis.ts";
import { band, everything } from "../../src/pattern/band.ts";
import { byHead } from "../../src/pattern/by-head.ts";
import { causal } from "../../src/pattern/causal.ts";
import { comb } from "../../src/pattern/comb.ts";
import { globalTokens } from "../../src/pattern/global-tokens.ts";
import { grid } from "../../src/pattern/grid.ts";
import { longestPath, MOST_FOLLOWED } from "../../src/pattern/longest-path.ts";
import { algebraWithDraws, lengths } from "./arbitrary-patterns.ts";

/** The definition, token by token: which rows depend on which tokens after ever more layers. */
function byDefinition(layers: readonly (readonly BoundPattern[])[], isCausal: boolean): number {
  const { length } = layers[0][0];
  let depends = Array.from({ length }, (_, row) => new Set([row]));
  const isDone = () =>
    depends.every((seen, row) =>
      Array.from({ length }, (_, token) => token).every(
        (token) => seen.has(token) || (isCausal && token > row),
      ),
    );
  for (let layer = 0, still = 0; !isDone(); layer++) {
    const heads = layers[layer % layers.length];
    const next = depends.map((seen, row) => {
      const more = new Set(seen);
      for (let key = 0; key < length; key++) {
        if (heads.some((head) => head.attends(row, key))) for (const token of depends[key]) more.add(token);
      }
      return more;
    });
    still = next.every((seen, row) => seen.size === depends[row].size) ? still + 1 : 0;
    if (still === layers.length) return Number.POSITIVE_INFINITY;
    depends = next;
    if (isDone()) return layer + 1;
  }
  return 0;
}

test("a search finds the path length of the definition, whatever the pattern, over heads and layers in turn", () => {
  fc.assert(
    fc.property(
      fc.array(fc.array(algebraWithDraws, { minLength: 1, maxLength: 2 }), { minLength: 1, maxLength: 2 }),
      lengths.map((length) => Math.min(length, 40)),
      fc.boolean(),
      (layers, length, isCausal) => {
        const bound = layers.map((heads) =>
          heads.map((pattern, head) => (isCausal ? causal(pattern) : pattern).bind({ length, head })),
        );
        expect(longestPath(bound, isCausal)).toEqual({ layers: byDefinition(bound, isCausal), exact: true });
      },
    ),
    { numRuns: 150 },
  );
});

test("what any head reads, the layer reads", () => {
  const heads = byHead(band(0, 0), everything());
  const bound = [0, 1].map((head) => heads.bind({ length: 9, head }));
  expect(longestPath([bound], false)?.layers).toBe(1);
  expect(longestPath([[bound[0]]], false)?.layers).toBe(Number.POSITIVE_INFINITY);
});

test("windows that never meet do so in turn with others", () => {
  const windows = (shift: number) => {
    const along = axisCells(4, shift);
    return [grid(12, along, along, { wholeRows: false }).bind({ length: 144, head: 0 })];
  };
  expect(longestPath([windows(0)], false)?.layers).toBe(Number.POSITIVE_INFINITY);
  expect(longestPath([windows(0), windows(2)], false)?.layers).toBeLessThanOrEqual(6);
});

test("a layer that moves nothing ends no search if others follow", () => {
  const [nothing, all] = [band(0, 0), everything()].map((pattern) => [pattern.bind({ length: 7, head: 0 })]);
  expect(longestPath([nothing, all], false)?.layers).toBe(2);
  expect(longestPath([nothing, nothing, all], false)?.layers).toBe(3);
});

test("of many tokens some are followed: those at the ends find a window's longest path, as a bound from below", () => {
  const length = 4 * MOST_FOLLOWED;
  const search = longestPath([[band(100, 100).bind({ length, head: 0 })]], false);
  expect(search).toEqual({ layers: Math.ceil((length - 1) / 100), exact: false });
  // That some never meet needs no others.
  const apart = longestPath([[comb(64).bind({ length, head: 0 })]], false);
  expect(apart).toEqual({ layers: Number.POSITIVE_INFINITY, exact: true });
});

test("a search that would take too long says nothing", () => {
  const length = 2 ** 16;
  expect(longestPath([[band(1, 1).bind({ length, head: 0 })]], false)).toBeNull();
  expect(longestPath([[comb(2).bind({ length, head: 0 })]], false)).toBeNull();
  expect(longestPath([[globalTokens(1).bind({ length, head: 0 })]], false)).toEqual({
    layers: 2,
    exact: false,
  });
});
