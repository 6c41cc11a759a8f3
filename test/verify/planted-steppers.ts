import type { Task } from "../../src/core/problem.ts";
import { overTokens, rowOffset } from "../../src/core/shape.ts";
import type { AttentionInputs } from "../../src/core/tensors.ts";
import { GUARD, type Kernel } from "../../src/kernels/kernel.ts";
import type { Stepper, Token } from "../../src/kernels/stepper.ts";
import { isSoftmaxPattern } from "../../src/mechanisms/softmax-pattern/declare.ts";
import { bindHeads } from "../../src/pattern/bind.ts";
import { planted } from "./planted-kernels.ts";

/** Where a stepper that keeps all keys and reads membership may go wrong; each part left out is right. */
export interface StepFaults {
  /** The keys that a token attends, from those that it should. */
  readonly keys?: (keys: readonly number[], position: number) => readonly number[];
  /** What a step does after it has computed its output. */
  readonly after?: (token: Token, taken: number) => void;
  /** Whether a reset leaves the keys of the sequence before where they are. */
  readonly keepsState?: boolean;
  /** Whether it takes in tokens past its capacity. */
  readonly grows?: boolean;
  /** Tokens that a prefill takes in, of those that it should. */
  readonly takes?: (count: number) => number;
  /** Where the position is after a step. */
  readonly advance?: number;
  readonly capacity?: (length: number) => number;
  /** What it says of its state, at each look. */
  readonly stateBytes?: () => unknown;
  /** Whether a prefill reads the inputs from their start, wherever the sequence stands. */
  readonly fromZero?: boolean;
  /** Whether a prefill moves on, and leaves in the cache what a sequence before left there. */
  readonly prefillsNothing?: boolean;
  /** Whether a prefill takes the length of its inputs for the capacity. */
  readonly mistakesLength?: boolean;
  /** Whether a prefill computes the outputs of the tokens that are still to come. */
  readonly looksAhead?: boolean;
  /** Whether a step returns before it computes. */
  readonly promises?: boolean;
}

const MOST_TOKENS = 200;

/** What happened to the steppers of one kernel. */
export interface Steps {
  prepared: number;
  disposed: number;
}

/** A kernel that decodes softmax patterns as planted; forward passes are right. */
export function plantedDecoder(id: string, faults: StepFaults = {}): Kernel & { readonly counts: Steps } {
  const counts = { prepared: 0, disposed: 0 };
  return {
    ...planted(id),
    counts,
    decode: {
      supports: ({ mechanism, shape }) => {
        if (!isSoftmaxPattern(mechanism)) return "it decodes no feature maps";
        return shape.length <= MOST_TOKENS || "it is too slow for so many tokens";
      },
      prepare(task) {
        counts.prepared++;
        const stepper = stepperOf(task, faults);
        stepper.dispose = () => void counts.disposed++;
        return stepper;
      },
    },
  };
}

