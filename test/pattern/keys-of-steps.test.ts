import fc from "fast-check";
import { expect, test } from "vitest";
import { shapeOf } from "../../src/core/shape.ts";
import { causal } from "../../src/pattern/causal.ts";
import { keysOfSteps } from "../../src/pattern/keys-of-steps.ts";
import { algebraWithDraws } from "./arbitrary-patterns.ts";

test("the keys of a window of steps are those that some step of it attends, each counted once a head", () => {
  const windows = fc.record({ first: fc.nat(60), steps: fc.integer({ min: 1, max: 20 }) });
  const sizes = fc.record({ heads: fc.integer({ min: 1, max: 3 }), after: fc.nat(30) });
  fc.assert(
    fc.property(algebraWithDraws, windows, sizes, (pattern, { first, steps }, { heads, after }) => {
      const tokens = first + steps;
      const shape = shapeOf({ batch: 2, heads, length: tokens + after, headDim: 4 });
      let keys = 0;
      for (let head = 0; head < heads; head++) {
        const { attends } = causal(pattern).bind({ length: shape.length, head });
        for (let key = 0; key < tokens; key++) {
          for (let query = first; query < tokens; query++) {
            if (!attends(query, key)) continue;
            keys++;
            break;
          }
        }
      }
      const window = { first, steps, tokens, capacity: shape.length };
      expect(keysOfSteps({ pattern }, { shape, causal: true, threads: 1 }, window)).toBe(keys);
    }),
  );
});
