import fc from "fast-check";
import { expect, test } from "vitest";
import { randomStream } from "../../src/core/random.ts";
import { holm } from "../../src/stats/holm.ts";

const probability = fc.double({ min: 0, max: 1, noNaN: true });

test("a list has the adjusted values that R's p.adjust gives, in its own order", () => {
  // p.adjust(c(0.01, 0.04, 0.03, 0.005), "holm"): 4 × 0.005, 3 × 0.01, 2 × 0.03, and 0.04 raised to the one before it.
  const adjusted = holm([0.01, 0.04, 0.03, 0.005]);
  for (const [index, expected] of [0.03, 0.06, 0.06, 0.02].entries()) {
    expect(adjusted[index]).toBeCloseTo(expected, 15);
  }
  expect(holm([0.5, 0.6, 1])).toEqual([1, 1, 1]);
  expect(holm([0.02])).toEqual([0.02]);
  expect(holm([])).toEqual([]);
});

test("an adjusted value is at least its own and at most Bonferroni's, and keeps the order", () => {
  fc.assert(
    fc.property(fc.array(probability, { maxLength: 40 }), (pValues) => {
      const adjusted = holm(pValues);
      for (const [a, p] of pValues.entries()) {
        expect(adjusted[a]).toBeGreaterThanOrEqual(p);
        expect(adjusted[a]).toBeLessThanOrEqual(Math.min(1, p * pValues.length));
        for (const [b, other] of pValues.entries()) {
          if (p <= other) expect(adjusted[a]).toBeLessThanOrEqual(adjusted[b]);
        }
      }
    }),
  );
});

test("among a hundred true hypotheses and ten false ones a true one is rejected in at most 5 % of lists", () => {
  const random = randomStream(30);
  let wrong = 0;
  const runs = 4000;
  for (let run = 0; run < runs; run++) {
    const pValues = Array.from({ length: 110 }, (_, index) => random.uniform() * (index < 100 ? 1 : 1e-9));
    if (holm(pValues).some((p, index) => index < 100 && p <= 0.05)) wrong++;
  }
  // Four standard deviations of a share of 5 % are 1.4 %; one that adjusted nothing would be wrong nearly always.
  expect(wrong / runs).toBeLessThan(0.064);
  expect(wrong / runs).toBeGreaterThan(0.036);
});

test("what is no probability is refused", () => {
  for (const bad of [-1e-9, 1.1, Number.NaN]) expect(() => holm([0.5, bad])).toThrow(`got ${bad}`);
});
