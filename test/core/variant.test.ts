import { expect, test } from "vitest";
import { UsageError } from "../../src/core/errors.ts";
import { declareVariant, parameterize } from "../../src/core/variant.ts";
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
