import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { everything } from "../../src/pattern/band.ts";
import { onlyRows } from "../../src/pattern/only-rows.ts";
import { algebra, lengths, rowRanges } from "./arbitrary-patterns.ts";
import { expectDefinition, expectParts } from "./brute-force.ts";

describe("onlyRows", () => {
  it("keeps the rows of the stretches that are named, and empties the others, whatever they attend", () => {
    fc.assert(
      fc.property(
        algebra,
        lengths,
        rowRanges,
        fc.integer({ min: 1, max: 70 }),
        fc.array(fc.boolean(), { minLength: 1 }),
        ({ pattern, definition }, length, rows, stretch, named) => {
          const keeps = (at: number) => named[at % named.length];
          const bound = onlyRows(pattern, stretch, keeps).bind({ length, head: 0 });
          const { from, to } = rows(length);
          expectDefinition(
            bound,
            (query, key, all) => keeps(Math.floor(query / stretch)) && definition(query, key, all),
          );
          expectParts(bound, from, to);
        },
      ),
    );
  });

  it("counts the pairs of the rows that it keeps alone", () => {
    const some = onlyRows(everything(), 64, (stretch) => stretch === 1);
    expect(some.bind({ length: 200, head: 0 }).pairs()).toBe(64 * 200);
  });
});