function stepperOf(task: Task, faults: StepFaults): Stepper {
  const { mechanism, shape } = task;
  if (!isSoftmaxPattern(mechanism)) throw new TypeError("a planted stepper takes patterns only");
  const { batch, heads, length, headDim } = shape;
  const slices = batch * heads;
  const patterns = bindHeads(mechanism, task);
  const { keys: attended = (keys) => keys, takes = (count) => count } = faults;
  const kept = Array.from({ length: slices }, () => ({ k: [] as Float32Array[], v: [] as Float32Array[] }));
  const state = { position: 0, taken: 0 };
  /** Tokens to come, as a prefill found them. */
  let ahead: AttentionInputs | null = null;
  const refuse = (end: number): void => {
    if (end > length && faults.grows !== true) throw new RangeError(`${end} tokens in ${length}`);
  };
  return Object.defineProperty(
    {
      position: 0,
      capacity: faults.capacity?.(length) ?? length,
      get stateBytes() {
        return (faults.stateBytes?.() ?? 8 * slices * headDim * state.position) as number;
      },
      get stepBytes() {
        return 8 * slices * headDim * Math.min(state.position, length);
      },
      workspaceBytes: null,
      reset() {
        state.position = 0;
        if (faults.keepsState === true || faults.prefillsNothing === true) return;
        for (const one of kept) one.k.length = one.v.length = 0;
      },
      prefill(inputs, count) {
        refuse(state.position + count);
        if (faults.looksAhead === true) ahead = copyOf(inputs);
        if (faults.prefillsNothing === true) {
          state.position += count;
          return;
        }
        const past = state.position;
        const shape = faults.mistakesLength === true ? overTokens(inputs.shape, length) : inputs.shape;
        for (let token = 0; token < takes(count); token++) {
          for (const [slice, one] of kept.entries()) {
            const row = state.position - (faults.fromZero === true ? past : 0);
            const at = rowOffset(shape, Math.floor(slice / heads), slice % heads, row);
            one.k.push(inputs.k.slice(at, at + headDim));
            one.v.push(inputs.v.slice(at, at + headDim));
          }
          state.position++;
        }
      },
      step(token) {
        refuse(state.position + 1);
        if (faults.promises === true) {
          state.position++;
          return Promise.reject(new Error("too late")) as unknown as undefined;
        }
        for (const [slice, { k, v }] of kept.entries()) {
          const { position } = state;
          const of = (whole: Float32Array) => whole.slice(slice * headDim, (slice + 1) * headDim);
          const next = (name: "q" | "k" | "v") => {
            const at = rowOffset(
              overTokens(shape, ahead?.shape.length ?? 0),
              Math.floor(slice / heads),
              slice % heads,
              position,
            );
            return ahead === null ? of(token[name]) : ahead[name].slice(at, at + headDim);
          };
          const last = faults.prefillsNothing === true ? position : k.length;
          k[last] = next("k");
          v[last] = next("v");
          const row = Math.min(position, length - 1);
          const all = Array.from({ length: position + 1 }, (_, key) => key);
          const keys = attended(
            all.filter((key) => patterns[slice % heads].attends(row, key)),
            position,
          );
          token.out.set(attention(next("q"), keys, k, v), slice * headDim);
        }
        faults.after?.(token, state.taken++);
        state.position += faults.advance ?? 1;
      },
      dispose() {},
    } satisfies Stepper,
    "position",
    { get: () => state.position, enumerable: true },
  ) as Stepper;
}

function copyOf({ shape, q, k, v }: AttentionInputs): AttentionInputs {
  return { shape, q: q.slice(), k: k.slice(), v: v.slice() };
}

function attention(
  q: Float32Array,
  keys: readonly number[],
  k: readonly Float32Array[],
  v: readonly Float32Array[],
): number[] {
  const logits = keys.map((key) => q.reduce((sum, x, i) => sum + x * k[key][i], 0) / Math.sqrt(q.length));
  const largest = Math.max(...logits);
  const weights = logits.map((logit) => Math.exp(logit - largest));
  const total = weights.reduce((a, b) => a + b, 0);
  return Array.from(q, (_, i) => keys.reduce((sum, key, at) => sum + (weights[at] / total) * v[key][i], 0));
}

/** Writes past its output. */
export const writesPast: StepFaults = {
  after: ({ out }) => {
    new Float32Array(out.buffer)[GUARD + out.length + 2] = 1;
  },
};

/** Gives the first output that it ever computed again and again. */
export function cachesFirst(): StepFaults {
  let first: Float32Array | null = null;
  return {
    after: ({ out }) => {
      first ??= out.slice();
      out.set(first);
    },
  };
}

/** Computes so many tokens, and then leaves the output as it is. */
export function stopsAfter(tokens: number): StepFaults {
  return { after: ({ out }, taken) => void (taken >= tokens && out.fill(Number.NaN)) };
}
