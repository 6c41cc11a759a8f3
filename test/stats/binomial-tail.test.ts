import fc from "fast-check";
import { expect, test } from "vitest";
import { binomialTail } from "../../src/stats/binomial-tail.ts";
import { logChoose } from "../../src/stats/log-choose.ts";

test.each([
  // By mpmath with forty digits.
  [8, 15, 1 / 15, 1.6389587393393115e-6],
  [3, 6, 0.5, 0.65625],
  [500, 1000, 0.45, 0.0008465492166192605],
  [500, 1000, 0.55, 0.9993191913375663],
  [900, 1000, 0.5, 6.701717790006296e-162],
])("at least %d successes in %d trials of %f have the probability %f", (successes, trials, p, expected) => {
  expect(binomialTail(successes, trials, p) / expected).toBeCloseTo(1, 11);
});

test.each([
  [18, 9, Math.log(48_620)],
  [19, 1, Math.log(19)],
  [40, 17, 25.208890696856134],
  [1000, 500, 689.4672615678512],
  [2000, 7, 44.67064446231854],
])("of %d there are ways to choose %d whose logarithm is %f", (count, chosen, expected) => {
  expect(logChoose(count, chosen) / expected).toBeCloseTo(1, 13);
});

test("what is not a success is a failure", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 300 }),
      fc.integer({ min: -1, max: 301 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (trials, successes, p) => {
        const all = binomialTail(successes, trials, p) + binomialTail(trials - successes + 1, trials, 1 - p);
        expect(all).toBeCloseTo(1, 11);
      },
    ),
  );
});

test("what is no probability and what cannot be chosen are refused", () => {
  for (const bad of [-0.1, 1.1, Number.NaN]) {
    expect(() => binomialTail(1, 2, bad)).toThrow(`got ${bad}`);
  }
  for (const bad of [-1, 4, 0.5, Number.NaN]) expect(() => logChoose(3, bad)).toThrow(`got ${bad}`);
});
