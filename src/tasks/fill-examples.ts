import type { Examples } from "./task.ts";

/** How much there is of an example. */
export interface ExampleSizes {
  /** Symbols, or the numbers of all its vectors. */
  readonly tokens: number;
  readonly answers: number;
  /** Tokens that are asked: as many as answers, or none. */
  readonly asked: number;
  /** Tokens that an answer can need. */
  readonly needed: number;
}

/** The parts of one example, to be filled: symbols and numbers are 0, answers and needs -1. */
export interface EmptyExample<Tokens extends Int32Array | Float32Array> {
  /** `[tokens]` */
  readonly tokens: Tokens;
  /** `[answers]` */
  readonly answers: Int32Array;
  /** `[asked]` */
  readonly positions: Int32Array;
  /** `[answers, needed]` */
  readonly needs: Int32Array;
}

/** `count` examples whose tokens are symbols, each filled in turn: the first ones are the same however many follow. */
export function symbolExamples(
  sizes: ExampleSizes,
  count: number,
  fill: (example: EmptyExample<Int32Array>) => void,
): Examples {
  return filled(new Int32Array(count * sizes.tokens), sizes, count, fill);
}

/** The same of examples whose tokens are vectors. */
export function vectorExamples(
  sizes: ExampleSizes,
  count: number,
  fill: (example: EmptyExample<Float32Array>) => void,
): Examples {
  return filled(new Float32Array(count * sizes.tokens), sizes, count, fill);
}

function filled<Tokens extends Int32Array | Float32Array>(
  tokens: Tokens,
  sizes: ExampleSizes,
  count: number,
  fill: (example: EmptyExample<Tokens>) => void,
): Examples {
  const { needed } = sizes;
  const answers = new Int32Array(count * sizes.answers).fill(-1);
  const positions = new Int32Array(count * sizes.asked);
  const needs = new Int32Array(count * sizes.answers * needed).fill(-1);
  const part = <Part extends Int32Array | Float32Array>(whole: Part, size: number, example: number) =>
    whole.subarray(example * size, (example + 1) * size) as Part;
  for (let example = 0; example < count; example++) {
    fill({
      tokens: part(tokens, sizes.tokens, example),
      answers: part(answers, sizes.answers, example),
      positions: part(positions, sizes.asked, example),
      needs: part(needs, sizes.answers * needed, example),
    });
  }
  return { count, tokens, answers, positions, needs, needed };
}
