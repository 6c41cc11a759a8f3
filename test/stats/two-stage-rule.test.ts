import fc from "fast-check";
import { expect, test } from "vitest";
import { randomStream } from "../../src/core/random.ts";
import { decide, GATE_RULE, routes, sameWithin } from "../../src/stats/two-stage-rule.ts";

/** As many log ratios with exactly this mean and standard deviation: half of them above the mean, half as far below. */
function blocks(count: number, mean: number, sd = 0): number[] {
  const step = sd * Math.sqrt((count - 1) / count);
  return Array.from({ length: count }, (_, index) => mean + (index % 2 === 0 ? step : -step));
}

/** Blocks whose minima say the same as their medians. */
function agreeing(logRatios: readonly number[]) {
  return { logRatios, minima: logRatios };
}

const log = Math.log1p;

test("stage 1 sends on what is more than 2 % off in the mean, however much its blocks scatter", () => {
  expect(routes(blocks(6, log(0.021), 0.5))).toBe("slower");
  expect(routes(blocks(6, log(0.019), 0.5))).toBeNull();
  expect(routes(blocks(6, -log(0.021), 0.5))).toBe("faster");
  expect(routes(blocks(6, -log(0.019), 0.5))).toBeNull();
  expect(routes([log(0.02)])).toBeNull();
  expect(routes([0.09], { ...GATE_RULE, routeAbove: 0.1 })).toBeNull();
});

test("the bound, ratio and interval of sixteen blocks are those of Student's tables", () => {
  // qt(0.99, 15) = 2.602480, qt(0.999, 15) = 3.732834 and qt(0.975, 15) = 2.131450; the error of the mean is sd/4.
  const found = decide(agreeing(blocks(16, 0.05, 0.02)), 1);
  expect(found.direction).toBe("slower");
  expect(Math.log(found.ratio)).toBeCloseTo(0.05, 12);
  expect(Math.log(found.bound)).toBeCloseTo(0.05 - 2.60248 * 0.005, 8);
  expect(Math.log(found.low)).toBeCloseTo(0.05 - 2.13145 * 0.005, 8);
  expect(Math.log(found.high)).toBeCloseTo(0.05 + 2.13145 * 0.005, 8);
  expect(Math.log(decide(agreeing(blocks(16, 0.05, 0.02)), 10).bound)).toBeCloseTo(
    0.05 - 3.732834 * 0.005,
    8,
  );
});

test("a cell is slower only if bound, mean and minima all say so", () => {
  const slow = (logRatios: number[], minima: number[], k = 1) => decide({ logRatios, minima }, k).direction;
  const minima = blocks(16, 0.05, 0.02);
  expect(slow(blocks(16, 0.05, 0.02), minima)).toBe("slower");
  // The bound: 0.05 less 2.602 quarters of the deviation passes log 1.01 at a deviation of 0.0615.
  expect(slow(blocks(16, 0.05, 0.061), minima)).toBe("slower");
  expect(slow(blocks(16, 0.05, 0.062), minima)).toBeNull();
  expect(slow(blocks(16, 0.05, 0.061), minima, 2)).toBeNull();
  // The mean: at least 3 %, and exactly that is enough.
  expect(slow(blocks(16, log(0.029)), minima)).toBeNull();
  expect(slow(Array(16).fill(log(0.03)), minima)).toBe("slower");
  // The minima: above the floor, whatever their scatter.
  expect(slow(blocks(16, 0.05), blocks(16, 0.0099, 0.3))).toBeNull();
  expect(slow(blocks(16, 0.05), blocks(16, 0.01, 0.3))).toBe("slower");
  expect(slow(blocks(16, 0.05), blocks(16, -0.05))).toBeNull();
  expect(slow(blocks(16, -0.05), blocks(16, -0.0099))).toBeNull();
  expect(slow(blocks(16, -0.05), blocks(16, -0.01))).toBe("faster");
});

