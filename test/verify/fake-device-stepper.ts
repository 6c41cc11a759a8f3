import { setImmediate as nextTurn } from "node:timers/promises";
import { type AttentionInputs, namesIn, tensorNamed } from "../../src/core/tensors.ts";
import { js } from "../../src/kernels/js/index.ts";
import type { DecodeKernel, Stepper, Token } from "../../src/kernels/stepper.ts";

/** Where a stepper on a device goes wrong; each part left out is right. */
export interface DeviceFaults {
  /** Whether it reads what it is given when it computes, and not when it is given it. */
  readonly keepsArrays?: boolean;
  /** Whether all steps on their way are given their q in one place. */
  readonly hasOnePlace?: boolean;
  /** What else it does otherwise. */
  readonly bend?: (honest: Stepper) => Partial<Stepper>;
}

/**
 * The js stepper as if on a device: what is started is computed at the next fence and not before, in memory of its own;
 * outputs stay there until they are fetched.
 */
export function deviceStepper({ keepsArrays, hasOnePlace, bend }: DeviceFaults = {}): DecodeKernel {
  const { decode } = js;
  if (decode === undefined) throw new TypeError("js decodes");
  const taken = (array: Float32Array): Float32Array => (keepsArrays === true ? array : array.slice());
  return {
    supports: decode.supports,
    async prepare(task, weights) {
      await nextTurn();
      const inner = decode.prepare(task, weights);
      const queue: (() => void)[] = [];
      let started = 0;
      let outputs: { readonly token: Token; readonly q: Float32Array; readonly out: Float32Array }[] = [];
      let isFenced = false;
      const start = (tokens: number, work: () => void): void => {
        if (!(started + tokens <= inner.capacity)) throw new RangeError(`${started + tokens} tokens`);
        if (isFenced) outputs = [];
        isFenced = false;
        started += tokens;
        queue.push(work);
      };
      const honest: Stepper = {
        get position() {
          return started;
        },
        capacity: inner.capacity,
        get stateBytes() {
          return inner.stateBytes;
        },
        get stepBytes() {
          return inner.stepBytes;
        },
        workspaceBytes: inner.workspaceBytes,
        reset() {
          started = 0;
          outputs = [];
          queue.push(() => inner.reset());
        },
        prefill(inputs, count) {
          const own = takenFrom(inputs, taken);
          start(count, () => inner.prefill(own, count));
        },
        step(token) {
          const [q, k, v] = [token.q, token.k, token.v].map(taken);
          const out = new Float32Array(token.out.length);
          start(1, () => inner.step({ q, k, v, out }));
          outputs.push({ token, q, out });
          if (hasOnePlace === true) for (const one of outputs) one.q.set(q);
        },
        async finish() {
          await nextTurn();
          for (const work of queue.splice(0)) work();
          isFenced = true;
        },
        async fetch() {
          await nextTurn();
          for (const { token, out } of outputs) token.out.set(out);
        },
        dispose: () => inner.dispose(),
      };
      return Object.create(honest, Object.getOwnPropertyDescriptors(bend?.(honest) ?? {})) as Stepper;
    },
  };
}

function takenFrom(inputs: AttentionInputs, taken: (array: Float32Array) => Float32Array): AttentionInputs {
  const own = namesIn(inputs).map((name) => [name, taken(tensorNamed(inputs, name))] as const);
  return { ...inputs, ...Object.fromEntries(own) };
}
