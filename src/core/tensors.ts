import type { CallSettings } from "./call-settings.ts";
import { QKV, type Shape } from "./shape.ts";
import type { TensorSpec } from "./tensor-spec.ts";

/**
 * The inputs of one attention call: float32, row-major; q `[batch, heads, queries, headDim]`, k `[batch,
 * kvHeads, length, headDim]`, v `[batch, kvHeads, length, valueDim]`.
 */
export interface AttentionInputs<Values extends Numbers = Float32Array> {
  readonly shape: Shape;
  readonly q: Values;
  readonly k: Values;
  readonly v: Values;
}

/** What an oracle reads: float32 as calls are given it, or float64 that another oracle has made within a layer. */
export type Numbers = Float32Array | Float64Array;

/** The inputs of a call to a kind that has more of them, such as `"gate"`: each under its own name. */
export type NamedInputs<
  Name extends string,
  Values extends Numbers = Float32Array,
> = AttentionInputs<Values> & Readonly<Record<Name, Float32Array>>;

/** The names of the tensors in inputs, q, k and v first. */
export function namesIn(inputs: AttentionInputs<Numbers>): readonly string[] {
  const others = Object.keys(inputs).filter((name) => name !== "shape" && !QKV.some((one) => one === name));
  return [...QKV, ...others];
}

/** A tensor of inputs by its name. Throws a TypeError if there is none. */
export function tensorNamed(inputs: AttentionInputs<Numbers>, name: string): Float32Array {
  const found: unknown = Object.hasOwn(inputs, name) ? Reflect.get(inputs, name) : undefined;
  if (found instanceof Float32Array) return found;
  throw new TypeError(`inputs: ${name} must be a Float32Array, got ${typeof found}`);
}

/** The arguments of the call that an input was captured from, as far as known. */
export interface CapturedCall extends CallSettings {
  readonly causal?: boolean | undefined;
}

/**
 * Where inputs come from. `inputs` of a shorter length is a prefix of `inputs` of a longer one, except for
 * queries that are other tokens than the keys: those stand at the end of either.
 */
export interface InputSource {
  /** Written into the results, such as `gaussian` or `file:layer3.safetensors`. */
  readonly name: string;
  /** Fixed dimensions of a captured input; synthetic sources have none and take those asked for. */
  readonly fixed?: FixedShape;
  /** Whether its numbers come from a file, which may be different tomorrow. */
  readonly stored: boolean;
  /** The files that its numbers may be read from; omitted if there are none. */
  readonly files?: readonly string[];
  /** The call that it was captured from; omitted if there was none, or if nothing is known about it. */
  readonly call?: CapturedCall;
  /** The longest sequence the source can give. */
  readonly maxLength: number;
  /** Columns and rows of tokens that lie in raster order, such as the pixels of an image; omitted if they do not. */
  readonly grid?: ImageGrid;
  /**
   * One line: what was read, and what calls of a shape make of it, in a layer heads of the shape `ofHeads`. Omitted if the
   * name says all.
   */
  readonly told?: (shape: Shape, ofHeads?: Shape) => string;
  inputs(shape: Shape): AttentionInputs;
  /**
   * An input besides q, k and v that it holds under this name or another that it has, over a shape; null if it holds none. Refuses one
   * that does not fit. Omitted if there are never any.
   */
  named?(name: string, spec: TensorSpec, shape: Shape): Float32Array | null;
  /** The name of the tensor that such an input is read from; null if there is none. Omitted if there are never any. */
  heldAs?(name: string, spec: TensorSpec, shape: Shape): string | null;
  /** The names of its tensors that may be such inputs; omitted if there are none. */
  readonly namesBeside?: readonly string[];
}

/** Tokens that lie in raster order. */
export interface ImageGrid {
  readonly width: number;
  readonly height: number;
}

/**
 * The dimensions of a captured input, all but the length; `queries` if they are other tokens than the keys.
 */
export interface FixedShape extends Omit<Shape, "length" | "queries"> {
  readonly queries?: number;
}
