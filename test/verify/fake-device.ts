import { Worker } from "node:worker_threads";
import type { Problem } from "../../src/core/problem.ts";
import type { Kernel, OwnTime, Runnable } from "../../src/kernels/kernel.ts";
import { isSoftmaxPattern, scaleOf } from "../../src/mechanisms/softmax-pattern/declare.ts";
import { bindHeads } from "../../src/pattern/bind.ts";

/** What a call computes: the keys of every row of every head, one after the other. */
export interface Layout {
  readonly keys: readonly (readonly number[])[];
  readonly length: number;
  readonly headDim: number;
  readonly scale: number;
}

/** What the device is asked. */
export type Asked =
  | { readonly what: "prepare"; readonly call: number; readonly layout: Layout }
  | {
      readonly what: "load";
      readonly call: number;
      readonly q: Float32Array;
      readonly k: Float32Array;
      readonly v: Float32Array;
    }
  | { readonly what: "run" | "finish" | "fetch" | "free"; readonly call: number }
  | { readonly what: "timed"; readonly call: number; readonly calls: number };

export type Answer = Float32Array | OwnTime | null;

/** A device that is found by `open`: a thread, whose answers come when it has done what was asked before. */
class Device {
  #worker: Worker | null = null;
  readonly #waiting = new Map<number, { resolve(answer: Answer): void; reject(error: Error): void }>();
  #asked = 0;

  open(): void {
    if (this.#worker !== null) return;
    this.#worker = new Worker(new URL("./fake-device-worker.ts", import.meta.url));
    // Whoever waits for an answer has a limit, which keeps the process alive.
    this.#worker.unref();
    this.#worker.on("message", ({ id, answer, error }) => {
      const waiting = this.#waiting.get(id);
      this.#waiting.delete(id);
      if (error === undefined) waiting?.resolve(answer);
      else waiting?.reject(new Error(error));
    });
  }

  ask(asked: Asked): Promise<Answer> {
    const id = this.#asked++;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#worker?.postMessage({ id, asked });
    });
  }

  async close(): Promise<void> {
    await this.#worker?.terminate();
    this.#worker = null;
  }
}

/** What is known of a prepared call by whoever bends it. */
export interface OnDevice {
  readonly honest: Runnable;
  readonly problem: Problem;
  readonly output: Float32Array;
}

export interface FakeDevice extends Kernel {
  close(): Promise<void>;
}

export interface DeviceManner {
  /** Whether it times its calls itself. */
  readonly clock?: boolean;
  readonly open?: () => Promise<true | string>;
  readonly supports?: Kernel["supports"];
  /** What is other than honest of a prepared call. */
  readonly bend?: (on: OnDevice) => Partial<Runnable>;
}

/** Dense softmax on a device of its own, right and punctual unless it is bent. */
export function fakeDevice(
  id: string,
  { clock = false, open, supports, bend }: DeviceManner = {},
): FakeDevice {
  const device = new Device();
  let calls = 0;
  return {
    id,
    title: "a thread in the place of a device",
    open:
      open ??
      (async () => {
        device.open();
        return true;
      }),
    supports: (task) => {
      if (!isSoftmaxPattern(task.mechanism)) return "it has no feature maps";
      return supports?.(task) ?? true;
    },
    async prepare(problem, output) {
      // Where nobody asks to open it, as within one test of it.
      device.open();
      const call = calls++;
      await device.ask({ what: "prepare", call, layout: layoutOf(problem) });
      const { q, k, v } = problem.inputs;
      const honest: Runnable = {
        async load() {
          await device.ask({ what: "load", call, q, k, v });
        },
        run() {
          device.ask({ what: "run", call });
        },
        async finish() {
          await device.ask({ what: "finish", call });
        },
        ...(clock && {
          timed: async (many: number) => (await device.ask({ what: "timed", call, calls: many })) as OwnTime,
        }),
        async fetch() {
          output.set((await device.ask({ what: "fetch", call })) as Float32Array);
        },
        output: () => output,
        workspaceBytes: null,
        executedFlops: null,
        bytes: null,
        dispose() {
          device.ask({ what: "free", call });
        },
      };
      return { ...honest, ...bend?.({ honest, problem, output }) };
    },
    close: () => device.close(),
  };
}

function layoutOf(problem: Problem): Layout {
  const { mechanism, shape } = problem;
  if (!isSoftmaxPattern(mechanism)) throw new TypeError("the device takes patterns only");
  const { batch, heads, length, headDim } = shape;
  const patterns = bindHeads(mechanism, problem);
  const keys: number[][] = [];
  for (let row = 0; row < batch * heads * length; row++) {
    const intervals = patterns[Math.floor(row / length) % heads].intervals(row % length);
    const attended: number[] = [];
    for (let at = 0; at < intervals.length; at += 2) {
      for (let key = intervals[at]; key < intervals[at + 1]; key++) attended.push(key);
    }
    keys.push(attended);
  }
  return { keys, length, headDim, scale: scaleOf(mechanism, headDim) };
}
