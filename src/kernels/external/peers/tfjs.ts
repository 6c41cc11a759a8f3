import type { ServedCall, ServedKernel, ServedParts } from "../child/served-kernel.ts";
import { biasOf, someKey } from "./bias.ts";

/** What of TensorFlow.js is used here. */
export interface Tensorflow {
  readonly version: { readonly "tfjs-core"?: string };
  setBackend(name: string): Promise<boolean>;
  tensor(values: Float32Array, shape: readonly number[]): Tensor;
  tidy<T extends Tensor>(compute: () => T): T;
  clone(tensor: Tensor): Tensor;
  reshape(tensor: Tensor, shape: readonly number[]): Tensor;
  unstack(tensor: Tensor): readonly Tensor[];
  stack(tensors: readonly Tensor[]): Tensor;
  transpose(tensor: Tensor): Tensor;
  matMul(a: Tensor, b: Tensor, transposeA?: boolean, transposeB?: boolean): Tensor;
  mul(a: Tensor, b: number): Tensor;
  add(a: Tensor, b: Tensor): Tensor;
  softmax(scores: Tensor): Tensor;
}

interface Tensor {
  readonly shape: readonly number[];
  dataSync(): Float32Array;
  dispose(): void;
}

/** A kernel of a backend. */
export interface Backend {
  readonly id: string;
  readonly title: string;
  /** How many threads it computes in, whatever the case has. */
  readonly threads: number;
  /** Why, or what to do about it. */
  readonly why: string;
}

/** What is given to a call: q, k and v, heads before tokens, and what is added to scores. */
interface Given {
  readonly q: Tensor;
  readonly k: Tensor;
  readonly v: Tensor;
  readonly scale: number;
  readonly mask: Tensor | null;
}

/** Computes attention by TensorFlow.js: what it returns is the output, heads before tokens. */
export type Attend = (tf: Tensorflow, given: Given) => Tensor;

/** As it is usually written: `softmax(scale · q kᵀ + mask) v` over all heads at once. */
export const overHeads: Attend = (tf, { q, k, v, scale, mask }) => {
  const scores = tf.mul(tf.matMul(q, k, false, true), scale);
  return tf.matMul(tf.softmax(masked(tf, scores, mask)), v);
};

/** The same one head after the other, with keys that are transposed before they are multiplied. */
export const headByHead: Attend = (tf, { q, k, v, scale, mask }) => {
  const [queries, keys, values] = [q, k, v].map((one) => heads(tf, one));
  const masks = mask === null ? [null] : heads(tf, mask);
  const outputs = queries.map((query, at) => {
    const scores = tf.mul(tf.matMul(query, tf.transpose(keys[at])), scale);
    return tf.matMul(tf.softmax(masked(tf, scores, masks[at % masks.length])), values[at]);
  });
  return tf.stack(outputs);
};

function masked(tf: Tensorflow, scores: Tensor, mask: Tensor | null): Tensor {
  return mask === null ? scores : tf.add(scores, mask);
}

function heads(tf: Tensorflow, tensor: Tensor): readonly Tensor[] {
  const [batch, count, ...rest] = tensor.shape;
  return tf.unstack(tf.reshape(tensor, [batch * count, ...rest]));
}

/** Softmax attention of any pattern by TensorFlow.js, whose backend is set. */
export function attentionBy(
  tf: Tensorflow,
  { id, title, threads, why }: Backend,
  attend: Attend,
): ServedKernel {
  return {
    id,
    title,
    kinds: ["softmaxPattern"],
    freedoms: ["queries", "valueDim"],
    supports(asked) {
      if (asked.threads !== threads) return `its threads are ${threads}, got ${asked.threads}; ${why}`;
      return someKey(asked);
    },
    prepare: (call) => prepared(tf, call, attend),
  };
}

async function prepared(tf: Tensorflow, call: ServedCall, attend: Attend): Promise<ServedParts> {
  const { inputs, shapes, pattern, causal, output } = call;
  const scale = call.scale ?? 1;
  // Run through an operation at once, so that no backend is given the numbers only in the first call that is timed.
  const given = (values: Float32Array, shape: readonly number[]) =>
    tf.tidy(() => tf.clone(tf.tensor(values, shape)));
  const bias = pattern === "everything" && !causal ? null : await biasOf(call);
  const mask = bias === null ? null : given(bias.values, bias.shape);
  let held: readonly Tensor[] = [];
  let out: Tensor | null = null;
  const free = () => {
    for (const tensor of [...held, out]) tensor?.dispose();
    [held, out] = [[], null];
  };
  return {
    load() {
      free();
      held = ["q", "k", "v"].map((name) => given(inputs[name], shapes[name]));
    },
    run() {
      const [q, k, v] = held;
      out?.dispose();
      out = tf.tidy(() => attend(tf, { q, k, v, scale, mask }));
    },
    fetch: () => output.set(out?.dataSync() ?? []),
    dispose() {
      free();
      mask?.dispose();
    },
  };
}
