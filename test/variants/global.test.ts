import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { global } from "../../variants/sparse/global.ts";
import { expectDefinition, inGlobalTokens } from "../pattern/brute-force.ts";
import { bindVariant, defaultsOf } from "./bound-variant.ts";

describe("global", () => {
  it("has 16 tokens that see all and are seen by all unless told otherwise", () => {
    expect(defaultsOf(global)).toEqual({ tokens: 16 });
    expectDefinition(bindVariant(global, {}, 100), inGlobalTokens(16));
  });

  it("is the first tokens' rows and columns", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 90 }), fc.integer({ min: 1, max: 80 }), (tokens, length) => {
        expectDefinition(bindVariant(global, { tokens }, length), inGlobalTokens(tokens));
      }),
    );
  });
});
