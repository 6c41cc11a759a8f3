import { bindHeads, isSoftmaxPattern, type Kernel, rowOffset, simpleKernel } from "attnbench";

/** What a kernel gets wrong: how it scales, which keys of a row it takes, which rows it leaves out. */
interface Fault {
  id: string;
  scale?: (headDim: number) => number;
  keys?: (keys: number[], row: number, length: number) => number[];
  leavesOut?: (row: number, length: number) => boolean;
}

/** Softmax attention row by row, right but for its fault. */
function wrong({
  id,
  scale = (d) => 1 / Math.sqrt(d),
  keys = (all) => all,
  leavesOut = () => false,
}: Fault): Kernel {
  return simpleKernel({
    id,
    supports: ({ mechanism }) => isSoftmaxPattern(mechanism) || "only patterns have rows of keys",
    prepare({ mechanism, shape, causal, threads, inputs: { q, k, v } }, output) {
      if (!isSoftmaxPattern(mechanism)) throw new TypeError(`${id}: must be given a pattern`);
      const { batch, heads, length, headDim } = shape;
      const patterns = bindHeads(mechanism, { shape, causal, threads });
      const all = Array.from({ length }, (_, key) => key);
      return function run() {
        for (let slice = 0; slice < batch * heads; slice++) {
          const first = rowOffset(shape, 0, slice, 0);
          for (let row = 0; row < length; row++) {
            if (leavesOut(row, length)) continue;
            const attended = all.filter((key) => patterns[slice % heads].attends(row, key));
            const taken = keys(attended, row, length);
            const logits = taken.map((key) => {
              let dot = 0;
              for (let i = 0; i < headDim; i++) {
                dot += q[first + row * headDim + i] * k[first + key * headDim + i];
              }
              return dot * scale(headDim);
            });
            const largest = Math.max(...logits);
            const weights = logits.map((logit) => Math.exp(logit - largest));
            const total = weights.reduce((sum, weight) => sum + weight, 0);
            for (let i = 0; i < headDim; i++) {
              const value = taken.reduce(
                (sum, key, at) => sum + weights[at] * v[first + key * headDim + i],
                0,
              );
              output[first + row * headDim + i] = total > 0 ? value / total : 0;
            }
          }
        }
      };
    },
  });
}

export const kernels = [
  wrong({ id: "forgets-the-scale", scale: () => 1 }),
  wrong({ id: "misses-the-edge", keys: (all) => (all.length > 1 ? all.slice(1) : all) }),
  wrong({ id: "leaves-a-row-out", leavesOut: (row, length) => row === Math.floor((2 * length) / 3) }),
  wrong({ id: "reads-the-future", keys: (all, row, length) => (row + 1 < length ? [...all, row + 1] : all) }),
];
