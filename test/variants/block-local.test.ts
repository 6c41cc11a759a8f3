import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { causal } from "../../src/pattern/causal.ts";
import { blockLocal } from "../../variants/sparse/block-local.ts";
import { expectDefinition, inBlockBand } from "../pattern/brute-force.ts";
import { bindVariant, defaultsOf, patternOf } from "./bound-variant.ts";

const lengths = fc.integer({ min: 1, max: 90 });
const blocks = fc.integer({ min: 1, max: 100 });

describe("block-local", () => {
  it("has blocks of 64 tokens unless told otherwise", () => {
    expect(defaultsOf(blockLocal)).toEqual({ block: 64 });
    expectDefinition(bindVariant(blockLocal, {}, 150), inBlockBand(64, 1));
  });

  it("attends the query's own block, of which there are ab² + r² pairs, causal ab(b+1)/2 + r(r+1)/2", () => {
    fc.assert(
      fc.property(blocks, lengths, (block, length) => {
        const bound = bindVariant(blockLocal, { block }, length);
        expectDefinition(bound, (i, j) => Math.floor(i / block) === Math.floor(j / block));
        const whole = Math.floor(length / block);
        const rest = length % block;
        expect(bound.pairs()).toBe(whole * block ** 2 + rest ** 2);
        const past = causal(patternOf(blockLocal, { block })).bind({ length, head: 0 });
        expect(past.pairs()).toBe((whole * block * (block + 1)) / 2 + (rest * (rest + 1)) / 2);
      }),
    );
  });

  it("attends the query alone in blocks of one", () => {
    expect(bindVariant(blockLocal, { block: 1 }, 40).pairs()).toBe(40);
  });
});
