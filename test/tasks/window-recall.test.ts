import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { randomStream } from "../../src/core/random.ts";
import { windowRecall } from "../../src/tasks/window-recall.ts";
import { examplesOf } from "./examples-of.ts";

const sizes = fc
  .record({
    groups: fc.integer({ min: 1, max: 5 }),
    pairs: fc.integer({ min: 1, max: 3 }),
    wider: fc.integer({ min: 0, max: 5 }),
    spare: fc.integer({ min: 0, max: 9 }),
    unused: fc.integer({ min: 0, max: 9 }),
    noise: fc.integer({ min: 1, max: 9 }),
  })
  .map(({ groups, pairs, wider, spare, unused, noise }) => ({
    groups,
    pairs,
    window: 4 * pairs + wider,
    length: groups * (4 * pairs + wider) + spare,
    symbols: 2 * (groups * pairs + unused),
    noise,
  }));

describe("window-recall", () => {
  it("asks each key a few tokens after its pair, and nowhere else", () => {
    fc.assert(
      fc.property(sizes, fc.nat(), (values, seed) => {
        const { groups, pairs, window, length, symbols, noise } = values;
        for (const example of examplesOf(windowRecall.bind(values), randomStream(seed), 3)) {
          const { tokens, answers, positions, needs } = example;
          expect(positions.length).toBe(groups * pairs);
          expect(new Set(positions).size).toBe(groups * pairs);
          for (const [index, asked] of positions.entries()) {
            const key = tokens.indexOf(tokens[asked]);
            expect(tokens.filter((token) => token === tokens[asked]).length).toBe(2);
            expect(needs[index]).toEqual([key, key + 1, asked]);
            expect(answers[index]).toBe(tokens[key + 1]);
            expect(asked - key).toBeGreaterThanOrEqual(2);
            expect(asked - key).toBeLessThan(window);
            expect(tokens[key]).toBeLessThan(noise + symbols / 2);
            expect(answers[index]).toBeGreaterThanOrEqual(noise + symbols / 2);
          }
          // All else is noise.
          expect(tokens.filter((token) => token < noise).length).toBe(length - 3 * groups * pairs);
        }
      }),
    );
  });

  it("puts groups anywhere", () => {
    const task = windowRecall.bind({ groups: 1, pairs: 1, window: 4, length: 6 });
    const firsts = examplesOf(task, randomStream(3), 200).map(({ needs }) => needs[0][0]);
    expect(new Set(firsts)).toEqual(new Set([0, 1, 2]));
  });

  it("refuses sizes that do not fit together", () => {
    expect(() => windowRecall.bind({ groups: 9 })).toThrow(
      "window-recall.length must be at least groups times window (72), got 64; raise window-recall.length",
    );
    expect(() => windowRecall.bind({ pairs: 3 })).toThrow(
      "window-recall.window must be at least 4 times window-recall.pairs (12), got 8; raise window-recall.window",
    );
    expect(() => windowRecall.bind({ symbols: 22 })).toThrow("must be at most half of the symbols (11)");
    expect(() => windowRecall.bind({ symbols: 31 })).toThrow("got 31; make it 32");
  });
});
