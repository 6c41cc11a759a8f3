import { cutTensor } from "../core/cut-tensor.ts";
import { UsageError } from "../core/errors.ts";
import type { Shape } from "../core/shape.ts";
import { dimensionText, sizesBy, type TensorSpec } from "../core/tensor-spec.ts";
import { readTensor } from "./stored-tensor.ts";
import { floatTensor, type TensorSet } from "./tensor-set.ts";

/**
 * An input besides q, k and v under its own name, such as `linformer.e`: floats of the declared dimensions, of
 * which those that count tokens may be longer: the first are taken. Null if there is none of that name;
 * anything else, and a number that is not in its domain, is a UsageError that names it.
 */
export function storedNamed(
  set: TensorSet,
  name: string,
  spec: TensorSpec,
  shape: Shape,
): Float32Array | null {
  if (!set.names.includes(name)) return null;
  const tensor = floatTensor(set, name);
  const sizes = sizesBy(shape, spec);
  const fits =
    tensor.shape.length === sizes.length &&
    tensor.shape.every((size, at) => size === sizes[at] || (countsTokens(spec, at) && size > sizes[at]));
  if (fits)
    return inDomain(cutTensor(readTensor(tensor), tensor.shape, sizes), tensor.label, spec, sizes, shape);
  const asked = sizes.map((size, at) => {
    const dimension = spec.dims[at];
    const text = typeof dimension === "number" ? "" : dimensionText(dimension);
    const named = text === "" ? `${size}` : text.includes(" ") ? `${text} = ${size}` : `${text} ${size}`;
    return countsTokens(spec, at) ? `${named} or more` : named;
  });
  const remedy =
    spec.of === "token"
      ? "save a row for each token of each head"
      : "save it so, or set the variant's parameters to what it was made with";
  throw new UsageError(
    `${tensor.label} must be [${asked.join(", ")}], got [${tensor.shape.join(", ")}]; ${remedy}`,
  );
}

function countsTokens({ dims }: TensorSpec, at: number): boolean {
  return dims[at] === "length" || dims[at] === "queries";
}

/** Refuses the first number that is none of those it must be, with its place. */
function inDomain(
  values: Float32Array,
  label: string,
  { dims, must }: TensorSpec,
  sizes: readonly number[],
  shape: Shape,
): Float32Array {
  if (must === undefined) return values;
  const width = sizes[sizes.length - 1];
  const isAsked = (index: number): boolean =>
    must.fromEnd === undefined || index % width === width - must.fromEnd;
  const at = values.findIndex((value, index) => isAsked(index) && !must.hold(value, shape));
  if (at < 0) return values;
  const steps = sizes.map((_, index) => sizes.slice(index + 1).reduce((product, size) => product * size, 1));
  const place = dims.map((dim, index) => {
    const name = typeof dim === "string" ? (PLACES[dim] ?? "channel") : "channel";
    return `${name} ${Math.floor(at / steps[index]) % sizes[index]}`;
  });
  throw new UsageError(
    `${label} must be ${must.rule}, got ${values[at]} at ${place.join(", ")}; correct it in the file`,
  );
}

/** What a place in a dimension is called. */
const PLACES: Readonly<Record<string, string>> = {
  batch: "batch",
  heads: "head",
  kvHeads: "head",
  length: "token",
  queries: "token",
};
