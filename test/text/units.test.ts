import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { UsageError } from "../../src/core/errors.ts";
import { MAX_ELEMENTS } from "../../src/core/shape.ts";
import { parseDuration, parseInteger, parseLength, parseLengths, parseShare } from "../../src/text/units.ts";

/** Asserts that a text is refused in one line that begins with the option. */
function expectRefusal(run: () => unknown): void {
  expect(run).toThrow(UsageError);
  expect(run).toThrow(/^--option: [^\n]+$/);
}

const hostile = fc.oneof(
  fc.string(),
  fc.constantFrom(
    "",
    " ",
    "0",
    "-1",
    "NaN",
    "Infinity",
    "1e9",
    "1.5",
    "0x10",
    "1kk",
    "1 k",
    "k",
    "4096..256",
    "1..2..3",
  ),
  fc.constantFrom("..", "1..", "..1", "1,,2", ",", "1\n2", "٣", "9".repeat(400), "99999999999k", "\u202e1"),
);

describe("parseLength", () => {
  it("reads any length back that is written plainly or in k or M", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1024 }), (count) => {
        expect(parseLength("--option", `${count}`)).toBe(count);
        expect(parseLength("--option", `${count}k`)).toBe(count * 1024);
        expect(parseLength("--option", `${count}K`)).toBe(count * 1024);
        expect(parseLength("--option", `${count}M`)).toBe(count * 1024 ** 2);
      }),
    );
  });

  it("reads or refuses any text, and never gives anything but a whole number in bounds", () => {
    fc.assert(
      fc.property(hostile, (text) => {
        let length: number;
        try {
          length = parseLength("--option", text);
        } catch {
          expectRefusal(() => parseLength("--option", text));
          return;
        }
        expect(Number.isInteger(length) && length >= 1 && length <= MAX_ELEMENTS).toBe(true);
      }),
    );
  });
});

describe("parseLengths", () => {
  it("reads a list of lengths sorted, each once", () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 10_000 }), { minLength: 1, maxLength: 40 }),
        (lengths) => {
          const expected = [...new Set(lengths)].sort((a, b) => a - b);
          expect(parseLengths("--option", lengths.join(","))).toEqual(expected);
          expect(parseLengths("--option", lengths.join(" , "))).toEqual(expected);
        },
      ),
    );
    expect(parseLengths("--option", "1k,2k,5000")).toEqual([1024, 2048, 5000]);
  });

  it("doubles a range from its first length up to its last, which it never passes", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5000 }), fc.nat(100_000), (from, more) => {
        const lengths = parseLengths("--option", `${from}..${from + more}`);
        expect(lengths[0]).toBe(from);
        expect(lengths.every((length, at) => at === 0 || length === 2 * lengths[at - 1])).toBe(true);
        const last = lengths.at(-1) ?? 0;
        expect(last <= from + more && 2 * last > from + more).toBe(true);
      }),
    );
    expect(parseLengths("--option", "256..8k,300")).toEqual([256, 300, 512, 1024, 2048, 4096, 8192]);
  });

  it("reads or refuses any text", () => {
    fc.assert(
      fc.property(fc.array(hostile, { minLength: 1, maxLength: 3 }), (items) => {
        const text = items.join(",");
        try {
          expect(parseLengths("--option", text).length).toBeGreaterThan(0);
        } catch {
          expectRefusal(() => parseLengths("--option", text));
        }
      }),
    );
  });

  it("refuses a range that runs backwards, one of three ends, and more than a hundred lengths", () => {
    expectRefusal(() => parseLengths("--option", "4096..256"));
    expectRefusal(() => parseLengths("--option", "1..2..3"));
    const hundred = Array.from({ length: 100 }, (_, index) => index + 1);
    expect(parseLengths("--option", hundred.join(",")).length).toBe(100);
    expectRefusal(() => parseLengths("--option", [...hundred, 101].join(",")));
  });
});

describe("parseDuration", () => {
  it("reads seconds, milliseconds, minutes and hours, and a bare number as seconds", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100 }), (count) => {
        expect(parseDuration("--option", `${count}`)).toBe(count);
        expect(parseDuration("--option", `${count}s`)).toBe(count);
        expect(parseDuration("--option", `${count}ms`)).toBeCloseTo(count / 1000, 12);
        expect(parseDuration("--option", `${count}m`)).toBe(count * 60);
        expect(parseDuration("--option", `${count}h`)).toBe(count * 3600);
        expect(parseDuration("--option", ` ${count}.5s `)).toBe(count + 0.5);
      }),
    );
  });

  it("reads or refuses any text, and gives nothing beyond a week", () => {
    fc.assert(
      fc.property(hostile, (text) => {
        try {
          const seconds = parseDuration("--option", text);
          expect(seconds > 0 && seconds <= 7 * 24 * 3600).toBe(true);
        } catch {
          expectRefusal(() => parseDuration("--option", text));
        }
      }),
    );
    for (const text of ["0", "0s", "169h", "-1s", "1d", "1e3"]) {
      expectRefusal(() => parseDuration("--option", text));
    }
  });
});

describe("parseInteger", () => {
  it("reads an integer within its bounds, and refuses one outside by naming them", () => {
    fc.assert(
      fc.property(fc.integer(), fc.nat(), fc.nat(), (value, below, above) => {
        expect(parseInteger("--option", `${value}`, value - below, value + above)).toBe(value);
        expectRefusal(() => parseInteger("--option", `${value}`, value + 1, value + 1 + above));
        expect(() => parseInteger("--option", `${value}`, value + 1, value + 2)).toThrow(
          `--option: must be an integer from ${value + 1} to ${value + 2}, got '${value}'`,
        );
      }),
    );
  });

  it("reads or refuses any text", () => {
    fc.assert(
      fc.property(hostile, (text) => {
        try {
          expect(Number.isInteger(parseInteger("--option", text, -10, 10))).toBe(true);
        } catch {
          expectRefusal(() => parseInteger("--option", text, -10, 10));
        }
      }),
    );
  });
});

describe("parseShare", () => {
  it("reads percentages and fractions as the same number", () => {
    for (const [text, share] of [
      ["3%", 0.03],
      ["0.03", 0.03],
      [".03", 0.03],
      [" 3 % ", 0.03],
      ["0.5%", 0.005],
      ["99.9%", 0.999],
      ["12.5%", 0.125],
    ] as const) {
      expect(parseShare("--option", text)).toBe(share);
    }
  });

  it("refuses what may mean either, nothing, or all", () => {
    for (const text of [
      "3",
      "1",
      "0",
      "0%",
      "100%",
      "101%",
      "-3%",
      "3%%",
      "%",
      "",
      "1e-2",
      "NaN",
      "٣%",
      "3 percent",
    ]) {
      expectRefusal(() => parseShare("--option", text));
    }
  });

  it("reads or refuses any text", () => {
    fc.assert(
      fc.property(hostile, (text) => {
        try {
          const share = parseShare("--option", text);
          expect(share > 0 && share < 1).toBe(true);
        } catch {
          expectRefusal(() => parseShare("--option", text));
        }
      }),
    );
  });
});
