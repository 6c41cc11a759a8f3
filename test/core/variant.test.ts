import { expect, test } from "vitest";
import { UsageError } from "../../src/core/errors.ts";
import { costOf, declareVariant, parameterize } from "../../src/core/variant.ts";
import { everything } from "../../src/index.ts";

const named = { id: "mine", title: "Mine", source: "none", params: {} };
const build = () => ({ kind: "softmaxPattern", pattern: everything() });

test("a variant that declares an exponent grows with it at every length, and one that declares a growth as that does", () => {
  const quadratic = parameterize(declareVariant({ ...named, exponent: () => 2 }, build), {});
  expect([64, 1024].map(quadratic.exponentAt)).toEqual([2, 2]);
  expect(quadratic.exponent).toBe(2);
  const sorting = parameterize(declareVariant({ ...named, growth: (n) => n * Math.log2(n) }, build), {});
  expect([64, 1024, 65_536].map(sorting.exponentAt)).toEqual([1.24, 1.14, 1.09]);
  expect(sorting.exponent).toBe(1.09);
});

test("a variant must say how it grows, in one way, and what is wrong with it is told with its name", () => {
  const rule = /mine: must declare an exponent or a growth, and not both/;
  // @ts-expect-error: neither
  expect(() => declareVariant(named, build)).toThrow(rule);
  // @ts-expect-error: both
  expect(() => declareVariant({ ...named, exponent: () => 2, growth: () => 1 }, build)).toThrow(rule);
  const broken = declareVariant({ ...named, growth: () => Number.NaN }, build);
  expect(() => parameterize(broken, {})).toThrow(UsageError);
  expect(() => parameterize(broken, {})).toThrow(/^mine: growth: must be finite/);
});

test("a summary is one short line, and the title stands in for one that is omitted", () => {
  const declared = (summary: string) =>
    declareVariant({ ...named, summary, exponent: () => 2 }, build).summary;
  expect(declareVariant({ ...named, exponent: () => 2 }, build).summary).toBe("Mine");
  expect(declared("keys near the query")).toBe("keys near the query");
  const long = "x".repeat(80);
  expect(declared(long)).toBe(long);
  for (const wrong of ["", " keys", "keys.", "two\nlines", `${long}x`]) {
    expect(() => declared(wrong), wrong).toThrow(
      /^variant mine: summary must be one line of 1 to 80 characters without a full stop at its end, got '/,
    );
  }
  // @ts-expect-error: plain JavaScript may pass anything
  expect(() => declared(7)).toThrow(/got '7'/);
});

test("a model in Long Range Arena is named in one short line", () => {
  const declared = (arena: string) => declareVariant({ ...named, arena, exponent: () => 2 }, build).arena;
  expect(declared("Linear Trans.")).toBe("Linear Trans.");
  for (const wrong of ["", "two\nlines", "x".repeat(41)]) {
    expect(() => declared(wrong), wrong).toThrow(
      /^variant mine: arena must be one line of 1 to 40 characters, got '/,
    );
  }
});

test("the cost is a power, a name, or a power at a length where it is neither", () => {
  const cost = (growth: (n: number) => number) => costOf(declareVariant({ ...named, growth }, build));
  expect(costOf(declareVariant({ ...named, exponent: () => 1.5 }, build))).toBe("N^1.5");
  expect(cost((n) => n ** 2)).toBe("N^2");
  expect(cost((n) => n * Math.log(n))).toBe("N log N");
  expect(cost((n) => n + n ** 1.5 / 256)).toBe("N^1.25 at 64k");
});
