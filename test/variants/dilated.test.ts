import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { measure } from "../../src/core/pattern.ts";
import { causal } from "../../src/pattern/causal.ts";
import { dilated } from "../../variants/sparse/dilated.ts";
import { expectDefinition, inBand, inComb } from "../pattern/brute-force.ts";
import { bindVariant, defaultsOf, patternOf } from "./bound-variant.ts";

const lengths = fc.integer({ min: 1, max: 90 });
const windows = fc.nat(30);
const dilations = fc.integer({ min: 1, max: 20 });

describe("dilated", () => {
  it("has 128 keys on each side, two tokens apart, unless told otherwise", () => {
    expect(defaultsOf(dilated)).toEqual({ window: 128, dilation: 2 });
    expectDefinition(bindVariant(dilated, {}, 300), inComb(2, 256));
  });

  it("attends `window` keys on each side, `dilation` apart, and counts them in closed form", () => {
    fc.assert(
      fc.property(windows, dilations, lengths, (window, dilation, length) => {
        const bound = bindVariant(dilated, { window, dilation }, length);
        expectDefinition(bound, (i, j) =>
          Array.from({ length: 2 * window + 1 }, (_, tap) => i + (tap - window) * dilation).includes(j),
        );
        let before = 0;
        for (let tap = 1; tap <= window; tap++) before += Math.max(0, length - tap * dilation);
        expect(bound.pairs()).toBe(length + 2 * before);
        const past = causal(patternOf(dilated, { window, dilation })).bind({ length, head: 0 });
        expect(past.pairs()).toBe(length + before);
      }),
    );
  });

  it("attends 2·window + 1 keys inside", () => {
    const bound = bindVariant(dilated, { window: 4, dilation: 3 }, 40);
    for (let row = 12; row < 28; row++) expect(measure(bound.intervals(row))).toBe(9);
  });

  it("is a local window at dilation 1, and a stride once it reaches past the sequence", () => {
    fc.assert(
      fc.property(windows, dilations, lengths, (window, dilation, length) => {
        expectDefinition(bindVariant(dilated, { window, dilation: 1 }, length), inBand(window, window));
        const whole = bindVariant(dilated, { window: Math.ceil(length / dilation), dilation }, length);
        expectDefinition(whole, inComb(dilation, Number.POSITIVE_INFINITY));
      }),
    );
  });
});
