import { expect, test } from "vitest";
import { textWidth } from "../../src/text/text-width.ts";

// As Chromium measures them in DejaVu Sans; an ideograph is as wide as it is high.
test.each([
  ["longformer — N^1.17, declared 2", 203],
  ["exponent fitted on time, declared", 202],
  ["WWMMmm", 68],
  ["300 kFLOP", 64],
  ["注意力", 36],
])("%s is given room, though not twice what it takes", (text, wide) => {
  expect(textWidth(text, 12)).toBeGreaterThanOrEqual(wide);
  expect(textWidth(text, 12)).toBeLessThan(1.35 * wide);
});
