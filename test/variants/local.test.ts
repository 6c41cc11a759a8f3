import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { local } from "../../variants/sparse/local.ts";
import { expectDefinition, inBand } from "../pattern/brute-force.ts";
import { bindVariant, defaultsOf } from "./bound-variant.ts";

describe("local", () => {
  it("has a window of 128 keys each side unless told otherwise, and no left or right of its own", () => {
    expect(defaultsOf(local)).toEqual({ window: 128, left: null, right: null });
    expectDefinition(bindVariant(local, {}, 300), inBand(128, 128));
  });

  it("is the band of its window, each side overridden on its own", () => {
    const side = fc.option(fc.nat(90));
    fc.assert(
      fc.property(fc.nat(90), side, side, fc.integer({ min: 1, max: 80 }), (window, left, right, length) => {
        expectDefinition(
          bindVariant(local, { window, left, right }, length),
          inBand(left ?? window, right ?? window),
        );
      }),
    );
  });

  it("attends the query alone at window 0", () => {
    expect(bindVariant(local, { window: 0 }, 40).pairs()).toBe(40);
  });
});
