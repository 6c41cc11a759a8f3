import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { measure } from "../../src/core/pattern.ts";
import { causal } from "../../src/pattern/causal.ts";
import { longnet } from "../../variants/sparse/longnet.ts";
import { expectDefinition, inAny, inBlockBand, inSegments } from "../pattern/brute-force.ts";
import { bindVariant, defaultsOf, patternOf } from "./bound-variant.ts";

const lengths = fc.integer({ min: 1, max: 90 });
const scale = fc.tuple(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 1, max: 9 }));
const written = (scales: readonly (readonly number[])[]) => scales.map((pair) => pair.join(":")).join(",");

describe("longnet", () => {
  it("has three scales that grow fourfold unless told otherwise", () => {
    expect(defaultsOf(longnet)).toEqual({ scales: "64:1,256:4,1024:16" });
  });

  it("attends what takes part in a segment of some scale, each key once", () => {
    fc.assert(
      fc.property(
        fc.array(scale, { minLength: 1, maxLength: 3 }),
        fc.nat(9),
        lengths,
        (scales, head, length) => {
          const bound = bindVariant(longnet, { scales: written(scales) }, length, head);
          const parts = scales.map(([size, stride]) => inSegments(size, stride, head % stride));
          expectDefinition(bound, inAny(parts));
        },
      ),
    );
  });

  it("is block-local with one scale of stride 1, and has empty rows with none of it", () => {
    expectDefinition(bindVariant(longnet, { scales: "6:1" }, 40, 3), inBlockBand(6, 1));
    const bound = bindVariant(longnet, { scales: "8:2,16:4" }, 40, 1);
    expect(bound.intervals(2)).toEqual([]);
    expect(measure(bound.intervals(5))).toBe(6);
  });

  it("has heads alike again once all strides are", () => {
    expect(patternOf(longnet, { scales: "4:1,8:2,18:3" }).headPeriod).toBe(6);
    expect(patternOf(longnet, { scales: "4:1" }).perHead).toBe(false);
  });

  it("is counted in closed form at one scale, causal too", () => {
    fc.assert(
      fc.property(scale, lengths, ([size, stride], length) => {
        const bound = causal(patternOf(longnet, { scales: `${size}:${stride}` })).bind({ length, head: 0 });
        let pairs = 0;
        for (let i = 0; i < length; i++) {
          if ((i % size) % stride === 0) pairs += Math.floor((i % size) / stride) + 1;
        }
        expect(bound.pairs()).toBe(pairs);
      }),
    );
  });

  it.each(["", "4", "4:", "4:1,", "4:1;8:2", "-4:1", "4:1, 8:2", "4.5:1", null, 7, [[4, 1]]])(
    "refuses the scales %j in one line that says their form",
    (scales) => {
      expect(() => patternOf(longnet, { scales })).toThrow(
        /^longnet\.scales must be pairs of tokens and stride, such as 4:1,8:2 \(at most 80 [^)]*\), got [^\n]*$/,
      );
    },
  );

  it("refuses a segment or a stride of nothing", () => {
    expect(() => patternOf(longnet, { scales: "0:1" })).toThrow(
      /longnet: segments: size must be .*at least 1, got 0/,
    );
    expect(() => patternOf(longnet, { scales: "4:1,4:0" })).toThrow(/longnet: segments: stride must be/);
  });
});
