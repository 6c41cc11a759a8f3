import { bindHeads, isSoftmaxPattern, kvHeadOf, layoutOf, offsetIn, scaleOf, simpleKernel } from "attnbench";

/** Row by row, of any shape: k and v may have fewer heads, v another width, and queries other tokens. */
const anyShape = simpleKernel({
  id: "any-shape",
  freedoms: ["kvHeads", "queries", "valueDim"],
  supports: ({ mechanism }) => isSoftmaxPattern(mechanism) || "only patterns are rows of keys",
  prepare({ mechanism, shape, causal, threads, inputs: { q, k, v } }, output) {
    if (!isSoftmaxPattern(mechanism)) throw new TypeError("any-shape: must be given a pattern");
    const patterns = bindHeads(mechanism, { shape, causal, threads });
    const scale = scaleOf(mechanism, shape.headDim);
    const [inQ, inK, inV, out] = [
      layoutOf(shape, "q"),
      layoutOf(shape, "k"),
      layoutOf(shape, "v"),
      layoutOf(shape, "output"),
    ];
    function attend(batch: number, head: number, row: number): void {
      const from = offsetIn(inQ, batch, head, row);
      const values = new Float64Array(shape.valueDim);
      let total = 0;
      let largest = Number.NEGATIVE_INFINITY;
      const ranges = patterns[head].intervals(row);
      for (let range = 0; range < ranges.length; range += 2) {
        for (let key = ranges[range]; key < ranges[range + 1]; key++) {
          const at = offsetIn(inK, batch, kvHeadOf(shape, head), key);
          let dot = 0;
          for (let i = 0; i < shape.headDim; i++) dot += q[from + i] * k[at + i];
          const logit = dot * scale;
          const shrink = logit > largest ? Math.exp(largest - logit) : 1;
          largest = Math.max(largest, logit);
          const weight = Math.exp(logit - largest);
          const value = offsetIn(inV, batch, kvHeadOf(shape, head), key);
          total = total * shrink + weight;
          for (let i = 0; i < shape.valueDim; i++) values[i] = values[i] * shrink + weight * v[value + i];
        }
      }
      output.set(total > 0 ? values.map((one) => one / total) : values, offsetIn(out, batch, head, row));
    }
    return function run() {
      for (let batch = 0; batch < shape.batch; batch++) {
        for (let head = 0; head < shape.heads; head++) {
          for (let row = 0; row < shape.queries; row++) attend(batch, head, row);
        }
      }
    };
  },
});

export const kernels = [anyShape];
