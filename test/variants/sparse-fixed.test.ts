import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { causal } from "../../src/pattern/causal.ts";
import { keptKeys } from "../../src/pattern/kept-keys.ts";
import { lastQueries } from "../../src/pattern/last-queries.ts";
import { sparseFixed } from "../../variants/sparse/sparse-fixed.ts";
import { expectDefinition, inAny, inBlockBand, inColumns, inPast } from "../pattern/brute-force.ts";
import { bindVariant, defaultsOf, patternOf } from "./bound-variant.ts";
import { connected } from "./reached.ts";

const lengths = fc.integer({ min: 1, max: 90 });
/** A block, and as many columns as it may have. */
const blocks = fc
  .integer({ min: 1, max: 100 })
  .chain((block) => fc.record({ block: fc.constant(block), columns: fc.integer({ min: 1, max: block }) }));
const past = (params: Readonly<Record<string, unknown>>, length: number, head = 0) =>
  causal(patternOf(sparseFixed, params)).bind({ length, head });

describe("sparse-fixed", () => {
  it("has blocks of 128 tokens with 8 columns, and both parts in every head, unless told otherwise", () => {
    expect(defaultsOf(sparseFixed)).toEqual({ block: 128, columns: 8, mode: "union" });
  });

  it("attends the query's block and the columns, and counts the causal pairs in closed form", () => {
    fc.assert(
      fc.property(blocks, lengths, ({ block, columns }, length) => {
        const definition = inAny([inBlockBand(block, 1), inColumns(block, columns)]);
        expectDefinition(bindVariant(sparseFixed, { block, columns }, length), definition);
        const bound = past({ block, columns }, length);
        expectDefinition(bound, inPast(definition));
        const whole = Math.floor(length / block);
        const rest = length % block;
        let before = 0;
        for (let i = 0; i < length; i++) before += Math.floor(i / block);
        const own = (whole * block * (block + 1)) / 2 + (rest * (rest + 1)) / 2;
        expect(bound.pairs()).toBe(own + columns * before);
      }),
    );
  });

  it("has the block in even heads and the columns in odd ones where heads take turns", () => {
    fc.assert(
      fc.property(blocks, lengths, fc.nat(5), ({ block, columns }, length, head) => {
        const bound = bindVariant(sparseFixed, { block, columns, mode: "heads" }, length, head);
        expectDefinition(bound, head % 2 === 0 ? inBlockBand(block, 1) : inColumns(block, columns));
      }),
    );
  });

  it("connects every causal pair in two layers", () => {
    fc.assert(
      fc.property(blocks, fc.integer({ min: 1, max: 40 }), ({ block, columns }, length) => {
        const all = (length * (length + 1)) / 2;
        const bound = past({ block, columns }, length);
        expect(connected([bound, bound]).size).toBe(all);
      }),
      { numRuns: 40 },
    );
  });

  it("keeps its own block and the columns of those before it", () => {
    const kept = keptKeys(lastQueries(past({ block: 10, columns: 2 }, 200)));
    // After the 5th token of a block: 2 columns of each block before it, and 5 of its own tokens.
    for (let block = 1; block < 19; block++) expect(kept[10 * block + 5]).toBe(2 * block + 5);
  });
});
