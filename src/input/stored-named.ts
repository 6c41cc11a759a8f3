import { cutTensor } from "../core/cut-tensor.ts";
import { UsageError } from "../core/errors.ts";
import type { Shape } from "../core/shape.ts";
import { dimensionText, sizesBy, type TensorSpec } from "../core/tensor-spec.ts";
import { readTensor } from "./stored-tensor.ts";
import { floatTensor, type TensorSet } from "./tensor-set.ts";

/**
 * An input besides q, k and v under its own name, such as `linformer.e`: floats of the declared dimensions, of
 * which those that count tokens may be longer: the first are taken. Null if there is none of that name;
 * anything else is a UsageError that names it.
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
  if (fits) return cutTensor(readTensor(tensor), tensor.shape, sizes);
  const asked = sizes.map((size, at) => {
    const dimension = spec.dims[at];
    const named = typeof dimension === "number" ? `${size}` : `${dimensionText(dimension)} ${size}`;
    return countsTokens(spec, at) ? `${named} or more` : named;
  });
  throw new UsageError(
    `${tensor.label} must be [${asked.join(", ")}], got [${tensor.shape.join(", ")}]; save it so, or set the variant's parameters to what it was made with`,
  );
}

function countsTokens({ dims }: TensorSpec, at: number): boolean {
  return dims[at] === "length" || dims[at] === "queries";
}
