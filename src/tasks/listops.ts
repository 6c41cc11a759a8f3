import { int } from "../core/parameters.ts";
import { type RandomStream, randomStream } from "../core/random.ts";
import { defineTask, fits } from "./define-task.ts";
import { type EmptyExample, symbolExamples } from "./fill-examples.ts";
import { DIGITS, drawExpression, type ExpressionSizes, FILL, shallowReading } from "./listops-expression.ts";
import type { Shortcut } from "./task.ts";
import { POSITIONED_MODEL } from "./usual-model.ts";

/** Draws of an expression after which one of the wanted value and length is not to be expected: usual are a dozen. */
const MOST_DRAWS = 100_000;

/** Values follow from operators, and what is at the top counts most. */
const SHORTCUTS: readonly Shortcut[] = [
  { by: "the first operator", read: ([first]) => `${first}` },
  {
    by: "the first operator over its own digits",
    read: shallowReading,
  },
];

interface Sizes extends ExpressionSizes {
  /** Tokens of the shortest expression. */
  readonly shortest: number;
}

/** Short ListOps: the value of a nested expression, of which every value is as frequent. */
export const listops = defineTask({
  id: "listops",
  title: "ListOps, short",
  measure: "accuracy",
  summary: "The value, from 0 to 9, of a nested expression of minima, maxima, medians and sums modulo 10.",
  why: "What is nested has to be put together in the right order: it is the one task here whose answer depends on every token of a tree.",
  limits:
    "Expressions are a thirtieth as long as those of Long Range Arena, and the operator that comes first tells much: read accuracy beside what that alone gives (docs/tasks.md), not beside chance.",
  source:
    "Nangia and Bowman 2018, arXiv 1804.06028; as in Tay et al. 2020, arXiv 2011.04006 (Long Range Arena), departing: short, and every value is as frequent as any other",
  params: {
    length: int(64, {
      unit: "tokens",
      least: 4,
      most: 4096,
      meaning: "tokens of an example, filled up after the expression",
    }),
    shortest: int(16, { unit: "tokens", least: 4, most: 4096, meaning: "tokens of the shortest expression" }),
    operands: int(5, { unit: "operands", least: 2, most: 100, meaning: "the most operands of an operator" }),
    depth: int(4, {
      unit: "operators",
      least: 1,
      most: 20,
      meaning: "the most operators within one another",
    }),
  },
  bound(sizes) {
    const { length, shortest } = sizes;
    fits(
      length >= shortest,
      `listops.length must be at least listops.shortest (${shortest}), got ${length}; raise listops.length or lower listops.shortest`,
    );
    const draw = (random: RandomStream, count: number) =>
      symbolExamples({ tokens: length, answers: 1, asked: 0, needed: length }, count, (example) =>
        fillExample(sizes, example, random),
      );
    // Refuses sizes of which there are hardly any expressions, before anything is trained.
    draw(randomStream(0), DIGITS);
    return {
      length,
      causal: false,
      input: { kind: "symbols", symbols: FILL + 1 },
      output: { kind: "sequence", labels: DIGITS },
      chance: 1 / DIGITS,
      shortcuts: SHORTCUTS,
      usual: { ...POSITIONED_MODEL, batch: 32, steps: 1500 },
      draw,
    };
  },
});

/**
 * Symbols are the digits, then MIN, MAX, MED and SM with their opening brackets, the closing one, and what fills up. The
 * value is drawn first, so that all are as frequent, and then expressions until one has it.
 */
function fillExample(
  sizes: Sizes,
  { tokens, answers, needs }: EmptyExample<Int32Array>,
  random: RandomStream,
): void {
  const wanted = random.below(DIGITS);
  const length = drawWithValue(sizes, wanted, tokens, random);
  fits(
    length > 0,
    `listops: expressions must have values of all kinds, but of ${wanted} none was found of ${sizes.shortest} to ${sizes.length} tokens; lower listops.shortest, or raise listops.length, operands or depth`,
  );
  tokens.fill(FILL, length);
  answers[0] = wanted;
  for (let token = 0; token < length; token++) needs[token] = token;
}

/** Draws an expression of a value. Returns its tokens; 0 if none is to be expected. */
function drawWithValue(sizes: Sizes, wanted: number, symbols: Int32Array, random: RandomStream): number {
  for (let draw = 0; draw < MOST_DRAWS; draw++) {
    const drawn = drawExpression(sizes, symbols, random);
    if (drawn?.value === wanted && drawn.tokens >= sizes.shortest) return drawn.tokens;
  }
  return 0;
}
