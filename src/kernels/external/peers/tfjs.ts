import type { ServedCall, ServedKernel, ServedParts } from "../child/served-kernel.ts";
import { biasOf, someKey } from "./bias.ts";

/** What of TensorFlow.js is used here. */
export interface Tensorflow {
  readonly version: { readonly "tfjs-core"?: string };
  setBackend(name: string): Promise<boolean>;
  tensor(values: Float32Array, shape: readonly number[]): Tensor;
  tidy<T extends Tensor>(compute: () => T): T;
  clone(tensor: Tensor): Tensor;
  matMul(a: Tensor, b: Tensor, transposeA?: boolean, transposeB?: boolean): Tensor;
  mul(a: Tensor, b: number): Tensor;
  add(a: Tensor, b: Tensor): Tensor;
  softmax(scores: Tensor): Tensor;
}

interface Tensor {
  dataSync(): Float32Array;
  dispose(): void;
}

/** What sets one backend apart. */
export interface Backend {
  readonly id: string;
  readonly title: string;
  /** How many threads it computes in, whatever the case has. */
  readonly threads: number;
  /** Why, or what to do about it. */
  readonly why: string;
}

/** Softmax attention of any pattern by TensorFlow.js, whose backend is set: `softmax(scale · q kᵀ + mask) v` over all heads. */
export function attentionBy(tf: Tensorflow, { id, title, threads, why }: Backend): ServedKernel {
  return {
    id,
    title,
    kinds: ["softmaxPattern"],
    freedoms: ["queries", "valueDim"],
    supports(asked) {
      if (asked.threads !== threads) return `its threads are ${threads}, got ${asked.threads}; ${why}`;
      return someKey(asked);
    },
    prepare: (call) => prepared(tf, call),
  };
}

async function prepared(tf: Tensorflow, call: ServedCall): Promise<ServedParts> {
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
      out = tf.tidy(() => {
        const scores = tf.mul(tf.matMul(q, k, false, true), scale);
        const seen = mask === null ? scores : tf.add(scores, mask);
        return tf.matMul(tf.softmax(seen), v);
      });
    },
    fetch: () => output.set(out?.dataSync() ?? []),
    dispose() {
      free();
      mask?.dispose();
    },
  };
}
