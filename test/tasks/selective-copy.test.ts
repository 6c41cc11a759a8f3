import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { randomStream } from "../../src/core/random.ts";
import { selectiveCopy } from "../../src/tasks/selective-copy.ts";
import { chiSquare, chiSquare999 } from "../core/chi-square.ts";
import { examplesOf } from "./examples-of.ts";

const sizes = fc
  .record({
    data: fc.integer({ min: 1, max: 8 }),
    spare: fc.integer({ min: 0, max: 30 }),
    symbols: fc.integer({ min: 2, max: 20 }),
    noise: fc.integer({ min: 1, max: 5 }),
  })
  .map(({ spare, ...rest }) => ({ ...rest, length: 2 * rest.data + spare }));

describe("selective-copy", () => {
  it("asks for the symbols that are no noise, in their order, after all of them", () => {
    fc.assert(
      fc.property(sizes, fc.nat(), (values, seed) => {
        const { data, symbols, noise, length } = values;
        for (const { tokens, answers, positions, needs } of examplesOf(
          selectiveCopy.bind(values),
          randomStream(seed),
          3,
        )) {
          const places = [...tokens.keys()].filter((at) => tokens[at] < symbols);
          expect(answers).toEqual(places.map((at) => tokens[at]));
          expect(positions).toEqual(Array.from({ length: data }, (_, index) => length - data + index));
          expect(needs).toEqual(places.map((at, index) => [at, positions[index]]));
          // The one mark at the end, and before it noise.
          expect(positions.every((at) => tokens[at] === symbols + noise)).toBe(true);
          expect(tokens.filter((token) => token === symbols + noise).length).toBe(data);
          expect(tokens.filter((token) => token >= symbols && token < symbols + noise).length).toBe(
            length - 2 * data,
          );
        }
      }),
    );
  });

  it("scatters symbols evenly", () => {
    const counts = new Array<number>(12).fill(0);
    for (const { needs } of examplesOf(selectiveCopy.bind({ length: 16, data: 4 }), randomStream(8), 3000)) {
      for (const [place] of needs) counts[place]++;
    }
    // Places of one example are distinct, which makes counts scatter less than by themselves.
    expect(chiSquare(counts)).toBeLessThan(chiSquare999(11));
    expect(chiSquare(counts)).toBeGreaterThan(0);
  });

  it("refuses more symbols than there is room for", () => {
    expect(() => selectiveCopy.bind({ data: 33 })).toThrow(
      "selective-copy.length must be at least twice selective-copy.data (66), got 64; raise selective-copy.length",
    );
  });
});
