import { int } from "../core/parameters.ts";
import { distinctBelow, type RandomStream } from "../core/random.ts";
import { defineTask, fits } from "./define-task.ts";
import { type EmptyExample, symbolExamples } from "./fill-examples.ts";
import { drawSymbol, fillSymbols } from "./symbols.ts";
import { RECALL_MODEL } from "./usual-model.ts";

/** The sizes of an example. */
interface Sizes {
  readonly length: number;
  readonly data: number;
  readonly symbols: number;
  readonly noise: number;
}

/** Tokens that an answer depends on: the one to be copied, and the one that asks. */
const NEEDED = 2;

/** Selective copying: symbols scattered among noise, and as many marks at the end, each asking for the next of them. */
export const selectiveCopy = defineTask({
  id: "selective-copy",
  title: "selective copying",
  measure: "accuracy",
  summary:
    "Symbols stand scattered among noise; then marks ask for them, one after the other, in their order.",
  why: "Where the symbols are changes from example to example: an attention must take in tokens by what they are, and one that weighs by distance alone cannot.",
  limits:
    "Order has to be counted as well as content kept, so that an attention that keeps all may fail for want of counting; nothing here is longer than the training examples.",
  source:
    "Gu and Dao 2023, arXiv 2312.00752, section 4.1.1, departing: 64 tokens and 8 symbols to copy (there 4096 and 16), positions learned",
  params: {
    length: int(64, { unit: "tokens", least: 2, most: 4096, meaning: "tokens of an example" }),
    data: int(8, { unit: "tokens", least: 1, most: 2048, meaning: "symbols to be copied" }),
    symbols: int(16, { unit: "symbols", least: 2, most: 8192, meaning: "symbols that can be copied" }),
    noise: int(1, { unit: "symbols", least: 1, most: 8192, meaning: "symbols of noise" }),
  },
  bound(sizes) {
    const { length, data, symbols, noise } = sizes;
    fits(
      length >= 2 * data,
      `selective-copy.length must be at least twice selective-copy.data (${2 * data}), got ${length}; raise selective-copy.length`,
    );
    return {
      length,
      causal: true,
      input: { kind: "symbols", symbols: symbols + noise + 1 },
      output: { kind: "asked", labels: symbols, answers: data },
      chance: 1 / symbols,
      usual: { ...RECALL_MODEL, positions: true, batch: 32, steps: 1000 },
      draw: (random, count) =>
        symbolExamples({ tokens: length, answers: data, asked: data, needed: NEEDED }, count, (example) =>
          fillExample(sizes, example, random),
        ),
    };
  },
});

/** Symbols are those to be copied first, so that they are their own labels, then noise, then the mark. */
function fillExample(
  { length, data, symbols, noise }: Sizes,
  { tokens, answers, positions, needs }: EmptyExample<Int32Array>,
  random: RandomStream,
): void {
  fillSymbols(tokens, { first: symbols, many: noise }, random);
  const places = distinctBelow(length - data, data, random);
  for (let index = 0; index < data; index++) {
    const asked = length - data + index;
    const symbol = drawSymbol({ first: 0, many: symbols }, random);
    tokens[places[index]] = symbol;
    tokens[asked] = symbols + noise;
    answers[index] = symbol;
    positions[index] = asked;
    needs.set([places[index], asked], index * NEEDED);
  }
}
