import { bindHeads, isSoftmaxPattern, type Kernel, rowOffset, simpleKernel } from "attnbench";

/** Softmax attention row by row, whose output is float16 whatever it is told; `sum` rounds each sum so far. */
function half(
  id: string,
  sum: (exact: number) => number,
  dtypes: Kernel["dtypes"],
  longest = Number.POSITIVE_INFINITY,
): Kernel {
  return simpleKernel({
    id,
    ...(dtypes !== undefined && { dtypes }),
    supports: ({ mechanism, shape }) =>
      (isSoftmaxPattern(mechanism) && shape.length <= longest && shape.headDim <= longest) ||
      `only patterns have rows of keys, and here of at most ${longest}`,
    prepare({ mechanism, shape, causal, threads, inputs: { q, k, v } }, output) {
      if (!isSoftmaxPattern(mechanism)) throw new TypeError(`${id}: must be given a pattern`);
      const { batch, heads, length, headDim } = shape;
      const patterns = bindHeads(mechanism, { shape, causal, threads });
      const logits = new Float64Array(length);
      function row(first: number, query: number, head: number): void {
        const from = first + query * headDim;
        let largest = Number.NEGATIVE_INFINITY;
        const keys = keysOf(patterns[head].intervals(query));
        for (const key of keys) {
          let dot = 0;
          for (let i = 0; i < headDim; i++) dot = sum(dot + q[from + i] * k[first + key * headDim + i]);
          logits[key] = dot / Math.sqrt(headDim);
          largest = Math.max(largest, logits[key]);
        }
        let total = 0;
        const values = new Float64Array(headDim);
        for (const key of keys) {
          const weight = Math.exp(logits[key] - largest);
          total = sum(total + weight);
          for (let i = 0; i < headDim; i++) {
            values[i] = sum(values[i] + weight * v[first + key * headDim + i]);
          }
        }
        for (let i = 0; i < headDim; i++)
          output[from + i] = total === 0 ? 0 : Math.f16round(values[i] / total);
      }
      return function run() {
        for (let slice = 0; slice < batch * heads; slice++) {
          const first = rowOffset(shape, 0, slice, 0);
          for (let query = 0; query < length; query++) row(first, query, slice % heads);
        }
      };
    },
  });
}

function keysOf(ranges: ArrayLike<number>): number[] {
  const keys: number[] = [];
  for (let at = 0; at < ranges.length; at += 2) {
    for (let key = ranges[at]; key < ranges[at + 1]; key++) keys.push(key);
  }
  return keys;
}

export const kernels = [
  half("half", Math.fround, ["float16"]),
  half("half-sums", Math.f16round, ["float16"]),
  half("half-unsaid", Math.fround, undefined),
  half("half-short", Math.fround, ["float16"], 20),
];
