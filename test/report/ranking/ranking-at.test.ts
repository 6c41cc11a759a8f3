import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { rankingAt } from "../../../src/report/ranking/ranking-at.ts";
import { pointOn, sampleEntry } from "./sample-entry.ts";

const doubling = [256, 512, 1024, 2048, 4096];

/** Times from a nanosecond to an hour at rising lengths. */
const curves = fc
  .uniqueArray(fc.tuple(fc.integer({ min: 1, max: 1e6 }), fc.double({ min: 1e-9, max: 3600, noNaN: true })), {
    minLength: 2,
    maxLength: 8,
    selector: ([length]) => length,
  })
  .map((curve) => curve.toSorted(([a], [b]) => a - b));

describe("rankingAt", () => {
  it("is what was measured at measured lengths", () => {
    fc.assert(
      fc.property(curves, (curve) => {
        const entry = sampleEntry(
          0,
          curve.map(([length, seconds]) => pointOn(length, seconds)),
        );
        for (const point of entry.points) {
          const { ranked } = rankingAt([entry], point.length);
          expect(ranked).toEqual([{ ...point, entry, measured: true }]);
        }
      }),
    );
  });

  it("is between its neighbours anywhere else, and moves with the length from one to the other", () => {
    fc.assert(
      fc.property(curves, fc.double({ min: 0, max: 1, noNaN: true }), (curve, share) => {
        const entry = sampleEntry(
          0,
          curve.map(([length, seconds]) => pointOn(length, seconds)),
        );
        const [[from, early], [to, late]] = curve;
        if (to - from < 3) return;
        const at = Math.min(to - 2, from + 1 + Math.floor(share * (to - from - 2)));
        const times = [at, at + 1].map((length) => rankingAt([entry], length).ranked[0].time.value);
        const [least, most] = [Math.min(early, late), Math.max(early, late)];
        for (const time of times) {
          expect(time).toBeGreaterThanOrEqual(least * (1 - 1e-12));
          expect(time).toBeLessThanOrEqual(most * (1 + 1e-12));
        }
        expect((times[1] - times[0]) * (late - early)).toBeGreaterThanOrEqual(-1e-9 * most * most);
      }),
    );
  });

  it("holds its interval around the value, at least as wide as its neighbours' suggest", () => {
    fc.assert(
      fc.property(curves, fc.integer({ min: 1, max: 1e6 }), (curve, length) => {
        const points = curve.map(([at, seconds]) => pointOn(at, seconds));
        for (const { time, measured } of rankingAt([sampleEntry(0, points)], length).ranked) {
          if (time.low === null || time.high === null) expect(points.length).toBe(2);
          else {
            expect(time.value / time.low).toBeGreaterThanOrEqual(1.1 - 1e-9);
            expect(time.high / time.value).toBeGreaterThanOrEqual(1.1 - 1e-9);
            if (measured) expect(time.high / time.low).toBeCloseTo(1.21, 9);
          }
        }
      }),
    );
  });

  it("reads a power of length off exactly, and does not widen its interval", () => {
    for (const exponent of [0, 1, 1.5, 2]) {
      const law = (length: number) => 1e-9 * length ** exponent;
      const entry = sampleEntry(
        0,
        doubling.map((length) =>
          pointOn(length, law(length), {
            gain: { value: length / 100, low: length / 120, high: length / 80 },
            memory: 4 * length,
            error: 0.5,
          }),
        ),
      );
      for (const length of [257, 700, 3000, 4095]) {
        const [{ time, gain, memory, error, measured }] = rankingAt([entry], length).ranked;
        expect(measured).toBe(false);
        expect(time.value).toBeCloseTo(law(length), 15);
        expect(time.low).toBeCloseTo(law(length) / 1.1, 15);
        expect(time.high).toBeCloseTo(law(length) * 1.1, 15);
        expect(gain?.value).toBeCloseTo(length / 100, 9);
        expect(memory).toBeCloseTo(4 * length, 6);
        expect(error).toBeCloseTo(0.5, 12);
      }
    }
  });

  it("covers what bends, such as a quadratic part that takes over, a fixed cost, and a window that fills", () => {
    const laws = [
      (length: number) => 1e-6 * length + 1e-9 * length ** 2,
      (length: number) => 2e-4 + 1e-9 * length ** 2,
      (length: number) => 1e-6 * length * Math.log2(length),
      (length: number) => 1e-3 * Math.sqrt(1 + (length / 900) ** 2),
    ];
    for (const law of laws) {
      const entry = sampleEntry(
        0,
        // As if times had no noise: what is covered is covered by the bend alone, but for a hundredth.
        doubling.map((length) => ({
          ...pointOn(length, law(length)),
          time: { value: law(length), low: law(length) / 1.01, high: law(length) * 1.01 },
        })),
      );
      for (let length = 257; length < 4096; length += 13) {
        const [{ time }] = rankingAt([entry], length).ranked;
        expect(time.low).toBeLessThanOrEqual(law(length));
        expect(time.high).toBeGreaterThanOrEqual(law(length));
      }
    }
  });

  it("covers a kink anywhere between two lengths, such as where a cache is full", () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 3, noNaN: true }),
        fc.double({ min: 0, max: 3, noNaN: true }),
        fc.double({ min: Math.log(512), max: Math.log(2048), noNaN: true }),
        fc.integer({ min: 513, max: 2047 }),
        (before, after, kink, length) => {
          const law = (at: number) => {
            const along = Math.log(at) - kink;
            return 1e-3 * Math.exp(along * (along < 0 ? before : after));
          };
          const exact = doubling.map((at) => {
            const value = law(at);
            return { ...pointOn(at, value), time: { value, low: value, high: value } };
          });
          for (const at of [length, Math.round(Math.exp(kink))]) {
            const [{ time }] = rankingAt([sampleEntry(0, exact)], at).ranked;
            expect(time.low ?? Number.NaN).toBeLessThanOrEqual(law(at) * (1 + 1e-9));
            expect(time.high ?? Number.NaN).toBeGreaterThanOrEqual(law(at) * (1 - 1e-9));
          }
        },
      ),
    );
  });

  it("has no interval between two lengths alone, since nothing tells how the curve bends", () => {
    const entry = sampleEntry(0, [pointOn(256, 1), pointOn(1024, 16)]);
    expect(rankingAt([entry], 512).ranked[0].time).toEqual({ value: 4, low: null, high: null });
  });

  it("orders by time, and equal times by place", () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(1, 2, 3), { minLength: 1, maxLength: 9 }),
        fc.constantFrom(512, 700),
        (times, length) => {
          const entries = times.map((time, place) =>
            sampleEntry(place, [pointOn(512, time), pointOn(1024, 2 * time)]),
          );
          const { ranked } = rankingAt(entries.toReversed(), length);
          const keys = ranked.map(({ time, entry }) => 100 * time.value + entry.place);
          expect(ranked).toHaveLength(times.length);
          expect(keys).toEqual(keys.toSorted((a, b) => a - b));
        },
      ),
    );
  });

  it("ranks nothing outside of what was measured, nor beside a case without a time, and says why", () => {
    const skipped = [{ length: 1024, outcome: "skipped" } as const];
    const entry = sampleEntry(0, [pointOn(256, 1), pointOn(512, 2), pointOn(2048, 8)], { gaps: skipped });
    const why = (length: number) => rankingAt([entry], length).unranked.map((one) => one.why);
    expect(why(128)).toEqual(["measured from 256"]);
    expect(why(4096)).toEqual(["measured to 2k"]);
    expect(why(1024)).toEqual(["skipped"]);
    expect(why(1500)).toEqual(["skipped at 1024"]);
    expect(why(300)).toEqual([]);
    expect(rankingAt([sampleEntry(0, [])], 256).unranked[0].why).toBe("not measured");
  });

  it("draws a straight line where a value is zero, and does not know what neighbours do not", () => {
    const entry = sampleEntry(0, [
      pointOn(256, 1, { memory: 0, state: 10, error: null }),
      pointOn(512, 1, { memory: 512, state: null, error: 0.1 }),
      pointOn(1024, 1, { memory: 512, state: 10, error: 0.1 }),
    ]);
    expect(rankingAt([entry], 384).ranked[0]).toMatchObject({ memory: 256, state: null, error: null });
  });
});
