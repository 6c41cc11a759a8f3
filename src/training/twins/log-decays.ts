import type { Arrays } from "../arrays/arrays.ts";
import type { Tensor } from "../arrays/tensor.ts";
import { NOT_ATTENDED } from "./pair-weights.ts";

/** The most tokens of a block. */
const MOST = 16;

/** Which keys a row sees, and whether it reads before its own decay. */
export interface Seen {
  /** Whether a row sees its own token, besides those before. */
  readonly own: boolean;
  /** Whether what is left is what a token finds before it decays: the sum then ends one token earlier. */
  readonly before: boolean;
}

/** Whether a row sees a key. */
export function isSeen(row: number, key: number, { own }: Seen): boolean {
  return own ? key <= row : key < row;
}

/**
 * `Σ_t g_t` over the tokens `t = j+1 … i` of each pair, of `g` `[batch, heads, n, 1]`, `[batch, heads, n, n]`; where a row does
 * not see a key, what no exponential is anything of.
 *
 * Numbers of one sign are added up and none is taken away, so that no digits are lost: within a block pair by pair, and
 * between two as the end of one, the blocks between, and the beginning of the other. Differences of sums from the first token
 * on, which are cheaper, are off by as much as those sums are large.
 */
export function logDecays(arrays: Arrays, g: Tensor, seen: Seen): Tensor {
  const [batch, heads, length] = g.shape;
  const size = blockSize(length);
  const blocks = length / size;
  const logs = g.reshape(batch * heads * blocks, size);
  const shift = seen.before ? 1 : 0;
  /** Sums over some tokens of a block, or over some blocks. */
  const sums = (
    of: Tensor,
    rows: number,
    columns: number,
    isIn: (t: number, at: number) => boolean,
  ): Tensor => of.matmul(arrays.matrix(rows, columns, (t, at) => (isIn(t, at) ? 1 : 0)));
  const within = sums(logs, size, size * size, (t, at) => {
    const [row, key] = [Math.floor(at / size), at % size];
    return t > key && t <= row - shift;
  });
  const beginning = sums(logs, size, size, (t, row) => t <= row - shift);
  const end = sums(logs, size, size, (t, key) => t > key);
  const whole = logs.sum(-1).reshape(batch * heads, blocks);
  const between = sums(whole, blocks, blocks * blocks, (block, at) => {
    const [own, other] = [Math.floor(at / blocks), at % blocks];
    return block > other && block < own;
  });
  // As rows and keys of blocks: [batch · heads, blocks, size, blocks, size].
  const far = beginning
    .reshape(batch * heads, blocks, size, 1, 1)
    .add(between.reshape(batch * heads, blocks, 1, blocks, 1))
    .add(end.reshape(batch * heads, 1, 1, blocks, size));
  const near = within.reshape(batch * heads, blocks, size, 1, size);
  const pairs = (at: (row: number, key: number) => number): Tensor =>
    arrays.matrix(length, length, at).reshape(1, blocks, size, blocks, size);
  const isNear = (row: number, key: number): boolean => Math.floor(row / size) === Math.floor(key / size);
  return near
    .mul(pairs((row, key) => (isNear(row, key) ? 1 : 0)))
    .add(far.mul(pairs((row, key) => (isNear(row, key) ? 0 : 1))))
    .add(pairs((row, key) => (isSeen(row, key, seen) ? 0 : NOT_ATTENDED)))
    .reshape(batch, heads, length, length);
}

/** The largest size of blocks that divides the tokens. */
function blockSize(length: number): number {
  let size = Math.min(MOST, length);
  while (length % size !== 0) size--;
  return size;
}
