import type { Mechanism } from "../../core/mechanism.ts";
import { type Shape, shapeOf } from "../../core/shape.ts";
import { sizesBy } from "../../core/tensor-spec.ts";
import { tensorNamed } from "../../core/tensors.ts";
import { builtInKinds } from "../../mechanisms/kinds.ts";
import { withNamed } from "../../mechanisms/named-inputs.ts";
import { isRecurrence } from "../../mechanisms/recurrence/declare.ts";
import type { Arrays } from "../arrays/arrays.ts";
import type { Tensor } from "../arrays/tensor.ts";
import { twinOf } from "../twins/index.ts";
import type { TwinInputs } from "../twins/twin.ts";
import { weightsOf } from "./learned-weights.ts";
import { rmsNorm } from "./norms.ts";

/** Where attention stands in a model, and over what. */
export interface HeadsSpec {
  readonly mechanism: Mechanism;
  readonly causal: boolean;
  readonly batch: number;
  readonly heads: number;
  /** Channels of a token, of all heads together. */
  readonly width: number;
  /** Tokens of k and v. */
  readonly length: number;
  /** Tokens of q. */
  readonly queries: number;
}

/** One call of attention within a model, whose numbers are not known yet. */
export interface HeadsCall {
  readonly mechanism: Mechanism;
  readonly causal: boolean;
  readonly shape: Shape;
  readonly inputs: TwinInputs;
  readonly output: Tensor;
}

/** The heads of one place in a model. */
export interface Heads {
  /** The gates of each token that it takes, by their names, and of how many channels of a head. */
  readonly gates: Readonly<Record<string, number>>;
  /** The names of what its mechanism itself learns. */
  readonly learned: readonly string[];
  /**
   * q `[batch, queries, width]`, k and v `[batch, length, width]`, gates `[batch, heads, length, channels]`, and what is learned
   * as the kind lays it out; gives `[batch, queries, width]`.
   */
  apply(
    q: Tensor,
    k: Tensor,
    v: Tensor,
    given: Readonly<Record<string, Tensor>>,
  ): { readonly out: Tensor; readonly call: HeadsCall };
}

/** A seed for what is drawn once and not learned, where a variant's parameter says none. */
const DRAWN_SEED = 0;

/**
 * Makes the heads of a place. What a recurrence reads is divided by nothing: each of its heads is brought to a mean square of
 * 1, as in RetNet (Sun et al. 2023, arXiv 2307.08621, sec. 2.2) and what followed.
 */
export function headsOf(arrays: Arrays, spec: HeadsSpec): Heads {
  const { mechanism, causal, batch, heads, width, length, queries } = spec;
  const shape = shapeOf({ batch, heads, length, queries, headDim: width / heads });
  const specs = builtInKinds.judged({ mechanism }).kind.inputs?.(mechanism) ?? {};
  const gates = Object.entries(specs)
    .filter(([, { of }]) => of === "token")
    .map(([name, { dims }]) => [name, dims.at(-1) === 1 ? 1 : shape.headDim] as const);
  const twin = twinOf(arrays, { mechanism, shape, causal });
  const weights = weightsOf(mechanism);
  const drawn = drawnWeights(mechanism, shape, weights.drawn);
  const split = (x: Tensor): Tensor =>
    x.reshape(batch, x.shape[1], heads, shape.headDim).permuted(0, 2, 1, 3);
  return {
    gates: Object.fromEntries(gates),
    learned: weights.learned.map(([name]) => name),
    apply(q, k, v, given) {
      const constants = drawn.map(({ name, numbers, sizes }) => [name, arrays.tensor(numbers, ...sizes)]);
      const named = { ...Object.fromEntries(constants), ...given };
      const inputs = { q: split(q), k: split(k), v: split(v), named };
      const output = twin(inputs);
      const normed = isRecurrence(mechanism) ? rmsNorm(output) : output;
      const out = normed.permuted(0, 2, 1, 3).reshape(batch, queries, width);
      return { out, call: { mechanism, causal, shape, inputs, output } };
    },
  };
}

/** What belongs to a layer and is drawn once, such as a Performer's features. */
function drawnWeights(
  mechanism: Mechanism,
  shape: Shape,
  drawn: ReturnType<typeof weightsOf>["drawn"],
): readonly { readonly name: string; readonly numbers: Float32Array; readonly sizes: readonly number[] }[] {
  if (drawn.length === 0) return [];
  const none = new Float32Array(0);
  const judged = { ...builtInKinds.judged({ mechanism }), shape };
  const inputs = withNamed(judged, { shape, q: none, k: none, v: none }, DRAWN_SEED);
  return drawn.map(([name, spec]) => ({
    name,
    numbers: tensorNamed(inputs, name),
    sizes: sizesBy(shape, spec),
  }));
}
