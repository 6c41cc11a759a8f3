import { randomStream, shuffled } from "../core/random.ts";
import { countOf, type Layout, layoutOf, offsetIn, overTokens, QKV, type Shape } from "../core/shape.ts";
import { type AttentionInputs, tensorNamed } from "../core/tensors.ts";
import { guardedOutput } from "../kernels/kernel.ts";
import type { Token } from "../kernels/stepper.ts";
import { type JudgedInputs, tokenTensors } from "../mechanisms/judged.ts";
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
  /** Remembers what a token takes in; the function returned names the first that has changed since, or null. */
  watch(): () => string | null;
  /** The same for one of them. */
  watchOne(token: Token): () => string | null;
  /** Fills what a token takes in with NaN. */
  spoil(token: Token): void;
  /** Fills every output with NaN, and its guards with canaries. */
  clear(): void;
  /**
   * Writes the outputs of tokens `from … to - 1` to as many rows of an output of that shape, the first of
   * them row `row`.
   */
  store(output: Float32Array, shape: Shape, row: number, from: number, to: number): void;
}

/** The given number of tokens, each array as one row of the problem's. */
export function tokenRows(problem: JudgedInputs, count: number): TokenRows {
  const oneRow = overTokens(problem.inputs.shape, 1);
  const kinds = tokenTensors(problem).map(({ name, layout }) => ({ name, layout: { ...layout, rows: 1 } }));
  const outLayout = layoutOf(oneRow, "output");
  // A buffer each: a stepper must not see the next token from the buffer of this one.
  const tokens = Array.from({ length: count }, (): Token => {
    const floats = (one: Layout): Float32Array => new Float32Array(countOf(one));
    const [q, k, v] = QKV.map((name) => floats(layoutOf(oneRow, name)));
    const others = kinds.slice(QKV.length).map(({ name, layout }) => [name, floats(layout)]);
    return { q, k, v, ...Object.fromEntries(others), out: guardedOutput(countOf(outLayout)) };
  });
  const random = randomStream(countOf(outLayout), count);
  const near = new Float32Array(Math.max(...[...kinds.map(({ layout }) => layout), outLayout].map(countOf)));
  const watchOne = (token: Token) => watchInputs({ ...withoutOutput(token), shape: oneRow });
  return {
    tokens,
    shuffle() {
      const order = shuffled(count, random).map((index) => tokens[index]);
      tokens.splice(0, count, ...order);
    },
    fetch(inputs, from) {
      for (const { name, layout } of kinds) {
        const values = tensorNamed(inputs, name);
        const whole = { ...layout, rows: values.length / countOf(layout) };
        for (const [index, token] of tokens.entries()) {
          eachHead(whole, from + index, (at, within) => {
            token[name].set(values.subarray(at, at + layout.width), within);
          });
        }
      }
    },
    bringNear() {
      for (const token of tokens) {
        for (const { name } of kinds) near.set(token[name]);
        near.set(token.out);
        token.out.set(near.subarray(0, token.out.length));
      }
    },
    watch() {
      const watched = tokens.map(watchOne);
      return () => watched.reduce<string | null>((found, changed) => found ?? changed(), null);
    },
    watchOne,
    spoil(token) {
      for (const { name } of kinds) token[name].fill(Number.NaN);
    },
    clear() {
      for (const { out } of tokens) {
        out.fill(Number.NaN);
        setGuards(out);
      }
    },
    store(output, shape, row, from, to) {
      const layout = layoutOf(shape, "output");
      for (const [index, { out }] of tokens.slice(from, to).entries()) {
        eachHead(layout, row + index, (at, within) =>
          output.set(out.subarray(within, within + layout.width), at),
        );
      }
    },
  };
}

/** Calls with where each head's numbers lie in a row of a tensor and in a token. */
function eachHead(layout: Layout, row: number, act: (at: number, within: number) => void): void {
  const { batch, heads, width } = layout;
  for (let slice = 0; slice < batch * heads; slice++) {
    act(offsetIn(layout, Math.floor(slice / heads), slice % heads, row), slice * width);
  }
}

/** A watch on the inputs must not see the output written. */
function withoutOutput({ out: _, q, k, v, ...others }: Token) {
  return { ...others, q, k, v };
}
