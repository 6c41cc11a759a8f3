import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FailureError, messageOf, printable, UsageError, unknownName } from "../../src/core/errors.ts";

/** Control characters, format characters (bidirectional overrides, zero-width), line and paragraph ends, halves of pairs. */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u;

/** Any 16-bit units at all, most of them nasty. */
const hostile = fc
  .array(
    fc.oneof(
      fc.integer({ min: 0, max: 0xffff }),
      fc.constantFrom(
        0,
        7,
        9,
        10,
        13,
        27,
        0x7f,
        0x9b,
        0x85,
        0xad,
        0x200b,
        0x200e,
        0x2028,
        0x2029,
        0x202e,
        0x2066,
      ),
      fc.constantFrom(0x061c, 0xfeff, 0xd800, 0xdbff, 0xdc00, 0xdfff, 0xd83d, 0xde00),
      fc.integer({ min: 32, max: 126 }),
    ),
    { maxLength: 60 },
  )
  .map((units) => String.fromCharCode(...units));

describe("printable", () => {
  it("lets no control, bidirectional, line-ending or half character through, wherever it cuts", () => {
    fc.assert(
      fc.property(hostile, fc.nat(80), (text, limit) => {
        expect(printable(text, limit)).not.toMatch(UNPRINTABLE);
      }),
      { numRuns: 1000 },
    );
    expect(printable("\u{1f600}".repeat(3), 3)).not.toMatch(UNPRINTABLE);
  });

  it("cuts at the limit and says so with an ellipsis, and only then", () => {
    fc.assert(
      fc.property(hostile, fc.nat(80), (text, limit) => {
        const whole = printable(text, Number.POSITIVE_INFINITY);
        const cut = printable(text, limit);
        if (whole.length <= limit) expect(cut).toBe(whole);
        else expect(cut.endsWith("…") && [...cut].length <= limit + 1).toBe(true);
      }),
    );
    expect(printable("x".repeat(200))).toBe("x".repeat(200));
    expect(printable("x".repeat(201))).toBe(`${"x".repeat(200)}…`);
  });

  it("leaves ordinary text of any script alone", () => {
    const text = "window=128 · 注意力 · внимание · naïve · 😀 \\ '\"";
    expect(printable(text)).toBe(text);
  });

  it("writes what it takes out as an escape that names it", () => {
    expect(printable("a\u001b[31mb\nc\u202ed\u{e0041}")).toBe("a\\u{1b}[31mb\\u{a}c\\u{202e}d\\u{e0041}");
  });

  it("changes nothing the second time", () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const once = printable(text, Number.POSITIVE_INFINITY);
        expect(printable(once, Number.POSITIVE_INFINITY)).toBe(once);
      }),
    );
  });
});

describe("unknownName", () => {
  it("says what was named and lists what is known, on one line", () => {
    expect(unknownName("variant", "lokal", ["full", "local"])).toEqual(
      new UsageError("unknown variant 'lokal'; expected one of full, local"),
    );
    const many = Array.from({ length: 200 }, (_, at) => `variant-${at}`);
    expect(unknownName("variant", "Lokal", [...many, "full", "local"]).message).toMatch(
      /^unknown variant 'Lokal'; expected one of local, full, variant-\d+, .* and 190 more$/,
    );
    expect(unknownName("variant", "x".repeat(1e6), [...many, "local"]).message.length).toBeLessThan(500);
    fc.assert(
      fc.property(hostile, (name) => {
        expect(unknownName("kernel", name, ["js"]).message).not.toMatch(UNPRINTABLE);
      }),
    );
  });
});

describe("messageOf", () => {
  it("is the first line of what was thrown, whatever was thrown", () => {
    expect(messageOf(new FailureError("disk: full"))).toBe("disk: full");
    expect(messageOf(new Error("first\nsecond"))).toBe("first");
    expect(messageOf("plain")).toBe("plain");
    expect(messageOf(undefined)).toBe("undefined");
    fc.assert(
      fc.property(hostile, (text) => {
        expect(messageOf(new Error(text))).not.toMatch(UNPRINTABLE);
      }),
    );
  });
});

describe("the two errors", () => {
  it("are told apart by class and by name", () => {
    expect(new UsageError("x")).toMatchObject({ name: "UsageError", message: "x" });
    expect(new FailureError("x")).toMatchObject({ name: "FailureError", message: "x" });
    expect(new UsageError("x")).not.toBeInstanceOf(FailureError);
    expect(new UsageError("x")).toBeInstanceOf(Error);
  });
});
