/**
 * ONNX Runtime's attention in Node: a model of one operator for each case, made of the case's sizes. What is timed is
 * `session.run(feeds)`, as in a program of the user's own: it waits for a turn of Node's loop, wraps the inputs where they lie, and
 * copies the output into an array of its own. The operators have tokens before heads: that rearranging lies outside.
 */
import { serveKernels } from "../child/serve-kernels.ts";
import type { ServedCall, ServedCase, ServedKernel, ServedParts } from "../child/served-kernel.ts";
import { biasOf, someKey } from "./bias.ts";
import { installed } from "./installed.ts";
import { headsFirst, tokensFirst } from "./layout.ts";
import { type OnnxModel, type OnnxValue, onnxBytes } from "./onnx-model.ts";

/** What of onnxruntime-node is used here. */
interface Onnxruntime {
  readonly env: { readonly versions: { readonly node?: string } };
  readonly InferenceSession: {
    create(model: Uint8Array, options: Readonly<Record<string, unknown>>): Promise<Session>;
  };
  readonly Tensor: new (type: string, data: Float32Array | Int32Array, dims: readonly number[]) => OnnxTensor;
}

interface OnnxTensor {
  readonly data: Float32Array;
}

interface Session {
  run(feeds: Readonly<Record<string, OnnxTensor>>): Promise<Readonly<Record<string, OnnxTensor>>>;
  release(): Promise<void>;
}

const onnxruntime = installed("onnxruntime-node") as Onnxruntime;
const { node: version = "unknown" } = onnxruntime.env.versions;

/** An operator for a case, and what it is fed besides q, k and v. */
interface Operator {
  readonly name: string;
  readonly ints: Readonly<Record<string, number>>;
  /** From the fourth input on; null where one is left out. */
  readonly further: readonly (Fed | null)[];
  /** Outputs after the first that it must have. */
  readonly more: readonly OnnxValue[];
}

interface Fed extends OnnxValue {
  readonly values: Float32Array | Int32Array;
}

/** A session for the operator, its tensors, and the call. */
async function prepared(call: ServedCall, { name, ints, further, more }: Operator): Promise<ServedParts> {
  const { batch, heads, kv_heads: kvHeads, queries, length, head_dim: width, value_dim: columns } = call;
  const sizes = {
    q: { batch, heads, rows: queries, width },
    k: { batch, heads: kvHeads, rows: length, width },
    v: { batch, heads: kvHeads, rows: length, width: columns },
    out: { batch, heads, rows: queries, width: columns },
  };
  const shapeOf = (of: keyof typeof sizes): OnnxValue => {
    const one = sizes[of];
    return { name: of, type: "float32", shape: [batch, one.rows, one.heads * one.width] };
  };
  const qkv = (["q", "k", "v"] as const).map((of): Fed => {
    return { ...shapeOf(of), values: new Float32Array(call.inputs[of].length) };
  });
  const model: OnnxModel = {
    operator: name,
    ints,
    floats: { scale: call.scale ?? 1 },
    inputs: [...qkv, ...further],
    outputs: [shapeOf("out"), ...more],
  };
  const session = await onnxruntime.InferenceSession.create(onnxBytes(model), {
    executionProviders: ["cpu"],
    intraOpNumThreads: call.threads,
    interOpNumThreads: 1,
    // Threads that wait for the next call would take the processor from who is measured next.
    extra: { session: { force_spinning_stop: "1" } },
  });
  const feeds = Object.fromEntries(
    [...qkv, ...further]
      .filter((one) => one !== null)
      .map(({ name: of, type, values, shape }) => [of, new onnxruntime.Tensor(type, values, shape)]),
  );
  let outputs: Readonly<Record<string, OnnxTensor>> = {};
  return {
    load() {
      for (const { name: of, values } of qkv) {
        tokensFirst(call.inputs[of], values as Float32Array, sizes[of as "q" | "k" | "v"]);
      }
    },
    async run() {
      outputs = await session.run(feeds);
    },
    fetch: () => headsFirst(outputs.out.data, call.output, sizes.out),
    dispose: () => void session.release(),
  };
}

