import { randomStream, shuffled } from "../core/random.ts";
import { elementCount, rowOffset, type Shape, shapeOf } from "../core/shape.ts";
import type { AttentionInputs } from "../core/tensors.ts";
import { guardedOutput } from "../kernels/kernel.ts";
import type { Token } from "../kernels/stepper.ts";
import { setGuards, watchInputs } from "./guarded-run.ts";

/** Tokens that follow one another, each with an output of its own between canaries. */
export interface TokenRows {
  readonly tokens: readonly Token[];
  /**
   * Shuffles the tokens: a stepper must not be able to tell from the object it is handed which token comes
   * next.
   */
  shuffle(): void;
  /** Copies tokens `from …` of the inputs into them. */
  fetch(inputs: AttentionInputs, from: number): void;
  /**
   * Copies every array of the tokens, as kernels do: taking in a long sequence drives their numbers out of
   * the caches, in which a layer finds what the one before it has just written, and also the objects that say
   * where the numbers lie.
   */
  bringNear(): void;
  /**
   * Remembers q, k and v of the tokens; the function returned names the first that has changed since, or
   * null.
   */
  watch(): () => "q" | "k" | "v" | null;
  /** Fills every output with NaN, and its guards with canaries. */
  clear(): void;
  /**
   * Writes the outputs of tokens `from … to - 1` to as many rows of an output of that shape, the first of
   * them row `row`.
   */
  store(output: Float32Array, shape: Shape, row: number, from: number, to: number): void;
}

/** The given number of tokens, each array `[batch, heads, headDim]`. */
export function tokenRows({ batch, heads, headDim }: Shape, count: number): TokenRows {
  const oneRow = shapeOf({ batch, heads, length: 1, headDim });
  const numbers = elementCount(oneRow);
  // A buffer each: a stepper must not see the next token from the buffer of this one.
  const floats = () => new Float32Array(numbers);
  const tokens = Array.from({ length: count }, (): Token => {
    return { q: floats(), k: floats(), v: floats(), out: guardedOutput(numbers) };
  });
  const random = randomStream(numbers, count);
  const near = new Float32Array(numbers);
  /** Calls with where each head's numbers lie in a row of a tensor and in a token. */
  const eachHead = (shape: Shape, row: number, act: (at: number, within: number) => void): void => {
    for (let slice = 0; slice < batch * heads; slice++) {
      act(rowOffset(shape, Math.floor(slice / heads), slice % heads, row), slice * headDim);
    }
  };
  return {
    tokens,
    shuffle() {
      const order = shuffled(count, random).map((index) => tokens[index]);
      tokens.splice(0, count, ...order);
    },
    fetch(inputs, from) {
      for (const [index, token] of tokens.entries()) {
        eachHead(inputs.shape, from + index, (at, within) => {
          for (const name of ["q", "k", "v"] as const) {
            token[name].set(inputs[name].subarray(at, at + headDim), within);
          }
        });
      }
    },
    bringNear() {
      for (const { q, k, v, out } of tokens) {
        near.set(q);
        near.set(k);
        near.set(v);
        near.set(out);
        out.set(near);
      }
    },
    watch() {
      const watched = tokens.map((token) => watchInputs({ shape: oneRow, ...token }));
      return () =>
        watched.reduce<ReturnType<(typeof watched)[0]>>((found, changed) => found ?? changed(), null);
    },
    clear() {
      for (const { out } of tokens) {
        out.fill(Number.NaN);
        setGuards(out);
      }
    },
    store(output, shape, row, from, to) {
      for (const [index, { out }] of tokens.slice(from, to).entries()) {
        eachHead(shape, row + index, (at, within) => output.set(out.subarray(within, within + headDim), at));
      }
    },
  };
}
