import type { RandomStream } from "../../src/core/random.ts";
import type { BoundTask, Examples, ModelSizes } from "../../src/tasks/task.ts";

/** A model that a test trains in a second. */
export const TINY: ModelSizes & { readonly batch: number; readonly steps: number } = {
  layers: 1,
  width: 8,
  heads: 2,
  convolution: 2,
  feedForward: false,
  positions: false,
  batch: 8,
  steps: 60,
};

const SYMBOLS = 4;
const nothing = { needs: new Int32Array(0), needed: 0 };

/** Which symbol a token is, asked at two of eight tokens. */
export const naming: BoundTask = {
  id: "naming",
  length: 8,
  causal: true,
  input: { kind: "symbols", symbols: SYMBOLS },
  output: { kind: "asked", labels: SYMBOLS, answers: 2 },
  chance: 1 / SYMBOLS,
  usual: TINY,
  draw(random, count) {
    const tokens = symbolsOf(random, count * 8);
    const positions = Int32Array.from({ length: count * 2 }, () => random.below(8));
    const answers = positions.map((position, at) => tokens[Math.floor(at / 2) * 8 + position]);
    return { count, tokens, answers, positions, ...nothing };
  },
};

/** Whether the numbers of an example are mostly above 0; tokens see those after them. */
export const sign: BoundTask = {
  ...naming,
  id: "sign",
  causal: false,
  input: { kind: "vectors", width: 3 },
  output: { kind: "sequence", labels: 2 },
  chance: 1 / 2,
  draw(random, count) {
    const answers = Int32Array.from({ length: count }, () => random.below(2));
    const tokens = Float32Array.from({ length: count * 24 }, (_, at) => {
      return random.gaussian() + (answers[Math.floor(at / 24)] === 1 ? 1 : -1);
    });
    return { count, tokens, answers, positions: new Int32Array(0), ...nothing };
  },
};

const END = SYMBOLS;

/** The first one or two of four symbols, and then an end: as many answers as the first symbol says, odd for one. */
export const copying: BoundTask = {
  ...naming,
  id: "copying",
  length: 4,
  causal: false,
  output: { kind: "decided", labels: SYMBOLS + 1, end: END, most: 3 },
  chance: 0,
  usual: { ...TINY, positions: true },
  draw(random, count) {
    const tokens = symbolsOf(random, count * 4);
    const answers = new Int32Array(count * 3).fill(-1);
    for (let index = 0; index < count; index++) {
      const [first, second] = tokens.subarray(index * 4, index * 4 + 2);
      answers.set(first % 2 === 1 ? [first, END] : [first, second, END], index * 3);
    }
    return { count, tokens, answers, positions: new Int32Array(0), ...nothing };
  },
};

function symbolsOf(random: RandomStream, count: number): Int32Array {
  return Int32Array.from({ length: count }, () => random.below(SYMBOLS));
}

/** Examples `from … to - 1` of some. */
export function someOf(examples: Examples, from: number, to: number): Examples {
  const { count, tokens, answers, positions } = examples;
  const part = (all: Int32Array) => all.slice((from * all.length) / count, (to * all.length) / count);
  if (!(tokens instanceof Int32Array)) throw new TypeError("someOf: takes symbols alone");
  return {
    ...examples,
    count: to - from,
    tokens: part(tokens),
    answers: part(answers),
    positions: part(positions),
  };
}
