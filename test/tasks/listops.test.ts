import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { randomStream } from "../../src/core/random.ts";
import { listops } from "../../src/tasks/listops.ts";
import { chiSquare, chiSquare999 } from "../core/chi-square.ts";
import { examplesOf } from "./examples-of.ts";
import { writtenListops as written } from "./written-listops.ts";

const sizes = fc
  .record({
    shortest: fc.integer({ min: 4, max: 10 }),
    longer: fc.integer({ min: 6, max: 30 }),
    operands: fc.integer({ min: 3, max: 6 }),
    depth: fc.integer({ min: 2, max: 5 }),
  })
  .map(({ longer, ...rest }) => ({ ...rest, length: rest.shortest + longer }));

/** An expression, read from its text from the left: what it is worth, how deep it is, and its most operands. */
interface Read {
  readonly value: number;
  readonly depth: number;
  readonly most: number;
}

/** A reader of its own, by a stack: an operator waits for its operands until its bracket closes. */
function read(words: readonly string[]): Read {
  const open: { operator: string; operands: Read[] }[] = [{ operator: "", operands: [] }];
  for (const word of words) {
    const inner = open[open.length - 1];
    if (word.startsWith("[")) open.push({ operator: word, operands: [] });
    else if (word === "]") {
      open.pop();
      open[open.length - 1].operands.push(apply(inner.operator, inner.operands));
    } else inner.operands.push({ value: Number(word), depth: 0, most: 0 });
  }
  expect(open.length).toBe(1);
  expect(open[0].operands.length).toBe(1);
  return open[0].operands[0];
}

function apply(operator: string, operands: readonly Read[]): Read {
  expect(operands.length).toBeGreaterThanOrEqual(2);
  const sorted = operands.map(({ value }) => value).sort((a, b) => a - b);
  const half = Math.floor(sorted.length / 2);
  const middle = sorted.length % 2 === 1 ? sorted[half] : Math.trunc((sorted[half - 1] + sorted[half]) / 2);
  const sum = sorted.reduce((total, value) => total + value, 0) % 10;
  const values: Record<string, number> = {
    "[MIN": sorted[0],
    "[MAX": sorted[sorted.length - 1],
    "[MED": middle,
    "[SM": sum,
  };
  return {
    value: values[operator],
    depth: 1 + Math.max(...operands.map(({ depth }) => depth)),
    most: Math.max(operands.length, ...operands.map(({ most }) => most)),
  };
}

describe("listops", () => {
  it("asks for the value of an expression of the sizes that are wanted", () => {
    fc.assert(
      fc.property(sizes, fc.nat(), (values, seed) => {
        for (const { tokens, answers, needs } of examplesOf(listops.bind(values), randomStream(seed), 3)) {
          const words = written(tokens);
          const { value, depth, most } = read(words);
          expect(answers).toEqual([value]);
          expect(words.length).toBeGreaterThanOrEqual(values.shortest);
          expect(words.length).toBeLessThanOrEqual(values.length);
          expect(depth).toBeLessThanOrEqual(values.depth);
          expect(most).toBeLessThanOrEqual(values.operands);
          expect(needs).toEqual([[...words.keys()]]);
        }
      }),
    );
  });

  it("depends on any digit, wherever it stands", () => {
    // A digit is changed by one, which leaves all other tokens their meaning.
    const matters = new Map<number, boolean>();
    for (const { tokens, answers } of examplesOf(listops.bind({}), randomStream(6), 600)) {
      const words = written(tokens);
      for (const [at, word] of words.entries()) {
        if (!/\d/.test(word)) continue;
        const other = words.with(at, String((Number(word) + 1) % 10));
        matters.set(at, matters.get(at) === true || read(other).value !== answers[0]);
      }
    }
    for (let at = 1; at < 40; at++) expect(matters.get(at)).toBe(true);
  });

  it("uses every operator first, and expressions as deep and wide as they may be", () => {
    const firsts = new Map<string, number>();
    let [deepest, widest] = [0, 0];
    for (const { tokens } of examplesOf(listops.bind({}), randomStream(7), 2000)) {
      const words = written(tokens);
      const { depth, most } = read(words);
      firsts.set(words[0], (firsts.get(words[0]) ?? 0) + 1);
      [deepest, widest] = [Math.max(deepest, depth), Math.max(widest, most)];
    }
    expect(firsts.size).toBe(4);
    for (const count of firsts.values()) expect(count).toBeGreaterThan(200);
    expect([deepest, widest]).toEqual([4, 5]);
  });

  it("draws digits evenly where they change nothing but the value", () => {
    const counts = new Array<number>(10).fill(0);
    const task = listops.bind({ depth: 1, operands: 4, shortest: 4, length: 6 });
    for (const { tokens } of examplesOf(task, randomStream(2), 4000)) {
      // The sum of operands modulo 10 is even by itself, whatever value is wanted.
      if (written(tokens)[0] === "[SM") counts[tokens[1]]++;
    }
    expect(chiSquare(counts)).toBeLessThan(chiSquare999(9));
  });

  it("refuses sizes of which there are no expressions", () => {
    expect(() => listops.bind({ shortest: 65 })).toThrow(
      "listops.length must be at least listops.shortest (65), got 64; raise listops.length or lower listops.shortest",
    );
    expect(() => listops.bind({ depth: 1 })).toThrow(
      /^listops: expressions must have values of all kinds, but of \d none was found of 16 to 64 tokens; lower/,
    );
  });
});
