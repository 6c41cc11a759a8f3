import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { bindHeads, isSoftmaxPattern, scaleOf, simpleKernel } from "attnbench";

/** The device: softmax over the keys of each row, in the order in which it is asked. */
const PROGRAM = `
const { parentPort } = require("node:worker_threads");
const calls = new Map();
function compute({ rows, length, headDim, scale, q, k, v, out }) {
  for (const [row, keys] of rows.entries()) {
    const first = row - (row % length);
    const logits = keys.map((key) => {
      let dot = 0;
      for (let i = 0; i < headDim; i++) dot += q[row * headDim + i] * k[(first + key) * headDim + i];
      return dot * scale;
    });
    const largest = Math.max(...logits);
    const weights = logits.map((logit) => Math.exp(logit - largest));
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    for (let i = 0; i < headDim; i++) {
      let sum = 0;
      for (const [at, key] of keys.entries()) sum += weights[at] * v[(first + key) * headDim + i];
      out[row * headDim + i] = keys.length > 0 ? sum / total : 0;
    }
  }
}
parentPort.on("message", ({ what, call, ...more }) => {
  if (what === "load") calls.set(call, { out: new Float32Array(more.q.length), ...calls.get(call), ...more });
  if (what === "run") compute(calls.get(call));
  if (what === "finish") parentPort.postMessage("done");
  if (what === "fetch") parentPort.postMessage(calls.get(call).out);
  if (what === "free") calls.delete(call);
});
`;

let device: Worker;
let prepared = 0;

/** Computes in another thread, in the place of a GPU: what it asks of it is waited for in finish and in fetch. */
const elsewhere = simpleKernel({
  id: "elsewhere",
  title: "rows in another thread",
  supports: ({ mechanism }) => isSoftmaxPattern(mechanism) || "only patterns are rows of keys",
  async open() {
    device = new Worker(PROGRAM, { eval: true });
    device.unref();
    return true;
  },
  async prepare({ mechanism, shape, causal, threads, inputs: { q, k, v } }, output) {
    if (!isSoftmaxPattern(mechanism)) throw new TypeError("elsewhere: must be given a pattern");
    const { batch, heads, length, headDim } = shape;
    const patterns = bindHeads(mechanism, { shape, causal, threads });
    const rows = Array.from({ length: batch * heads * length }, (_, row) =>
      Array.from({ length }, (_, key) => key).filter((key) =>
        patterns[Math.floor(row / length) % heads].attends(row % length, key),
      ),
    );
    const call = prepared++;
    const common = { call, rows, length, headDim, scale: scaleOf(mechanism, headDim) };
    const ask = (what: string) => device.postMessage({ what, call });
    return {
      load: () => device.postMessage({ what: "load", ...common, q, k, v }),
      run: () => ask("run"),
      async finish() {
        ask("finish");
        await once(device, "message");
      },
      async fetch() {
        ask("fetch");
        const [out] = await once(device, "message");
        output.set(out);
      },
      dispose: () => ask("free"),
    };
  },
});

/** The same on a machine that has no such device. */
const missing = simpleKernel({
  id: "missing",
  open: async () => "no device was found; plug one in",
  prepare: (): never => {
    throw new TypeError("prepared where nothing was found");
  },
});

export const kernels = [elsewhere, missing];
