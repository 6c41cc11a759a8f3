import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { stride } from "../../variants/sparse/stride.ts";
import { expectDefinition, inComb } from "../pattern/brute-force.ts";
import { bindVariant, defaultsOf } from "./bound-variant.ts";

describe("stride", () => {
  it("takes every 64th key, however far, unless told otherwise", () => {
    expect(defaultsOf(stride)).toEqual({ stride: 64, reach: null });
    expectDefinition(bindVariant(stride, {}, 300), inComb(64, Number.POSITIVE_INFINITY));
  });

  it("is the comb of its stride and reach", () => {
    const length = fc.integer({ min: 1, max: 80 });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 90 }), fc.option(fc.nat(90)), length, (step, reach, n) => {
        const bound = bindVariant(stride, { stride: step, reach }, n);
        expectDefinition(bound, inComb(step, reach ?? Number.POSITIVE_INFINITY));
      }),
    );
  });
});
