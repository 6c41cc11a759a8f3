import fc from "fast-check";
import { expect, test } from "vitest";
import { shareRange, shareText } from "../../src/text/share-text.ts";

test.each([
  [1, "100 %"],
  [0.998, "99.8 %"],
  [0.99999, "99.9 %"],
  [0.99, "99 %"],
  [0.29, "29 %"],
  [0.1, "10 %"],
  [0.0996, "10 %"],
  [1 / 128, "0.8 %"],
  [1e-6, "<0.1 %"],
  [0, "0 %"],
])("%f reads %s", (share, text) => expect(shareText(share)).toBe(text));

test("only all are 100 %, and only none are 0 %", () => {
  fc.assert(
    fc.property(fc.double({ min: 0, max: 1, noNaN: true }), (share) => {
      const text = shareText(share);
      expect(text === "100 %").toBe(share === 1);
      expect(text === "0 %" || text === "0.0 %").toBe(share === 0);
      const value = Number(text.replace(/[<%\s]/g, "")) / 100;
      expect(Math.abs(value - share)).toBeLessThan(0.006);
    }),
  );
});

test("a range is one number where its ends read alike", () => {
  expect(shareRange(0.13, 0.74)).toBe("13–74 %");
  expect(shareRange(0.956, 0.958)).toBe("96 %");
  expect(() => shareText(Number.NaN)).toThrow(RangeError);
  expect(() => shareText(1.2)).toThrow("a share must be from 0 to 1, got 1.2");
});
