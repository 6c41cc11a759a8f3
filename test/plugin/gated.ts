import {
  type AttentionInputs,
  declareVariant,
  type Kernel,
  kvHeadOf,
  type Mechanism,
  type NamedInputs,
  type Stepper,
  simpleKernel,
  simpleKind,
  type Task,
} from "attnbench";

/** `S_i = g_i S_{i-1} + (W k_i) v_iᵀ`, `out_i = S_iᵀ q_i / √d`: each token has a gate, each head a matrix W. */
interface Gated extends Mechanism {
  readonly kind: "gated";
}

type Names = "gate" | "mix";

const stepFlops = ({ shape: { batch, heads, kvHeads, headDim: d, valueDim } }: Task): number =>
  2 * batch * d * (kvHeads * (d + valueDim) + heads * valueDim);

const gated = simpleKind<Gated>({
  id: "gated",
  causality: "always",
  freedoms: ["kvHeads", "valueDim"],
  inputs: () => ({
    gate: { dims: ["batch", "kvHeads", "length", 1], of: "token", domain: (x) => 1 / (1 + Math.exp(-x)) },
    mix: { dims: ["kvHeads", "headDim", "headDim"], of: "weights", std: 0.5 },
  }),
  flops: (task) => task.shape.length * stepFlops(task),
  step: { flops: stepFlops, keeps: "keeps d·d numbers and no keys" },
  laws: ["deterministic", "forbidden-keys", "independent-heads", "causal-prefix"],
  reference({ q, k, v, inputs: { gate, mix }, length, headDim: d, valueDim: w }, round) {
    const out = new Float64Array(length * w);
    const state = new Float64Array(d * w);
    for (let token = 0; token < length; token++) {
      for (let a = 0; a < d; a++) {
        let key = 0;
        for (let i = 0; i < d; i++) key = round(key + round(mix[a * d + i] * k[token * d + i]));
        for (let b = 0; b < w; b++) {
          const kept = round(gate[token] * state[a * w + b]);
          state[a * w + b] = round(kept + round(key * v[token * w + b]));
          out[token * w + b] = round(out[token * w + b] + round(q[token * d + a] * state[a * w + b]));
        }
      }
      for (let b = 0; b < w; b++) out[token * w + b] = round(out[token * w + b] / Math.sqrt(d));
    }
    return out;
  },
});

/** One token in every head, with the states of all heads of k and v. */
function taker({ shape }: Task) {
  const { batch, heads, kvHeads, headDim: d, valueDim: w } = shape;
  const states = new Float64Array(batch * kvHeads * d * w);
  const key = new Float64Array(d);
  return {
    states,
    write(
      slice: number,
      head: number,
      k: Float32Array,
      v: Float32Array,
      gate: number,
      mix: Float32Array,
      at: number,
    ) {
      const state = states.subarray(slice * d * w, (slice + 1) * d * w);
      for (let a = 0; a < d; a++) {
        key[a] = 0;
        for (let i = 0; i < d; i++) key[a] += mix[(head * d + a) * d + i] * k[at * d + i];
        for (let b = 0; b < w; b++) state[a * w + b] = gate * state[a * w + b] + key[a] * v[at * w + b];
      }
    },
    read(entry: number, head: number, q: Float32Array, from: number, out: Float32Array, to: number) {
      const slice = entry * kvHeads + kvHeadOf(shape, head);
      for (let b = 0; b < w; b++) {
        let sum = 0;
        for (let a = 0; a < d; a++) sum += q[from + a] * states[(slice * d + a) * w + b];
        out[to + b] = sum / Math.sqrt(d);
      }
    },
    slices: Array.from({ length: batch * kvHeads }, (_, slice) => [slice, slice % kvHeads] as const),
    queries: Array.from(
      { length: batch * heads },
      (_, slice) => [Math.floor(slice / heads), slice % heads] as const,
    ),
  };
}

const named = (inputs: AttentionInputs) => inputs as NamedInputs<Names>;

function steps(task: Task, { mix }: Readonly<Record<string, Float32Array>>): Stepper {
  const { length, headDim: d, valueDim: w, batch, heads, kvHeads } = task.shape;
  const all = taker(task);
  let position = 0;
  return {
    get position() {
      return position;
    },
    capacity: length,
    get stateBytes() {
      return position === 0 ? 0 : 4 * batch * kvHeads * d * w;
    },
    stepBytes: 4 * batch * kvHeads * d * w,
    workspaceBytes: null,
    reset() {
      all.states.fill(0);
      position = 0;
    },
    prefill(inputs, count) {
      if (position + count > length)
        throw new RangeError(`${position + count} tokens must fit into ${length}`);
      const { k, v, gate, shape } = named(inputs);
      for (let token = position; token < position + count; token++) {
        for (const [slice, head] of all.slices) {
          const at = slice * shape.length + token;
          all.write(slice, head, k, v, gate[at], mix, at);
        }
      }
      position += count;
    },
    step({ q, k, v, out, gate }) {
      if (position >= length) throw new RangeError(`${position + 1} tokens must fit into ${length}`);
      for (const [slice, head] of all.slices) all.write(slice, head, k, v, gate[slice], mix, slice);
      for (const [entry, head] of all.queries) {
        all.read(entry, head, q, (entry * heads + head) * d, out, (entry * heads + head) * w);
      }
      position++;
    },
    dispose() {},
  };
}

const kernel: Kernel = {
  ...simpleKernel({
    id: "gated-scan",
    freedoms: ["kvHeads", "valueDim"],
    supports: ({ mechanism }) => mechanism.kind === "gated" || "it computes gated only",
    prepare(problem, output) {
      const { batch, heads, length, headDim: d, valueDim: w } = problem.shape;
      const { q, k, v, gate, mix } = named(problem.inputs);
      const all = taker(problem);
      return function run() {
        all.states.fill(0);
        for (let token = 0; token < length; token++) {
          for (const [slice, head] of all.slices) {
            const at = slice * length + token;
            all.write(slice, head, k, v, gate[at], mix, at);
          }
          for (let slice = 0; slice < batch * heads; slice++) {
            const row = slice * length + token;
            all.read(Math.floor(slice / heads), slice % heads, q, row * d, output, row * w);
          }
        }
      };
    },
  }),
  decode: {
    supports: ({ mechanism }) => mechanism.kind === "gated" || "it decodes gated only",
    prepare: (task, weights = {}) => steps(task, weights),
  },
};

const variant = declareVariant<Record<string, never>>(
  { id: "gated", title: "Gated", source: "a test", params: {}, exponent: () => 1 },
  (): Gated => ({ kind: "gated" }),
);

export const kinds = [gated];
export const variants = [variant];
export const kernels = [kernel];
