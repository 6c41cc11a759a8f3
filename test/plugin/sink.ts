import {
  band,
  bindHeads,
  globalTokens,
  int,
  isSoftmaxPattern,
  scaleOf,
  simpleKernel,
  softmaxPattern,
  union,
} from "attnbench";

/** Attention sinks: the first tokens stay visible beside a window of the past; run it with --causal. */
const sink = softmaxPattern({
  id: "sink",
  title: "Sink",
  source: "Xiao et al. 2023, arXiv 2309.17453",
  params: {
    window: int(255, { unit: "keys before", meaning: "reach to the past", probe: 5 }),
    sinks: int(4, { least: 1, unit: "tokens", meaning: "tokens that stay visible", fullAt: (n) => n }),
  },
  pattern: ({ window, sinks }) => union(band(window, 0), globalTokens(sinks)),
  exponent: () => 1,
});

/** Row by row over the key ranges of a pattern: no tiles, and short enough to be read whole. */
const plain = simpleKernel({
  id: "plain",
  title: "plain rows, float64",
  supports: ({ mechanism }) => isSoftmaxPattern(mechanism) || "only patterns are rows of keys",
  prepare({ mechanism, shape, causal, threads, inputs: { q, k, v } }, output) {
    if (!isSoftmaxPattern(mechanism)) throw new TypeError("plain: must be given a pattern");
    const { batch, heads, length, headDim } = shape;
    const patterns = bindHeads(mechanism, { shape, causal, threads });
    const scale = scaleOf(mechanism, headDim);
    return function run() {
      for (let slice = 0; slice < batch * heads; slice++) {
        const first = slice * length * headDim;
        for (let row = 0; row < length; row++) {
          const query = q.subarray(first + row * headDim, first + (row + 1) * headDim);
          const values = new Float64Array(headDim);
          let total = 0;
          let largest = Number.NEGATIVE_INFINITY;
          const ranges = patterns[slice % heads].intervals(row);
          for (let range = 0; range < ranges.length; range += 2) {
            for (let key = ranges[range]; key < ranges[range + 1]; key++) {
              const at = first + key * headDim;
              let dot = 0;
              for (let i = 0; i < headDim; i++) dot += query[i] * k[at + i];
              const logit = dot * scale;
              // Online softmax: what was summed so far shrinks whenever a larger logit turns up.
              const shrink = logit > largest ? Math.exp(largest - logit) : 1;
              largest = Math.max(largest, logit);
              const weight = Math.exp(logit - largest);
              total = total * shrink + weight;
              for (let i = 0; i < headDim; i++) values[i] = values[i] * shrink + weight * v[at + i];
            }
          }
          output.set(total > 0 ? values.map((value) => value / total) : values, first + row * headDim);
        }
      }
    };
  },
});

export const variants = [sink];
export const kernels = [plain];
