import { int } from "../core/parameters.ts";
import type { RandomStream } from "../core/random.ts";
import { defineTask, fits } from "./define-task.ts";
import { type EmptyExample, symbolExamples } from "./fill-examples.ts";
import { drawSymbol, fillSymbols, orderedDistinct } from "./symbols.ts";
import { RECALL_MODEL } from "./usual-model.ts";

/** The sizes of an example. */
interface Sizes {
  readonly length: number;
  readonly pairs: number;
  readonly symbols: number;
  readonly noise: number;
}

/** Tokens that an answer depends on: the key and the value of the pair, and the token that asks. */
const NEEDED = 3;

/**
 * Multi-query associative recall: pairs of a key and a value, and then each key once more, at a slot of its own; asked
 * is the value that stood after it.
 */
export const mqar = defineTask({
  id: "mqar",
  title: "associative recall (MQAR)",
  measure: "recall",
  summary: "Key-value pairs, then each key again among noise, in any order: which value stood after it?",
  why: "It tells apart how much an attention can keep of what it read: full attention looks pairs up, a state of fixed size has to hold all of them, and a mask has to reach back.",
  limits:
    "Recall of random symbols in a short sequence by a small model: not language, and nothing of what larger models or longer training would reach.",
  source:
    "Arora et al. 2023, arXiv 2312.04927 (Zoology), departing: keys are asked in a uniformly random order (there gaps follow a power law, so that order tells of keys), each value is drawn by itself (there they are distinct), and between is noise of symbols of its own",
  params: {
    length: int(64, { unit: "tokens", least: 4, most: 4096, meaning: "tokens of an example" }),
    pairs: int(16, {
      unit: "pairs",
      least: 1,
      most: 1024,
      meaning: "pairs of a key and a value, each asked once",
    }),
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
    const { length, pairs, symbols, noise } = sizes;
    fits(symbols % 2 === 0, `mqar.symbols must be even, half keys and half values, got ${symbols}`);
    fits(
      pairs <= symbols / 2,
      `mqar.pairs must be at most half of mqar.symbols (${symbols / 2}), as each has its own key, got ${pairs}; raise mqar.symbols`,
    );
    fits(
      length >= 4 * pairs,
      `mqar.length must be at least 4 times mqar.pairs (${4 * pairs}), got ${length}; raise mqar.length or lower mqar.pairs`,
    );
    return {
      length,
      causal: true,
      input: { kind: "symbols", symbols: noise + symbols },
      output: { kind: "asked", labels: noise + symbols, answers: pairs },
      chance: 2 / symbols,
      usual: { ...RECALL_MODEL, batch: 32, steps: 800 },
      draw: (random, count) =>
        symbolExamples({ tokens: length, answers: pairs, asked: pairs, needed: NEEDED }, count, (example) =>
          fillExample(sizes, example, random),
        ),
    };
  },
});

/**
 * Symbols are noise first, then keys, then values. Pair i is at tokens 2i and 2i + 1; slots to ask at are every second
 * token from there on.
 */
function fillExample(
  { length, pairs, symbols, noise }: Sizes,
  { tokens, answers, positions, needs }: EmptyExample<Int32Array>,
  random: RandomStream,
): void {
  const keys = symbols / 2;
  fillSymbols(tokens, { first: 0, many: noise }, random);
  const keyOf = orderedDistinct(keys, pairs, random);
  const slotOf = orderedDistinct(Math.floor((length - 2 * pairs) / 2), pairs, random);
  for (let pair = 0; pair < pairs; pair++) {
    const asked = 2 * (pairs + slotOf[pair]);
    const value = drawSymbol({ first: noise + keys, many: keys }, random);
    tokens[2 * pair] = noise + keyOf[pair];
    tokens[2 * pair + 1] = value;
    tokens[asked] = noise + keyOf[pair];
    answers[pair] = value;
    positions[pair] = asked;
    needs.set([2 * pair, 2 * pair + 1, asked], pair * NEEDED);
  }
}
