import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { randomStream } from "../../src/core/random.ts";
import { mqar } from "../../src/tasks/mqar.ts";
import { chiSquare, chiSquare999 } from "../core/chi-square.ts";
import { examplesOf, type OneExample } from "./examples-of.ts";

const sizes = fc
  .record({
    pairs: fc.integer({ min: 1, max: 12 }),
    spare: fc.integer({ min: 0, max: 21 }),
    unused: fc.integer({ min: 0, max: 9 }),
    noise: fc.integer({ min: 1, max: 20 }),
  })
  .map(({ pairs, spare, unused, noise }) => ({
    pairs,
    length: 4 * pairs + spare,
    symbols: 2 * (pairs + unused),
    noise,
  }));

/** The answer by the sentence alone: what stood after the first token that is the same as the one asked. */
function solve({ tokens }: Pick<OneExample, "tokens">, asked: number): number {
  return tokens[tokens.indexOf(tokens[asked]) + 1];
}

describe("mqar", () => {
  it("asks each key once after all pairs, and its answer is the value that stood after it", () => {
    fc.assert(
      fc.property(sizes, fc.nat(), ({ pairs, length, symbols, noise }, seed) => {
        const bound = mqar.bind({ pairs, length, symbols, noise });
        for (const example of examplesOf(bound, randomStream(seed), 3)) {
          expect(new Set(example.positions).size).toBe(pairs);
          expect(new Set(example.tokens.filter((_, at) => at < 2 * pairs && at % 2 === 0)).size).toBe(pairs);
          for (const [index, asked] of example.positions.entries()) {
            expect(asked).toBeGreaterThanOrEqual(2 * pairs);
            expect(example.answers[index]).toBe(solve(example, asked));
            expect(example.answers[index]).toBeGreaterThanOrEqual(noise + symbols / 2);
            expect(example.answers[index]).toBeLessThan(noise + symbols);
          }
          const others = [...example.tokens.keys()].filter(
            (at) => at >= 2 * pairs && !example.positions.includes(at),
          );
          for (const at of others) expect(example.tokens[at]).toBeLessThan(noise);
        }
      }),
    );
  });

  it("needs the pair and the token that asks, and nothing else", () => {
    fc.assert(
      fc.property(sizes, fc.nat(), fc.nat(), ({ pairs, length, symbols, noise }, seed, other) => {
        const [example] = examplesOf(mqar.bind({ pairs, length, symbols, noise }), randomStream(seed), 1);
        for (const [index, asked] of example.positions.entries()) {
          const answer = solve(example, asked);
          for (let token = 0; token < length; token++) {
            const changed = example.tokens.slice();
            // A symbol that no token is.
            changed[token] = noise + symbols + other;
            if (example.needs[index].includes(token))
              expect(solve({ tokens: changed }, asked)).not.toBe(answer);
            else expect(solve({ tokens: changed }, asked)).toBe(answer);
          }
        }
      }),
    );
  });

  it("draws values evenly, whatever the slot and the pair", () => {
    const bound = mqar.bind({ pairs: 4, length: 20, symbols: 16, noise: 2 });
    const bySlot = new Map<number, number[]>();
    const byPair = new Map<number, number[]>();
    const slotOfPair = Array.from({ length: 4 }, () => new Array<number>(6).fill(0));
    const noise = [0, 0];
    for (const { tokens, answers, positions } of examplesOf(bound, randomStream(5), 6000)) {
      for (const [pair, asked] of positions.entries()) {
        count(bySlot, asked, answers[pair] - 10);
        count(byPair, pair, answers[pair] - 10);
        slotOfPair[pair][(asked - 8) / 2]++;
      }
      noise[tokens[9]]++;
    }
    expect([bySlot.size, byPair.size]).toEqual([6, 4]);
    for (const counts of [...bySlot.values(), ...byPair.values(), ...slotOfPair, noise]) {
      expect(chiSquare(counts)).toBeLessThan(chiSquare999(counts.length - 1));
    }
  });

  it("is the study's task by default, with labels over all symbols and the chance of a value", () => {
    const bound = mqar.bind({});
    expect(bound).toMatchObject({
      length: 64,
      causal: true,
      input: { kind: "symbols", symbols: 144 },
      output: { kind: "asked", labels: 144, answers: 16 },
      chance: 1 / 64,
      usual: { layers: 2, width: 32, heads: 2, convolution: 3, batch: 32, steps: 800 },
    });
  });

  it("refuses sizes that do not fit together", () => {
    expect(() => mqar.bind({ pairs: 17 })).toThrow(
      "mqar.length must be at least 4 times mqar.pairs (68), got 64; raise mqar.length or lower mqar.pairs",
    );
    expect(() => mqar.bind({ symbols: 30 })).toThrow(
      "mqar.pairs must be at most half of mqar.symbols (15), as each has its own key, got 16; raise mqar.symbols",
    );
    expect(() => mqar.bind({ symbols: 129 })).toThrow(
      "mqar.symbols must be even, half keys and half values, got 129",
    );
    expect(() => mqar.bind({ pair: 8 })).toThrow(
      "unknown parameter of mqar 'pair'; expected one of length, pairs",
    );
    expect(() => mqar.bind({ pairs: Number.NaN })).toThrow("mqar.pairs must be an integer from 1 to 1024");
  });
});

function count(counts: Map<number, number[]>, key: number, value: number): void {
  const found = counts.get(key) ?? new Array<number>(8).fill(0);
  found[value]++;
  counts.set(key, found);
}
