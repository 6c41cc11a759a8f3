import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { causal } from "../../src/pattern/causal.ts";
import { logsparse } from "../../variants/sparse/logsparse.ts";
import { expectDefinition, inAny, inBand, inPowersOfTwo } from "../pattern/brute-force.ts";
import { bindVariant, defaultsOf, patternOf } from "./bound-variant.ts";
import { layersToConnect } from "./reached.ts";

const lengths = fc.integer({ min: 1, max: 150 });
const past = (length: number) => causal(patternOf(logsparse)).bind({ length, head: 0 });

describe("logsparse", () => {
  it("has no local part unless told otherwise", () => {
    expect(defaultsOf(logsparse)).toEqual({ local: 0 });
  });

  it("attends the keys at distances 0, 1, 2, 4, …, and those of the window, and counts them", () => {
    fc.assert(
      fc.property(fc.nat(20), lengths, (local, length) => {
        const bound = bindVariant(logsparse, { local }, length);
        expectDefinition(bound, inAny([inPowersOfTwo, inBand(local, local)]));
        let pairs = length;
        for (let distance = 1; distance < length; distance *= 2) pairs += length - distance;
        expect(past(length).pairs()).toBe(pairs);
      }),
    );
  });

  it("is full attention once the window has all", () => {
    for (const length of [1, 7, 64]) {
      expect(bindVariant(logsparse, { local: length }, length).pairs()).toBe(length ** 2);
    }
  });

  it("connects everything in at most ⌊log₂N⌋ + 1 causal layers", () => {
    for (const length of [1, 2, 5, 16, 31, 33]) {
      expect(layersToConnect(past(length), true)).toBeLessThanOrEqual(Math.floor(Math.log2(length)) + 1);
    }
    expect(layersToConnect(bindVariant(logsparse, {}, 64), false)).toBe(4);
  });
});
