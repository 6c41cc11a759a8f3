import { int } from "../core/parameters.ts";
import type { RandomStream } from "../core/random.ts";
import { defineTask, fits } from "./define-task.ts";
import { type EmptyExample, symbolExamples } from "./fill-examples.ts";
import { drawSymbol } from "./symbols.ts";
import { POSITIONED_MODEL } from "./usual-model.ts";

/** The sizes of an example. */
interface Sizes {
  readonly least: number;
  readonly most: number;
  readonly symbols: number;
}

/** Tokens that an answer depends on: the one that it is a copy of. */
const NEEDED = 1;

/** A sequence of a length that only its end mark tells, to be written again with its end, by cross attention. */
export const sequenceCopy = defineTask({
  id: "sequence-copy",
  title: "copying a sequence",
  measure: "exact copies",
  summary: "A source of some length is to be written once more, symbol by symbol, and ended where it ends.",
  why: "The output is as long as the model decides: it is here so that attention between an output and its source is trained, and not only attention within one sequence.",
  limits:
    "Copying is the easiest of translations: each symbol depends on one of the source, at the same place, and an error anywhere makes the whole wrong.",
  source:
    "as copying in Graves et al. 2014, arXiv 1410.5401, section 4.1, with an encoder and cross attention; made for this suite",
  params: {
    least: int(4, { unit: "symbols", least: 1, most: 2048, meaning: "symbols of the shortest source" }),
    most: int(12, { unit: "symbols", least: 1, most: 2048, meaning: "symbols of the longest source" }),
    symbols: int(16, { unit: "symbols", least: 2, most: 8192, meaning: "symbols that can be copied" }),
  },
  bound(sizes) {
    const { least, most, symbols } = sizes;
    fits(
      most >= least,
      `sequence-copy.most must be at least sequence-copy.least (${least}), got ${most}; raise sequence-copy.most or lower sequence-copy.least`,
    );
    const longest = most + 1;
    return {
      length: longest,
      causal: false,
      input: { kind: "symbols", symbols: symbols + 2 },
      output: { kind: "decided", labels: symbols + 1, end: symbols, most: longest },
      chance: 1 / ((most - least + 1) * symbols ** least),
      usual: { ...POSITIONED_MODEL, batch: 32, steps: 500 },
      draw: (random, count) =>
        symbolExamples({ tokens: longest, answers: longest, asked: 0, needed: NEEDED }, count, (example) =>
          fillExample(sizes, example, random),
        ),
    };
  },
});

/** Symbols are those to be copied, then the end, then what fills the source up after it. */
function fillExample(
  { least, most, symbols }: Sizes,
  { tokens, answers, needs }: EmptyExample<Int32Array>,
  random: RandomStream,
): void {
  const [end, fill] = [symbols, symbols + 1];
  const length = least + random.below(most - least + 1);
  tokens.fill(fill);
  for (let token = 0; token <= length; token++) {
    const symbol = token < length ? drawSymbol({ first: 0, many: symbols }, random) : end;
    tokens[token] = symbol;
    answers[token] = symbol;
    needs[token] = token;
  }
}