/** The operators take a scale of 0 for one that is not given. */
function scaled({ scale }: ServedCase): true | string {
  return scale !== 0 || "it takes a scale of 0 for 1/√head_dim";
}

function everyPair({ pattern, causal, queries, length }: ServedCase): true | string {
  if (pattern !== "everything")
    return `it takes every pair, causal or not, got ${pattern}; onnx-mha-mask takes any`;
  return (
    !causal || queries === length || `causal, it takes as many queries as keys, got ${queries} of ${length}`
  );
}

/** The keys to the left of a query that a pattern has, if it is those up to a distance; null if it is another. */
function leftOf({ pattern, length }: ServedCase): number | null {
  if (pattern === "everything") return length - 1;
  const [, left] = /^band\((\d+), \d+\)$/.exec(pattern ?? "") ?? [];
  return left === undefined ? null : Number(left);
}

function causalWindow(asked: ServedCase): true | string {
  const { pattern, causal, value_dim: columns, head_dim: width } = asked;
  if (!causal) return "it is causal; take --causal";
  if (leftOf(asked) === null)
    return `it takes every key up to the query, or those of a window, got ${pattern}`;
  if (columns !== width) return `v must be as wide as q and k, got ${columns} and ${width}`;
  return width % 8 === 0 || `head_dim must be a multiple of 8, got ${width}`;
}

const both =
  (...rules: readonly ((asked: ServedCase) => true | string)[]) =>
  (asked: ServedCase) =>
    rules.map((rule) => rule(asked)).find((answer) => answer !== true) ?? true;

const MHA = "MultiHeadAttention";

const kernels: readonly ServedKernel[] = [
  {
    id: "onnx-mha",
    title: "ONNX Runtime MultiHeadAttention",
    kinds: ["softmaxPattern"],
    freedoms: ["queries", "valueDim"],
    supports: both(everyPair, scaled),
    prepare: (call) =>
      prepared(call, {
        name: MHA,
        ints: { num_heads: call.heads, unidirectional: call.causal ? 1 : 0 },
        further: [],
        more: [],
      }),
  },
  {
    id: "onnx-mha-mask",
    title: "ONNX Runtime MultiHeadAttention with a mask of every pair, added to scores",
    kinds: ["softmaxPattern"],
    freedoms: ["queries", "valueDim"],
    supports: both(someKey, scaled),
    async prepare(call) {
      const { values, shape } = await biasOf(call);
      const bias: Fed = { name: "attention_bias", type: "float32", shape, values };
      const ints = { num_heads: call.heads };
      return await prepared(call, { name: MHA, ints, further: [null, null, bias], more: [] });
    },
  },
  {
    id: "onnx-gqa",
    title: "ONNX Runtime GroupQueryAttention",
    kinds: ["softmaxPattern"],
    freedoms: ["kvHeads"],
    supports: both(causalWindow, scaled),
    prepare(call) {
      const { batch, heads, kv_heads: kvHeads, length, head_dim: width } = call;
      const left = leftOf(call) ?? length - 1;
      const present: Omit<OnnxValue, "name"> = { type: "float32", shape: [batch, kvHeads, length, width] };
      const counted = (name: string, shape: readonly number[], values: Int32Array): Fed => {
        return { name, type: "int32", shape, values };
      };
      return prepared(call, {
        name: "GroupQueryAttention",
        ints: {
          num_heads: heads,
          kv_num_heads: kvHeads,
          // Its window counts the query itself.
          ...(left < length - 1 && { local_window_size: left + 1 }),
        },
        further: [
          null,
          null,
          counted("seqlens_k", [batch], new Int32Array(batch).fill(length - 1)),
          counted("total_sequence_length", [], Int32Array.of(length)),
        ],
        more: [
          { name: "present_key", ...present },
          { name: "present_value", ...present },
        ],
      });
    },
  },
];

await serveKernels(kernels, {
  name: "ONNX Runtime",
  details: { onnxruntime: version, provider: "cpu", "threads by": "intraOpNumThreads", timed: "session.run" },
});
