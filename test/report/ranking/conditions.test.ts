import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Traits } from "../../../src/core/traits.ts";
import {
  type Conditions,
  choicesAmong,
  meeting,
  NO_CONDITIONS,
} from "../../../src/report/ranking/conditions.ts";
import type { Entry } from "../../../src/report/ranking/entry.ts";
import { pointOn, sampleEntry } from "./sample-entry.ts";

const traits = fc.record<Traits>({
  family: fc.constantFrom("dense", "sparse", "__proto__"),
  causality: fc.constantFrom("either", "always", "never"),
  state: fc.constantFrom("constant", "grows", "none"),
  nearness: fc.constantFrom("exact", "approximate", "own"),
  learns: fc.boolean(),
});

/** Entries of any traits, or none. */
const reports = fc
  .array(
    fc.record({
      traits: fc.option(traits),
      causal: fc.boolean(),
      kernel: fc.constantFrom("js", "wasm"),
      setting: fc.constantFrom("", "2 heads"),
    }),
    { minLength: 1, maxLength: 8 },
  )
  .map((all) => all.map((more, place) => sampleEntry(place, [], more)));

const nowhere = () => null;

describe("conditions", () => {
  it("count for each value the entries that choosing it alone leaves", () => {
    fc.assert(
      fc.property(reports, (entries) => {
        for (const { id, values } of choicesAmong(entries)) {
          for (const { value, count } of values) {
            const chosen = new Map([[id, new Set([value])]]);
            expect(meeting(entries, { ...NO_CONDITIONS, chosen }, nowhere)).toHaveLength(count);
          }
        }
      }),
    );
  });

  it("offer nothing that all entries have, and ask nothing where nothing is chosen", () => {
    fc.assert(
      fc.property(reports, (entries) => {
        for (const { values } of choicesAmong(entries)) {
          expect(values.some(({ count }) => count < entries.length)).toBe(true);
        }
        expect(meeting(entries, NO_CONDITIONS, nowhere)).toEqual(entries);
        expect(choicesAmong([entries[0], entries[0]]).filter(({ id }) => id !== "causal")).toEqual([]);
      }),
    );
  });

  it("leave what has one of the values of every condition", () => {
    fc.assert(
      fc.property(reports, (entries) => {
        const [first, second] = choicesAmong(entries);
        if (second === undefined) return;
        const chosen: Conditions["chosen"] = new Map([
          [first.id, new Set(first.values.map(({ value }) => value))],
          [second.id, new Set([second.values[0].value])],
        ]);
        const both = meeting(entries, { ...NO_CONDITIONS, chosen }, nowhere);
        const alone = (id: typeof first.id) =>
          meeting(
            entries,
            { ...NO_CONDITIONS, chosen: new Map([...chosen].filter(([one]) => one === id)) },
            nowhere,
          );
        expect(new Set(both)).toEqual(new Set(alone(first.id)).intersection(new Set(alone(second.id))));
      }),
    );
  });

  it("of a run that is not causal, causal are those that could be; of one that is partly, those that are", () => {
    const either: Traits = {
      family: "sparse",
      causality: "either",
      state: "constant",
      nearness: "approximate",
      learns: false,
    };
    const entries = [
      sampleEntry(0, [], { traits: either }),
      sampleEntry(1, [], { traits: { ...either, causality: "never" } }),
    ];
    const causal: Conditions = { ...NO_CONDITIONS, chosen: new Map([["causal", new Set(["yes"])]]) };
    expect(meeting(entries, causal, nowhere)).toEqual([entries[0]]);
    const partly = [...entries, sampleEntry(2, [], { traits: either, causal: true })];
    expect(meeting(partly, causal, nowhere)).toEqual([partly[2]]);
    const labels = (some: readonly Entry[]) =>
      choicesAmong(some).flatMap(({ id, values }) =>
        id === "causal" ? values.map(({ label }) => label) : [],
      );
    expect(labels(entries)).toEqual(["can be causal", "can be non-causal"]);
    expect(labels(partly)).toEqual(["causal", "not causal"]);
  });

  it("ask memory and error of the length asked for, and what is not known there does not meet them", () => {
    const entries = [
      sampleEntry(0, [pointOn(256, 1, { memory: 100, error: 0.1 })]),
      sampleEntry(1, [pointOn(256, 1, { memory: 200, error: null })]),
      sampleEntry(2, []),
    ];
    const places = (conditions: Partial<Conditions>) =>
      meeting(entries, { ...NO_CONDITIONS, ...conditions }, ({ points: [point] }) => point ?? null).map(
        ({ place }) => place,
      );
    expect(places({ memory: 100 })).toEqual([0]);
    expect(places({ memory: 200 })).toEqual([0, 1]);
    expect(places({ memory: 200, error: 0.1 })).toEqual([0]);
    expect(places({ error: 0.05 })).toEqual([]);
    expect(places({})).toEqual([0, 1, 2]);
  });
});
