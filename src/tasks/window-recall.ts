import { int } from "../core/parameters.ts";
import { distinctBelow, type RandomStream } from "../core/random.ts";
import { defineTask, fits } from "./define-task.ts";
import { type EmptyExample, symbolExamples } from "./fill-examples.ts";
import { drawSymbol, fillSymbols, orderedDistinct } from "./symbols.ts";
import { RECALL_MODEL } from "./usual-model.ts";

/** The sizes of an example. */
interface Sizes {
  readonly length: number;
  readonly groups: number;
  readonly pairs: number;
  readonly window: number;
  readonly symbols: number;
  readonly noise: number;
}

/** Tokens that an answer depends on: the key and the value of the pair, and the token that asks. */
const NEEDED = 3;

/**
 * Associative recall nearby: the tokens are groups at random places among noise, and each group, of `window` tokens, is
 * an associative recall by itself: its pairs, and then its keys once more. No key is in two groups, so that whoever
 * sees further is not misled.
 */
export const windowRecall = defineTask({
  id: "window-recall",
  title: "recall within a window",
  measure: "recall",
  summary: "Associative recall in which every key is asked again within a few tokens of its pair.",
  why: "What is needed is near: a mask that reaches a few tokens suffices, and so does a state that forgets, where MQAR shows the opposite.",
  limits:
    "That an attention learns it says only that its reach is enough for what is near, not that it is enough for anything else.",
  source: "MQAR (Arora et al. 2023, arXiv 2312.04927) cut into groups, made for this suite",
  params: {
    length: int(64, { unit: "tokens", least: 4, most: 4096, meaning: "tokens of an example" }),
    groups: int(6, {
      unit: "groups",
      least: 1,
      most: 1024,
      meaning: "groups of pairs, each asked within the group",
    }),
    pairs: int(2, { unit: "pairs", least: 1, most: 1024, meaning: "pairs of a group" }),
    window: int(8, { unit: "tokens", least: 4, most: 4096, meaning: "tokens of a group" }),
    symbols: int(128, {
      unit: "symbols",
      least: 2,
      most: 8192,
      meaning: "keys and values, half of them each",
    }),
    noise: int(16, {
      unit: "symbols",
      least: 1,
      most: 8192,
      meaning: "symbols of noise, which are no keys or values",
    }),
  },
  bound(sizes) {
    const { length, groups, pairs, window, symbols, noise } = sizes;
    const answers = groups * pairs;
    fits(
      symbols % 2 === 0,
      `window-recall.symbols must be even, half keys and half values, got ${symbols}; make it ${symbols + 1}`,
    );
    fits(
      answers <= symbols / 2,
      `window-recall: groups times pairs must be at most half of the symbols (${symbols / 2}), as each pair has its own key, got ${answers}; raise window-recall.symbols`,
    );
    fits(
      window >= 4 * pairs,
      `window-recall.window must be at least 4 times window-recall.pairs (${4 * pairs}), got ${window}; raise window-recall.window`,
    );
    fits(
      length >= groups * window,
      `window-recall.length must be at least groups times window (${groups * window}), got ${length}; raise window-recall.length`,
    );
    return {
      length,
      causal: true,
      input: { kind: "symbols", symbols: noise + symbols },
      output: { kind: "asked", labels: noise + symbols, answers },
      chance: 2 / symbols,
      usual: { ...RECALL_MODEL, batch: 32, steps: 500 },
      draw: (random, count) =>
        symbolExamples({ tokens: length, answers, asked: answers, needed: NEEDED }, count, (example) =>
          fillExample(sizes, example, random),
        ),
    };
  },
});

/** Symbols are noise first, then keys, then values. */
function fillExample(
  { length, groups, pairs, window, symbols, noise }: Sizes,
  { tokens, answers, positions, needs }: EmptyExample<Int32Array>,
  random: RandomStream,
): void {
  const keys = symbols / 2;
  fillSymbols(tokens, { first: 0, many: noise }, random);
  const keyOf = orderedDistinct(keys, groups * pairs, random);
  // Which of groups and single tokens of noise, one after the other, are the groups.
  const places = distinctBelow(length - groups * window + groups, groups, random);
  for (let group = 0; group < groups; group++) {
    const first = places[group] + group * (window - 1);
    const slotOf = orderedDistinct(Math.floor((window - 2 * pairs) / 2), pairs, random);
    for (let pair = 0; pair < pairs; pair++) {
      const at = group * pairs + pair;
      const key = first + 2 * pair;
      const asked = first + 2 * (pairs + slotOf[pair]);
      const value = drawSymbol({ first: noise + keys, many: keys }, random);
      tokens[key] = noise + keyOf[at];
      tokens[key + 1] = value;
      tokens[asked] = noise + keyOf[at];
      answers[at] = value;
      positions[at] = asked;
      needs.set([key, key + 1, asked], at * NEEDED);
    }
  }
}
