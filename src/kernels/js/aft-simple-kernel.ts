import type { Problem } from "../../core/problem.ts";
import { callBytes, layoutOf, offsetIn } from "../../core/shape.ts";
import type { Runnable } from "../kernel.ts";
import { ChannelSums } from "./channel-sums.ts";

/** An attention-free transformer without position biases: a sum over all keys, or a scan if it is causal. */
export function prepareAftSimple({ shape, inputs, causal }: Problem, output: Float32Array): Runnable {
  const { batch, heads, length, headDim } = shape;
  const sums = new ChannelSums(headDim);
  const layout = layoutOf(shape, "k");
  const { q, k, v } = inputs;

  const runHead = (start: number): void => {
    sums.clear();
    const end = start + length * headDim;
    for (let at = start; at < end; at += headDim) {
      sums.addKey(k, v, at, 0);
      if (causal) sums.write(q, at, output);
    }
    if (causal) return;
    for (let at = start; at < end; at += headDim) sums.write(q, at, output);
  };

  return {
    run() {
      for (let entry = 0; entry < batch; entry++) {
        for (let head = 0; head < heads; head++) runHead(offsetIn(layout, entry, head, 0));
      }
    },
    output: () => output,
    workspaceBytes: sums.bytes,
    executedFlops: 4 * batch * heads * length * headDim,
    bytes: callBytes(shape),
    dispose() {},
  };
}
