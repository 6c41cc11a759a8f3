import type { Recurrence } from "../../mechanisms/recurrence/declare.ts";
import type { Arrays } from "../arrays/arrays.ts";
import type { Tensor } from "../arrays/tensor.ts";
import { NOT_ATTENDED } from "./pair-weights.ts";
import type { TwinInputs, TwinTask } from "./twin.ts";

/** What is left of a token's writing when another reads, and the products of their channels through it. */
export interface Decays {
  /**
   * `Σ_c x_ic y_jc Π_t α_tc` of tokens `t = j+1 … i`, or to i-1 if `before`, for keys j of which i sees those before itself,
   * and itself if `own`; 0 for the others. x and y `[batch, heads, length, headDim]`.
   */
  products(x: Tensor, y: Tensor, seen: Seen): Tensor;
}

/** Which keys a row sees, and whether what is left is what its own token finds before its decay. */
export interface Seen {
  readonly own: boolean;
  readonly before: boolean;
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

function isSeen(row: number, key: number, { own }: Seen): boolean {
  return own ? key <= row : key < row;
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

/** The sums of logarithms up to each token, and up to the one before it. */
function summedLogs(arrays: Arrays, g: Tensor): { readonly upTo: Tensor; readonly before: Tensor } {
  const length = g.shape[g.shape.length - 2];
  const upTo = arrays.matrix(length, length, (row, column) => (column <= row ? 1 : 0)).matmul(g);
  return { upTo, before: upTo.sub(g) };
}

/** One decay a token, `g` `[batch, heads, length, 1]`. */
function tokenDecays(arrays: Arrays, g: Tensor): Decays {
  const length = g.shape[g.shape.length - 2];
  const logs = summedLogs(arrays, g);
  return {
    products(x, y, seen) {
      const rows = seen.before ? logs.before : logs.upTo;
      const hidden = arrays.matrix(length, length, (row, key) => (isSeen(row, key, seen) ? 0 : NOT_ATTENDED));
      const left = rows.sub(logs.upTo.transposed()).add(hidden).exp();
      return x.matmul(y.transposed()).mul(left);
    },
  };
}

/** Tokens of a block, within which a decay and its inverse are both numbers. */
const BLOCK = 16;
/** The largest exponent whose power is a float32 number, with room for products. */
const MOST_LOG = 80;

/**
 * One decay a channel, `g` `[batch, heads, length, headDim]`. What is left is a product of what a row and a key each have
 * from a token between them on: the first of the row's block. A block of the keys' own reaches back from there, so that
 * decays below e^-5 a token, sixteen times, are cut off where float32 ends.
 */
function channelDecays(arrays: Arrays, g: Tensor): Decays {
  const length = g.shape[g.shape.length - 2];
  const logs = summedLogs(arrays, g);
  return {
    products(x, y, seen) {
      const rows = seen.before ? logs.before : logs.upTo;
      const blocks: Tensor[] = [];
      for (let from = 0; from < length; from += BLOCK) {
        const to = Math.min(from + BLOCK, length);
        const start = logs.upTo.part(-2, from, from + 1);
        const left = x.part(-2, from, to).mul(rows.part(-2, from, to).sub(start).exp());
        const keys = y.part(-2, 0, to);
        const past = start
          .sub(logs.upTo.part(-2, 0, to))
          .atMost(MOST_LOG)
          .exp();
        const products = left.matmul(keys.mul(past).transposed());
        blocks.push(to === length ? products : products.padded(-1, 0, length - to));
      }
      const visible = arrays.matrix(length, length, (row, key) => (isSeen(row, key, seen) ? 1 : 0));
      return arrays.joined(blocks, -2).mul(visible);
    },
  };
}