test("faster is the mirror image of slower, number by number", () => {
  const logRatio = fc.double({ min: -0.2, max: 0.2, noNaN: true });
  const pairs = fc.array(fc.tuple(logRatio, logRatio), { minLength: 2, maxLength: 32 });
  const offset = fc.constantFrom(0, 0.05, 0.2, 0.4);
  fc.assert(
    fc.property(pairs, offset, fc.integer({ min: 1, max: 40 }), (list, shift, k) => {
      const logRatios = list.map(([ratio]) => ratio + shift);
      const minima = list.map(([, ratio]) => ratio + shift);
      const there = decide({ logRatios, minima }, k);
      const back = decide({ logRatios: logRatios.map((x) => -x), minima: minima.map((x) => -x) }, k);
      const mirrored = { slower: "faster", faster: "slower" } as const;
      expect(back.direction).toBe(there.direction === null ? null : mirrored[there.direction]);
      expect(back.ratio * there.ratio).toBeCloseTo(1, 12);
      expect(back.low * there.high).toBeCloseTo(1, 12);
      expect(back.bound * there.bound).toBeCloseTo(1, 12);
      expect(there.low).toBeLessThanOrEqual(there.ratio);
      if (there.direction === "slower") expect(there.bound).toBeGreaterThan(1 + GATE_RULE.floor);
      if (there.direction === "slower") expect(there.ratio).toBeGreaterThan(1.03 - 1e-12);
    }),
  );
});

test("blocks that do not vary have bounds at their mean", () => {
  const found = decide(agreeing(Array(2).fill(0.125)), 3);
  expect(found).toEqual({
    direction: "slower",
    ratio: Math.exp(0.125),
    low: Math.exp(0.125),
    high: Math.exp(0.125),
    bound: Math.exp(0.125),
  });
  expect(decide(agreeing([0, 0, 0]), 1)).toEqual({ direction: null, ratio: 1, low: 1, high: 1, bound: 1 });
});

test("a rule with other numbers is another rule", () => {
  const loose = { ...GATE_RULE, alpha: 0.2, least: 0.005, floor: 0.001 };
  const logRatios = blocks(16, 0.01, 0.02);
  expect(decide(agreeing(logRatios), 1).direction).toBeNull();
  expect(decide(agreeing(logRatios), 1, loose).direction).toBe("slower");
});

test("what is surely within the margin on both sides is the same, and noise is not", () => {
  // qt(0.95, 15) = 1.753050: 0.01 and log 1.05 are 0.0388 apart, which is the reach at a deviation of 0.0885.
  expect(sameWithin(blocks(16, 0.01, 0.088), 0.05)).toBe(true);
  expect(sameWithin(blocks(16, 0.01, 0.089), 0.05)).toBe(false);
  expect(sameWithin(blocks(16, -0.01, 0.088), 0.05)).toBe(true);
  expect(sameWithin(blocks(16, -0.01, 0.089), 0.05)).toBe(false);
  expect(sameWithin(blocks(16, 0, 1), 0.05)).toBe(false);
  expect(sameWithin([0.04, 0.04], 0.05)).toBe(true);
  expect(sameWithin([0.05, 0.05], 0.05)).toBe(false);
  expect(sameWithin([-0.05, -0.05], 0.05)).toBe(false);
});

test("of cells slower by just the margin at most 5 % pass for the same", () => {
  const random = randomStream(60);
  let same = 0;
  const runs = 4000;
  for (let run = 0; run < runs; run++) {
    const logRatios = Array.from({ length: 6 }, () => log(0.05) + 0.02 * random.gaussian());
    if (sameWithin(logRatios, 0.05)) same++;
  }
  expect(same / runs).toBeLessThan(0.064);
  expect(same / runs).toBeGreaterThan(0.036);
});

test("too few blocks, unlike lists and what is not finite are refused", () => {
  expect(() => routes([])).toThrow("routes: at least 1 blocks are needed, got 0");
  expect(() => decide(agreeing([0.1]), 1)).toThrow("decide: at least 2 blocks are needed, got 1");
  expect(() => sameWithin([0.1], 0.05)).toThrow("sameWithin: at least 2 blocks are needed, got 1");
  expect(() => decide({ logRatios: [0, 0], minima: [0] }, 1)).toThrow("got 1 and 2");
  for (const bad of [Number.NaN, Number.POSITIVE_INFINITY]) {
    expect(() => routes([0, bad])).toThrow(`must be finite, got ${bad}`);
    expect(() => decide({ logRatios: [0, 0], minima: [0, bad] }, 1)).toThrow(`must be finite, got ${bad}`);
  }
  for (const bad of [0, 1.5, Number.NaN]) expect(() => decide(agreeing([0, 0]), bad)).toThrow(`got ${bad}`);
  for (const bad of [0, -1, Number.NaN]) expect(() => sameWithin([0, 0], bad)).toThrow(`got ${bad}`);
});
