import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { UsageError } from "../../src/core/errors.ts";
import { completeParameters, int, optionalInt, readValue, real, text } from "../../src/core/parameters.ts";

const declared = {
  width: int(8, { least: 2, unit: "tokens", meaning: "how wide" }),
  reach: optionalInt({ unit: "tokens", meaning: "how far" }),
  eps: real(0.5, { unit: "added", meaning: "how soft" }),
};
const complete = (overrides: Readonly<Record<string, unknown>>) =>
  completeParameters("toy", declared, overrides);

describe("the declarations", () => {
  it("take the default as the probe and 0 as the least unless told otherwise", () => {
    expect(int(8, { unit: "u", meaning: "m" })).toEqual({
      default: 8,
      integer: true,
      least: 0,
      optional: false,
      unit: "u",
      meaning: "m",
      probe: 8,
    });
    expect(int(8, { unit: "u", meaning: "m", probe: 3, least: 1 })).toMatchObject({ probe: 3, least: 1 });
    expect(optionalInt({ unit: "u", meaning: "m" })).toMatchObject({
      default: null,
      probe: null,
      optional: true,
      integer: true,
    });
    expect(real(0.5, { unit: "u", meaning: "m" })).toMatchObject({
      default: 0.5,
      integer: false,
      optional: false,
    });
  });

  it("carry the value that makes a pattern full where there is one", () => {
    expect(int(8, { unit: "u", meaning: "m", fullAt: (n) => 2 * n }).fullAt?.(5, {})).toBe(10);
    expect(int(8, { unit: "u", meaning: "m" })).not.toHaveProperty("fullAt");
  });
});

describe("completeParameters", () => {
  it("takes overrides that fit and defaults for the rest, in the declared order", () => {
    const fitting = fc.record(
      {
        eps: fc.double({ min: 0, max: 1e9, noNaN: true }),
        reach: fc.option(fc.maxSafeNat()),
        width: fc.integer({ min: 2, max: Number.MAX_SAFE_INTEGER }),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(fitting, (overrides) => {
        const before = structuredClone(overrides);
        const values = complete(overrides);
        expect(values).toEqual({ width: 8, reach: null, eps: 0.5, ...overrides });
        expect(Object.keys(values)).toEqual(["width", "reach", "eps"]);
        expect(overrides).toEqual(before);
      }),
    );
  });

  it("refuses every other value of any type, in one line", () => {
    const anything = fc.anything({ withBigInt: true, withDate: true, withNullPrototype: false });
    const width = fc.oneof(anything, fc.double(), fc.integer({ max: 1 }), fc.double({ min: 2 ** 53 }));
    fc.assert(
      fc.property(width, (value) => {
        fc.pre(!(Number.isSafeInteger(value) && Number(value) >= 2));
        fc.pre(
          !(
            typeof value === "object" &&
            value !== null &&
            "toString" in value &&
            Object.hasOwn(value, "toString")
          ),
        );
        expect(() => complete({ width: value })).toThrow(UsageError);
        expect(() => complete({ width: value })).toThrow(
          /^toy\.width must be an integer of at least 2 \(tokens\), got .*$/,
        );
      }),
    );
  });

  it("says that a parameter may be none, where it may", () => {
    expect(() => complete({ reach: -1 })).toThrow(
      new UsageError("toy.reach must be an integer of at least 0 (tokens), or none, got -1"),
    );
    expect(() => complete({ eps: Number.NaN })).toThrow(
      new UsageError("toy.eps must be a number of at least 0 (added), got NaN"),
    );
    expect(() => complete({ width: null })).toThrow(
      new UsageError("toy.width must be an integer of at least 2 (tokens), got none"),
    );
  });

  it("refuses unknown names and lists the known ones, those of every object among the unknown", () => {
    for (const name of ["widht", "toString", "__proto__", "constructor"]) {
      expect(() => complete(Object.fromEntries([[name, 1]]))).toThrow(
        new UsageError(`unknown parameter of toy '${name}'; expected one of width, reach, eps`),
      );
    }
    expect(() => completeParameters("bare", {}, { width: 1 })).toThrow(
      new UsageError("unknown parameter of bare 'width'; bare has no parameters"),
    );
  });
});

describe("a text of a form of its own", () => {
  const word = text("a1", {
    form: /^[a-z]\d$/,
    rule: "a letter and a digit",
    unit: "u",
    meaning: "m",
    probe: "b2",
  });

  it("is taken as it is, on the command line too", () => {
    expect(word).toEqual({
      default: "a1",
      form: /^[a-z]\d$/,
      rule: "a letter and a digit",
      unit: "u",
      meaning: "m",
      probe: "b2",
    });
    expect(completeParameters("toy", { word }, { word: "c3" })).toEqual({ word: "c3" });
    expect([readValue(word, "c3"), readValue(word, "none"), readValue(word, "3")]).toEqual([
      "c3",
      undefined,
      undefined,
    ]);
  });

  it("is refused in another form, in one line that says which", () => {
    const long = text("a", { form: /^a+$/, rule: "many a", unit: "u", meaning: "m" });
    expect(completeParameters("toy", { long }, { long: "a".repeat(80) }).long).toHaveLength(80);
    expect(() => completeParameters("toy", { long }, { long: "a".repeat(81) })).toThrow(/at most 80/);
    for (const [value, got] of [
      ["c33", "c33"],
      [null, "none"],
      [3, "3"],
      ["a\n1", "a"],
    ] as const) {
      expect(() => completeParameters("toy", { word }, { word: value })).toThrow(UsageError);
      expect(() => completeParameters("toy", { word }, { word: value })).toThrow(
        new RegExp(`^toy\\.word must be a letter and a digit \\(at most 80 [^)]*\\), got ${got}`),
      );
    }
  });
});
