import { elementCount, rowOffset } from "../core/shape.ts";
import type { AttentionInputs } from "../core/tensors.ts";

/**
 * Inputs that a stepper is lent for a prefill: its tokens are there while it takes them in, and gone before
 * and afterwards. Anything that keeps the arrays instead of their contents, or looks at tokens still to come,
 * finds NaN.
 */
export interface LentInputs {
  /** Tells it that the numbers of the inputs have changed. */
  refill(): void;
  /** Fills in the first `count` tokens. `fresh` are those whose numbers differ from last time. */
  bring(count: number, fresh: readonly number[]): void;
  /** The arrays. */
  readonly inputs: AttentionInputs;
  /** Removes what was filled in. */
  spoil(): void;
}

/** In a long sequence one token in this many is spoiled: a prime, so that strides meet it. */
const EVERY = 7;
/** And all of the first and the last, which windows and sinks attend. */
const EDGE = 64;
/** Shorter ones are spoiled whole. */
const SHORT = 2 ** 20;

export function lentInputs(from: AttentionInputs): LentInputs {
  const { shape } = from;
  const { batch, heads, headDim } = shape;
  const empty = () => new Float32Array(elementCount(shape)).fill(Number.NaN);
  const inputs: AttentionInputs = { shape, q: empty(), k: empty(), v: empty() };
  let brought = 0;
  /** Tokens `0 … filled - 1` were there at some time, and are, but for those that are spoiled. */
  let filled = 0;
  const eachRow = (tokens: Iterable<number>, act: (tensor: "q" | "k" | "v", at: number) => void): void => {
    for (const token of tokens) {
      for (let slice = 0; slice < batch * heads; slice++) {
        const at = rowOffset(shape, Math.floor(slice / heads), slice % heads, token);
        for (const name of ["q", "k", "v"] as const) act(name, at);
      }
    }
  };
  const copy = (tokens: Iterable<number>) =>
    eachRow(tokens, (name, at) => inputs[name].set(from[name].subarray(at, at + headDim), at));
  const whole = elementCount(shape) <= SHORT;
  const spoiledOf = function* (count: number): Generator<number> {
    for (let token = 0; token < count; token++) {
      if (whole || token < EDGE || token >= count - EDGE || token % EVERY === 0) yield token;
    }
  };
  const span = function* (start: number, end: number): Generator<number> {
    for (let token = start; token < end; token++) yield token;
  };
  return {
    inputs,
    refill() {
      filled = 0;
      eachRow(span(0, shape.length), (name, at) => inputs[name].fill(Number.NaN, at, at + headDim));
    },
    bring(count, fresh) {
      copy(spoiledOf(Math.min(count, filled)));
      copy(span(filled, count));
      copy(fresh.filter((token) => token < count));
      filled = Math.max(filled, count);
      brought = count;
      // Tokens that were filled in for a longer prefill are still to come in a shorter one.
      eachRow(span(count, filled), (name, at) => inputs[name].fill(Number.NaN, at, at + headDim));
      filled = count;
    },
    spoil() {
      eachRow(spoiledOf(brought), (name, at) => inputs[name].fill(Number.NaN, at, at + headDim));
    },
  };
}
