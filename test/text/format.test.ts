import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  formatBytes,
  formatCount,
  formatFlops,
  formatLength,
  formatPercent,
  formatRatio,
  formatSeconds,
} from "../../src/text/format.ts";

describe("formatSeconds", () => {
  test.each([
    [0, "0 s"],
    [1.5e-10, "0.150 ns"],
    [12.34e-9, "12.3 ns"],
    [1.234e-6, "1.23 µs"],
    [123.4e-6, "123 µs"],
    [1e-5, "10.0 µs"],
    [1.2e-3, "1.20 ms"],
    [1, "1.00 s"],
    [61.26, "61.3 s"],
    [1234.5, "1235 s"],
  ])("%f s reads %s", (seconds, text) => expect(formatSeconds(seconds)).toBe(text));

  test("rounds before it chooses the unit", () => {
    expect(formatSeconds(999.96e-6)).toBe("1.00 ms");
    expect(formatSeconds(999.4e-6)).toBe("999 µs");
    expect(formatSeconds(9.996e-3)).toBe("10.0 ms");
  });

  test("takes a number of digits, for ticks", () => {
    expect(formatSeconds(1e-5, 1)).toBe("10 µs");
    expect(formatSeconds(3e-7, 1)).toBe("300 ns");
    expect(formatSeconds(2, 1)).toBe("2 s");
  });

  test("is off by at most half a unit of the third digit, and never writes an exponent up to a year", () => {
    const sizes: Readonly<Record<string, number>> = { ns: 1e-9, µs: 1e-6, ms: 1e-3, s: 1, h: 3600 };
    fc.assert(
      fc.property(fc.double({ min: 1e-9, max: 3e7, noNaN: true }), (seconds) => {
        const text = formatSeconds(seconds);
        expect(text).toMatch(/^\d+(\.\d+)? (ns|µs|ms|s|h)$/);
        const [number, unit] = text.split(" ");
        expect(Math.abs(Number(number) * sizes[unit] - seconds)).toBeLessThanOrEqual(0.005001 * seconds);
      }),
    );
  });
});

describe("formatCount", () => {
  test.each([
    [0, "0"],
    [7, "7"],
    [999, "999"],
    [12.5, "12.5"],
    [1000, "1.00k"],
    [1234, "1.23k"],
    [999_999, "1.00M"],
    [45_600_000, "45.6M"],
    [7.89e9, "7.89G"],
    [1.2e12, "1.20T"],
    [3e15, "3.00P"],
  ])("%d reads %s", (count, text) => expect(formatCount(count)).toBe(text));
});

test("operations carry their unit", () => {
  expect(formatFlops(512)).toBe("512 FLOP");
  expect(formatFlops(1.5e6)).toBe("1.50 MFLOP");
  expect(formatFlops(3e10, 1)).toBe("30 GFLOP");
});

test("bytes count in powers of 1024", () => {
  expect(formatBytes(512)).toBe("512 B");
  expect(formatBytes(1536)).toBe("1.50 KiB");
  expect(formatBytes(1024 ** 2)).toBe("1.00 MiB");
  expect(formatBytes(16 * 1024 ** 3)).toBe("16.0 GiB");
  expect(formatBytes(2 * 1024 ** 4)).toBe("2.00 TiB");
});

test("lengths read as one would type them", () => {
  expect([0, 1, 256, 1000, 1024, 1536, 4096, 5000, 10_240, 1_048_576, 1_572_864].map(formatLength)).toEqual([
    "0",
    "1",
    "256",
    "1000",
    "1k",
    "1536",
    "4k",
    "5000",
    "10k",
    "1M",
    "1536k",
  ]);
});

test("ratios keep two digits, or all whole ones", () => {
  expect([0.0523, 0.5, 1, 1.49, 9.96, 12.4, 1240.4].map((ratio) => formatRatio(ratio))).toEqual([
    "0.052×",
    "0.50×",
    "1.0×",
    "1.5×",
    "10×",
    "12×",
    "1240×",
  ]);
});

test("a share is a percentage without digits that binary fractions make up", () => {
  expect([0, 0.03, 0.035, 0.005, 0.1, 0.125, 0.99, 1, 12].map((share) => formatPercent(share))).toEqual([
    "0 %",
    "3 %",
    "3.5 %",
    "0.5 %",
    "10 %",
    "13 %",
    "99 %",
    "100 %",
    "1200 %",
  ]);
});

test.each([formatSeconds, formatCount, formatFlops, formatBytes, formatPercent, formatRatio, formatLength])(
  "%o refuses what is no quantity",
  (format) => {
    for (const bad of [Number.NaN, -1, Number.POSITIVE_INFINITY]) {
      expect(() => format(bad)).toThrow(new RegExp(`^${format.name}: .*got ${bad}$`));
    }
  },
);
