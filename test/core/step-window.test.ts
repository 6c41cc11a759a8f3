import fc from "fast-check";
import { expect, test } from "vitest";
import { stepWindow } from "../../src/core/step-window.ts";

test("a window has 8 to 64 steps, at most an eighth of its position where that is 64 or more, and is around it", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 2 ** 20 }), (position) => {
      const { first, steps, tokens, capacity } = stepWindow(position);
      expect(steps).toBeGreaterThanOrEqual(8);
      expect(steps).toBeLessThanOrEqual(Math.min(64, Math.max(8, position / 8)));
      expect(first).toBe(Math.max(0, position - Math.floor(steps / 2)));
      expect(tokens).toBe(first + steps);
      expect(tokens).toBeGreaterThan(position);
      expect(capacity).toBeGreaterThanOrEqual(tokens);
    }),
  );
});
