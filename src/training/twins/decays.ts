import type { Recurrence } from "../../mechanisms/recurrence/declare.ts";
import type { Arrays } from "../arrays/arrays.ts";
import type { Tensor } from "../arrays/tensor.ts";
import { isSeen, logDecays, type Seen } from "./log-decays.ts";
import type { TwinInputs, TwinTask } from "./twin.ts";

/** What is left of a token's writing when another reads. */
export interface Decays {
  /**
   * `Σ_c x_ic y_jc Π_t α_tc` of tokens `t = j+1 … i`, for the keys j that row i sees; 0 for the others. x and y `[batch, heads,
   * length, headDim]`.
   */
  products(x: Tensor, y: Tensor, seen: Seen): Tensor;
}

/** The decays of a call. */
export function decaysOf(arrays: Arrays, task: TwinTask<Recurrence>, { named }: TwinInputs): Decays {
  const { decay, write } = task.mechanism;
  const { heads, length } = task.shape;
  const constant = (log: (head: number) => number): Decays => constantDecays(arrays, heads, length, log);
  switch (decay.form) {
    case "none":
      return constant(() => 0);
    case "retention":
      return constant((head) => Math.log1p(-(2 ** (-5 - head))));
    case "lightning":
      return constant((head) => -(2 ** ((-8 * (head + 1)) / heads)));
    case "given":
      return decay.per === "token" ? tokenDecays(arrays, named.g) : channelDecays(arrays, named.g);
    case "softplus":
      if (write.form === "given-step")
        return tokenDecays(arrays, named.dt.mul(ratesOf(task, named.decay)).mul(-1));
      break;
    default:
  }
  throw new TypeError(
    `recurrence: its twin takes gates as they are given, got a decay that is ${decay.form}`,
  );
}

/** A of each head, `[heads, 1, 1]`, from rows of w, A and b. */
function ratesOf({ shape }: TwinTask, weights: Tensor): Tensor {
  return weights.part(-1, shape.headDim, shape.headDim + 1);
}

/** Decays that are the same for all tokens: a matrix of each head. */
function constantDecays(
  arrays: Arrays,
  heads: number,
  length: number,
  log: (head: number) => number,
): Decays {
  return {
    products(x, y, seen) {
      const shift = seen.before ? 1 : 0;
      const left = Float32Array.from({ length: heads * length * length }, (_, index) => {
        const [head, pair] = [Math.floor(index / length ** 2), index % length ** 2];
        const [row, key] = [Math.floor(pair / length), pair % length];
        return isSeen(row, key, seen) ? Math.exp(log(head) * (row - shift - key)) : 0;
      });
      return x.matmul(y.transposed()).mul(arrays.tensor(left, 1, heads, length, length));
    },
  };
}

/** One decay a token, `g` `[batch, heads, length, 1]`. */
function tokenDecays(arrays: Arrays, g: Tensor): Decays {
  return {
    products: (x, y, seen) => x.matmul(y.transposed()).mul(logDecays(arrays, g, seen).exp()),
  };
}

/** Tokens of a block, within which a decay and its inverse are both numbers. */
const BLOCK = 16;
/** The largest exponent whose power is a float32 number, with room for products. */
const MOST_LOG = 80;

/**
 * One decay a channel, `g` `[batch, heads, length, headDim]`. What is left is a product of what a row and a key each have
 * from the first token of the row's block on. The keys of the block itself reach back from there by inverses, which are cut
 * off where float32 ends: at a decay of e^-5 in each of sixteen tokens.
 */
function channelDecays(arrays: Arrays, g: Tensor): Decays {
  const length = g.shape[g.shape.length - 2];
  return {
    products(x, y, seen) {
      const blocks: Tensor[] = [];
      for (let from = 0; from < length; from += BLOCK) {
        const to = Math.min(from + BLOCK, length);
        const ofRow = (row: number): number => from + row - (seen.before ? 1 : 0);
        // One token early, where a row reads before its own decay, the first of a block reaches back itself.
        const rows = arrays.matrix(to - from, to, (row, t) => between(from, t, ofRow(row)));
        const keys = arrays.matrix(to, to, (key, t) => -between(from, t, key));
        const left = x.part(-2, from, to).mul(rows.matmul(g.part(-2, 0, to)).exp());
        const past = keys
          .matmul(g.part(-2, 0, to))
          .atMost(MOST_LOG)
          .exp();
        const products = left.matmul(y.part(-2, 0, to).mul(past).transposed());
        blocks.push(to === length ? products : products.padded(-1, 0, length - to));
      }
      const visible = arrays.matrix(length, length, (row, key) => (isSeen(row, key, seen) ? 1 : 0));
      return arrays.joined(blocks, -2).mul(visible);
    },
  };
}

/** By which sign token t counts in the sum of logarithms from `start` to another token, which may be earlier; 0 if it does not. */
function between(start: number, t: number, end: number): number {
  if (end > start) return t > start && t <= end ? 1 : 0;
  return t > end && t <= start ? -1 : 0;
}
