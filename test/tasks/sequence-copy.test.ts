import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { randomStream } from "../../src/core/random.ts";
import { sequenceCopy } from "../../src/tasks/sequence-copy.ts";
import { chiSquare, chiSquare999 } from "../core/chi-square.ts";
import { examplesOf } from "./examples-of.ts";

const sizes = fc
  .record({
    least: fc.integer({ min: 1, max: 6 }),
    more: fc.integer({ min: 0, max: 6 }),
    symbols: fc.integer({ min: 2, max: 9 }),
  })
  .map(({ least, more, symbols }) => ({ least, most: least + more, symbols }));

describe("sequence-copy", () => {
  it("answers with the source up to its end and with it, and then nothing", () => {
    fc.assert(
      fc.property(sizes, fc.nat(), ({ least, most, symbols }, seed) => {
        const task = sequenceCopy.bind({ least, most, symbols });
        expect(task.output).toEqual({ kind: "decided", labels: symbols + 1, end: symbols, most: most + 1 });
        for (const { tokens, answers, needs } of examplesOf(task, randomStream(seed), 3)) {
          const end = tokens.indexOf(symbols);
          expect(end).toBeGreaterThanOrEqual(least);
          expect(end).toBeLessThanOrEqual(most);
          expect(tokens.length).toBe(most + 1);
          expect(answers).toEqual(tokens.map((token, at) => (at <= end ? token : -1)));
          expect(tokens.slice(end + 1).every((token) => token === symbols + 1)).toBe(true);
          expect(needs).toEqual(tokens.map((_, at) => (at <= end ? [at] : [])));
          expect(answers.filter((answer) => answer >= 0 && answer < symbols).length).toBe(end);
        }
      }),
    );
  });

  it("draws every length and symbol as often, of which chance is the likeliest sequence", () => {
    const { chance, draw } = sequenceCopy.bind({ least: 1, most: 4, symbols: 2 });
    const { answers, count } = draw(randomStream(4), 8000);
    const counts = new Map<string, number>();
    const lengths = new Array<number>(4).fill(0);
    for (let example = 0; example < count; example++) {
      const answer = [...answers.subarray(5 * example, 5 * example + 5)].filter((one) => one >= 0);
      counts.set(answer.join(""), (counts.get(answer.join("")) ?? 0) + 1);
      lengths[answer.length - 2]++;
    }
    expect(chiSquare(lengths)).toBeLessThan(chiSquare999(3));
    expect(chance).toBe(1 / 8);
    const ofLength = (length: number) => [...counts].filter(([answer]) => answer.length === length + 1);
    for (const length of [1, 2, 3, 4]) {
      const own = ofLength(length).map(([, found]) => found);
      expect(own.length).toBe(2 ** length);
      expect(chiSquare(own)).toBeLessThan(chiSquare999(own.length - 1));
    }
  });

  it("refuses a longest source that is shorter than the shortest", () => {
    expect(() => sequenceCopy.bind({ most: 3 })).toThrow(
      "sequence-copy.most must be at least sequence-copy.least (4), got 3; raise sequence-copy.most or lower sequence-copy.least",
    );
  });
});
