import type { AttendBlocks } from "../../mechanisms/summary/declare.ts";
import type { Arrays } from "../arrays/arrays.ts";
import type { Tensor } from "../arrays/tensor.ts";
import { logSumExp, NOT_ATTENDED, softmaxSums } from "./pair-weights.ts";

/** Logarithms whose columns and then rows are balanced so often. */
export function balanced(logs: Tensor, iterations: number): Tensor {
  // A single share is 1. Sums of one number are none to the compiler, which would write out all of it for every use.
  if (logs.shape.at(-1) === 1 && logs.shape.at(-2) === 1) return logs.mul(0);
  let now = logs;
  for (let iteration = 0; iteration < iterations; iteration++) {
    now = now.sub(logSumExp(now, -2));
    now = now.sub(logSumExp(now, -1));
  }
  return now;
}

/** Rows as blocks, `[…, blocks, size, width]`; the last is filled up with zeros. */
function blocksOf(x: Tensor, size: number): Tensor {
  const [rows, width] = x.shape.slice(-2);
  const blocks = Math.ceil(rows / size);
  const whole = blocks * size === rows ? x : x.padded(-2, 0, blocks * size - rows);
  return whole.reshape(...x.shape.slice(0, -2), blocks, size, width);
}

/** Row p of block u is the mean of the rows p of those blocks that have one, by weights `exp(logs_uv)`. */
export function mixedBlocks(arrays: Arrays, logs: Tensor, x: Tensor, size: number): Tensor {
  const [rows, width] = x.shape.slice(-2);
  const blocks = logs.shape[logs.shape.length - 1];
  const outer = x.shape.slice(0, -2);
  const weights = logs.sub(logs.max(-1).stopped()).exp();
  const mixed = weights.matmul(blocksOf(x, size).reshape(...outer, blocks, size * width));
  const isThere = arrays.matrix(blocks, size, (block, row) => (block * size + row < rows ? 1 : 0));
  const divisors = weights.matmul(isThere).reshape(...outer, blocks, size, 1);
  return mixed
    .reshape(...outer, blocks, size, width)
    .div(divisors)
    .reshape(...outer, blocks * size, width);
}

/** Attention of each block's queries to the rows of the same block of two matrices, under one softmax. */
export function attendBlocks(
  arrays: Arrays,
  { queries, keys, values, size, scale }: AttendBlocks,
  of: (name: string) => Tensor,
): Tensor {
  const q = of(queries);
  const rows = q.shape[q.shape.length - 2];
  const outer = q.shape.slice(0, -2);
  const blocks = Math.ceil(rows / size);
  const both = (names: readonly [string, string]): Tensor =>
    arrays.joined(
      names.map((name) => blocksOf(of(name), size)),
      -2,
    );
  const width = of(values[0]).shape.at(-1) ?? 0;
  const hidden = hiddenKeys(
    arrays,
    keys.map((name) => of(name).shape.at(-2) ?? 0),
    blocks,
    size,
  );
  const scores = blocksOf(q, size).matmul(both(keys).transposed()).mul(scale).add(hidden);
  return softmaxSums(scores, both(values))
    .reshape(...outer, blocks * size, width)
    .part(-2, 0, rows);
}

/** What is added to scores with rows of two matrices of so many rows each, `[blocks, 1, 2·size]`: those beyond do not count. */
function hiddenKeys(arrays: Arrays, counts: readonly number[], blocks: number, size: number): Tensor {
  return arrays
    .matrix(blocks, 2 * size, (block, key) => {
      const row = block * size + (key % size);
      return row < counts[Math.floor(key / size)] ? 0 : NOT_ATTENDED;
    })
    .reshape(blocks, 1, 2 * size);
}
