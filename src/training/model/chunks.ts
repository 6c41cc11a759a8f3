import type { Examples } from "../../tasks/task.ts";

/** As many examples as a program takes, of which the first `own` are asked for; the rest repeat the last of those. */
export interface Chunk {
  readonly examples: Examples;
  readonly own: number;
}

/** Examples in chunks of `size`. */
export function* chunksOf(examples: Examples, size: number): Generator<Chunk> {
  for (let from = 0; from < examples.count; from += size) {
    const own = Math.min(size, examples.count - from);
    const indices = Array.from({ length: size }, (_, index) => from + Math.min(index, own - 1));
    yield { own, examples: chosen(examples, indices) };
  }
}

function chosen(examples: Examples, indices: readonly number[]): Examples {
  const { count, tokens, answers, positions, needs, needed } = examples;
  const of = <Values extends Int32Array | Float32Array>(all: Values, to: Values): Values => {
    const width = all.length / count;
    for (const [at, index] of indices.entries())
      to.set(all.subarray(index * width, (index + 1) * width), at * width);
    return to;
  };
  const room = (all: Int32Array): Int32Array => new Int32Array((all.length / count) * indices.length);
  return {
    count: indices.length,
    tokens:
      tokens instanceof Int32Array
        ? of(tokens, room(tokens))
        : of(tokens, new Float32Array((tokens.length / count) * indices.length)),
    answers: of(answers, room(answers)),
    positions: of(positions, room(positions)),
    needs: of(needs, room(needs)),
    needed,
  };
}
