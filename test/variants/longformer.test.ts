import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { UsageError } from "../../src/core/errors.ts";
import { union } from "../../src/pattern/union.ts";
import { global } from "../../variants/sparse/global.ts";
import { local } from "../../variants/sparse/local.ts";
import { longformer } from "../../variants/sparse/longformer.ts";
import {
  type Definition,
  expectDefinition,
  inAny,
  inBand,
  inComb,
  inGlobalTokens,
} from "../pattern/brute-force.ts";
import { bindVariant, defaultsOf, patternOf } from "./bound-variant.ts";

const lengths = fc.integer({ min: 1, max: 90 });
const amounts = fc.oneof(fc.constant(0), fc.nat(100));

describe("longformer", () => {
  it("has the defaults of its three parts", () => {
    expect(defaultsOf(longformer)).toEqual({ window: 128, stride: 64, tokens: 16 });
    const parts = [inBand(128, 128), inComb(64, Number.POSITIVE_INFINITY), inGlobalTokens(16)];
    expectDefinition(bindVariant(longformer, {}, 400), inAny(parts));
  });

  it("is the union of local, stride and global, a part set to 0 left out", () => {
    fc.assert(
      fc.property(amounts, amounts, amounts, lengths, (window, stride, tokens, length) => {
        fc.pre(window + stride + tokens > 0);
        const parts: Definition[] = [];
        if (window > 0) parts.push(inBand(window, window));
        if (stride > 0) parts.push(inComb(stride, Number.POSITIVE_INFINITY));
        if (tokens > 0) parts.push(inGlobalTokens(tokens));
        expectDefinition(bindVariant(longformer, { window, stride, tokens }, length), inAny(parts));
      }),
    );
  });

  it("without a stride is the union of local and global, as in the paper", () => {
    const positive = fc.integer({ min: 1, max: 100 });
    fc.assert(
      fc.property(positive, positive, lengths, (window, tokens, length) => {
        const bound = bindVariant(longformer, { window, stride: 0, tokens }, length);
        const both = union(patternOf(local, { window }), patternOf(global, { tokens }));
        expectDefinition(bound, both.bind({ length, head: 0 }).attends);
        expect(bound.combs).toEqual([]);
      }),
    );
  });

  it("is refused with no part left", () => {
    const nothing = { window: 0, stride: 0, tokens: 0 };
    expect(() => bindVariant(longformer, nothing, 10)).toThrow(UsageError);
    expect(() => bindVariant(longformer, nothing, 10)).toThrow(/at least one part/);
  });
});
