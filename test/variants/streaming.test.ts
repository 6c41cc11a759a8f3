import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { causal } from "../../src/pattern/causal.ts";
import { keptKeys } from "../../src/pattern/kept-keys.ts";
import { lastQueries } from "../../src/pattern/last-queries.ts";
import { streaming } from "../../variants/sparse/streaming.ts";
import { expectDefinition, inBand } from "../pattern/brute-force.ts";
import { bindVariant, defaultsOf, patternOf } from "./bound-variant.ts";

const lengths = fc.integer({ min: 1, max: 90 });
const counts = fc.nat(100);
const windows = fc.integer({ min: 1, max: 100 });
const past = (sinks: number, window: number, length: number) =>
  causal(patternOf(streaming, { sinks, window })).bind({ length, head: 0 });

describe("streaming", () => {
  it("has 4 sinks and a window of 512 tokens unless told otherwise", () => {
    expect(defaultsOf(streaming)).toEqual({ sinks: 4, window: 512 });
  });

  it("attends the sinks and the last tokens, and counts the causal pairs in closed form", () => {
    fc.assert(
      fc.property(counts, windows, lengths, (sinks, window, length) => {
        const bound = bindVariant(streaming, { sinks, window }, length);
        expectDefinition(bound, (i, j) => j < sinks || (i - window < j && j <= i));
        const short = Math.min(length, sinks + window);
        const pairs = (short * (short + 1)) / 2 + (length - short) * (sinks + window);
        expect(past(sinks, window, length).pairs()).toBe(pairs);
      }),
    );
  });

  it("is a window without sinks, and causal full attention once the window has all", () => {
    fc.assert(
      fc.property(counts, windows, lengths, (sinks, window, length) => {
        expectDefinition(bindVariant(streaming, { sinks: 0, window }, length), inBand(window - 1, 0));
        expectDefinition(past(sinks, length, length), (i, j) => j <= i);
      }),
    );
  });

  it("keeps the sinks and the window and no more, however many tokens were taken in", () => {
    const kept = keptKeys(lastQueries(past(3, 7, 200)));
    for (let position = 10; position < 180; position++) expect(kept[position]).toBe(10);
  });
});
