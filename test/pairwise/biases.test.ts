import fc, { type Arbitrary } from "fast-check";
import { expect, it } from "vitest";
import { alibi } from "../../src/pairwise/alibi.ts";
import type { Bias } from "../../src/pairwise/bias.ts";
import { bindBiases } from "../../src/pairwise/bind-biases.ts";
import { shiftBias } from "../../src/pairwise/shift-bias.ts";
import { t5Bias } from "../../src/pairwise/t5-bias.ts";
import { windowBias } from "../../src/pairwise/window-bias.ts";

const biases: Arbitrary<Bias> = fc.oneof(
  fc.constant(alibi()),
  fc
    .record({ half: fc.integer({ min: 2, max: 9 }), beyond: fc.integer({ min: 1, max: 40 }) })
    .map(({ half, beyond }) => t5Bias({ buckets: 2 * half, distance: half + beyond, seed: 0 })),
  fc
    .record({ width: fc.integer({ min: 1, max: 9 }), window: fc.integer({ min: 1, max: 9 }) })
    .map(({ width, window }) => windowBias({ width, window, seed: 0 })),
  fc
    .record({
      width: fc.option(fc.integer({ min: 1, max: 9 })),
      side: fc.integer({ min: 3, max: 5 }),
      alpha: fc.constantFrom(0, 0.5, 40),
    })
    .map(shiftBias),
);

it("a bias of a pair is what it has at the distance of their places, also of queries before the first key", () => {
  fc.assert(
    fc.property(
      biases,
      fc.integer({ min: 1, max: 3 }),
      fc.boolean(),
      fc.integer({ min: -50, max: 50 }),
      fc.nat(50),
      (bias, heads, causal, query, key) => {
        // Each number of the table is another, so that no wrong one passes for the right one.
        const table = Float32Array.from({ length: heads * (bias.table?.entries ?? 0) }, (_, at) => at);
        const place = (token: number): number => bias.place?.(token) ?? token;
        for (const bound of bindBiases(bias, { heads, causal }, table)) {
          expect(bound.of(place(key) - place(query))).toBe(bound.at(query, key));
        }
      },
    ),
    { numRuns: 2000 },
  );
});
