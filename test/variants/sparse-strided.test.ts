import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { causal } from "../../src/pattern/causal.ts";
import { sparseStrided } from "../../variants/sparse/sparse-strided.ts";
import { expectDefinition, inAny, inBand, inComb, inPast } from "../pattern/brute-force.ts";
import { bindVariant, defaultsOf, patternOf } from "./bound-variant.ts";
import { connected } from "./reached.ts";

const lengths = fc.integer({ min: 1, max: 90 });
const strides = fc.integer({ min: 1, max: 100 });
const window = (stride: number) => inBand(stride, 0);
const teeth = (stride: number) => inComb(stride, Number.POSITIVE_INFINITY);
const past = (params: Readonly<Record<string, unknown>>, length: number, head = 0) =>
  causal(patternOf(sparseStrided, params)).bind({ length, head });

describe("sparse-strided", () => {
  it("has a stride of 64 and both parts in every head unless told otherwise", () => {
    expect(defaultsOf(sparseStrided)).toEqual({ stride: 64, mode: "union" });
    expectDefinition(bindVariant(sparseStrided, {}, 150), inAny([window(64), teeth(64)]));
  });

  it("attends the last `stride` tokens and every `stride`-th, and counts the causal pairs in closed form", () => {
    fc.assert(
      fc.property(strides, lengths, (stride, length) => {
        const definition = inAny([window(stride), teeth(stride)]);
        expectDefinition(bindVariant(sparseStrided, { stride }, length), definition);
        const bound = past({ stride }, length);
        expectDefinition(bound, inPast(definition));
        // zoo: sum of min(i, l), then the teeth, of which the query's own is one, without those in the window.
        let near = 0;
        let far = 0;
        for (let i = 0; i < length; i++) {
          near += Math.min(i, stride);
          far += Math.floor(i / stride);
        }
        expect(bound.pairs()).toBe(near + far + length - Math.max(length - stride, 0));
      }),
    );
  });

  it("has the window in even heads and the stride in odd ones where heads take turns", () => {
    fc.assert(
      fc.property(strides, lengths, fc.nat(5), (stride, length, head) => {
        const bound = bindVariant(sparseStrided, { stride, mode: "heads" }, length, head);
        expectDefinition(bound, head % 2 === 0 ? window(stride) : teeth(stride));
      }),
    );
  });

  it("connects every causal pair in two layers", () => {
    fc.assert(
      fc.property(strides, fc.integer({ min: 1, max: 40 }), (stride, length) => {
        const all = (length * (length + 1)) / 2;
        const bound = past({ stride }, length);
        expect(connected([bound, bound]).size).toBe(all);
        const heads = [0, 1].map((head) => past({ stride, mode: "heads" }, length, head));
        expect(connected(heads).size).toBe(all);
      }),
      { numRuns: 40 },
    );
  });
});
