import { elementCount, offsetIn } from "../core/shape.ts";
import type { AttentionInputs } from "../core/tensors.ts";
import { type JudgedInputs, tokenTensors } from "../mechanisms/judged.ts";

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

export function lentInputs(problem: JudgedInputs): LentInputs {
  const from = problem.inputs;
  const { shape } = from;
  const tensors = tokenTensors(problem);
  const lent = tensors.map(({ values }) => new Float32Array(values.length).fill(Number.NaN));
  const named = Object.fromEntries(tensors.map(({ name }, index) => [name, lent[index]]));
  const inputs: AttentionInputs = { ...from, ...named };
  let brought = 0;
  /** Tokens `0 … filled - 1` were there at some time, and are, but for those that are spoiled. */
  let filled = 0;
  const eachRow = (
    tokens: Iterable<number>,
    act: (to: Float32Array, from: Float32Array, at: number, end: number) => void,
  ): void => {
    for (const token of tokens) {
      for (const [index, { values, layout }] of tensors.entries()) {
        for (let slice = 0; slice < layout.batch * layout.heads; slice++) {
          const at = offsetIn(layout, 0, slice, token);
          act(lent[index], values, at, at + layout.width);
        }
      }
    }
  };
  const copy = (tokens: Iterable<number>) =>
    eachRow(tokens, (to, values, at, end) => to.set(values.subarray(at, end), at));
  const spoilRows = (tokens: Iterable<number>) =>
    eachRow(tokens, (to, _, at, end) => to.fill(Number.NaN, at, end));
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
      spoilRows(span(0, shape.length));
    },
    bring(count, fresh) {
      copy(spoiledOf(Math.min(count, filled)));
      copy(span(filled, count));
      copy(fresh.filter((token) => token < count));
      filled = Math.max(filled, count);
      brought = count;
      // Tokens that were filled in for a longer prefill are still to come in a shorter one.
      spoilRows(span(count, filled));
      filled = count;
    },
    spoil() {
      spoilRows(spoiledOf(brought));
    },
  };
}
