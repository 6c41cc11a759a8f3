import { parentPort } from "node:worker_threads";
import type { Answer, Asked, Layout } from "./fake-device.ts";

/** The device: a thread with memory and a clock of its own, which does what it is asked in that order. */

interface Memory {
  readonly layout: Layout;
  readonly output: Float32Array;
  q: Float32Array;
  k: Float32Array;
  v: Float32Array;
}

const calls = new Map<number, Memory>();
const nothing = new Float32Array(0);

function answerTo(asked: Asked): Answer {
  switch (asked.what) {
    case "prepare": {
      const { layout } = asked;
      const output = new Float32Array(layout.keys.length * layout.headDim).fill(Number.NaN);
      calls.set(asked.call, { layout, output, q: nothing, k: nothing, v: nothing });
      return null;
    }
    case "load":
      Object.assign(held(asked.call), { q: asked.q, k: asked.k, v: asked.v });
      return null;
    case "run":
      compute(held(asked.call));
      return null;
    case "finish":
      return null;
    case "timed": {
      const memory = held(asked.call);
      const start = performance.now();
      for (let call = 0; call < asked.calls; call++) compute(memory);
      const wall = (performance.now() - start) / 1000;
      return { wall, device: 0.75 * wall };
    }
    case "fetch":
      return held(asked.call).output.slice();
    case "free":
      calls.delete(asked.call);
      return null;
    default:
      return asked satisfies never;
  }
}

function held(call: number): Memory {
  const memory = calls.get(call);
  if (memory === undefined) throw new Error(`the device holds no call ${call}`);
  return memory;
}

/** Dense softmax over the keys of each row. */
function compute({ layout: { keys, length, headDim, scale }, output, q, k, v }: Memory): void {
  for (const [row, attended] of keys.entries()) {
    const keysAt = Math.floor(row / length) * length;
    const logits = attended.map((key) => {
      let dot = 0;
      for (let i = 0; i < headDim; i++) dot += q[row * headDim + i] * k[(keysAt + key) * headDim + i];
      return dot * scale;
    });
    const largest = logits.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
    const weights = logits.map((logit) => Math.exp(logit - largest));
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    for (let i = 0; i < headDim; i++) {
      let value = 0;
      for (const [at, key] of attended.entries()) {
        value += (weights[at] / total) * v[(keysAt + key) * headDim + i];
      }
      output[row * headDim + i] = value;
    }
  }
}

parentPort?.on("message", ({ id, asked }: { id: number; asked: Asked }) => {
  try {
    parentPort?.postMessage({ id, answer: answerTo(asked) });
  } catch (thrown) {
    parentPort?.postMessage({ id, error: thrown instanceof Error ? thrown.message : String(thrown) });
  }
});
