import { cutTensor } from "../core/cut-tensor.ts";
import { UsageError } from "../core/errors.ts";
import type { Shape } from "../core/shape.ts";
import { dimensionText, type Elsewhere, ownShape, sizesBy, type TensorSpec } from "../core/tensor-spec.ts";
import { readElements, readTensor, type StoredTensor } from "./stored-tensor.ts";
import { floatTensor, type TensorSet } from "./tensor-set.ts";

/**
 * The name of the tensor that holds an input besides q, k and v: its own, such as `linformer.e`, or the first of those that
 * other programs give it. Null if there is none.
 */
export function heldAs(set: TensorSet, name: string, spec: TensorSpec, shape: Shape): string | null {
  return placeOf(set, name, spec, shape)?.name ?? null;
}

/**
 * An input besides q, k and v under its own name, such as `linformer.e`, or the first of the names that other programs give it:
 * floats of the declared dimensions, of which those that count tokens may be longer: the first are taken. Null if there is
 * none of these names; anything else, and a number that is not in its domain, is a UsageError that names it.
 */
export function storedNamed(
  set: TensorSet,
  name: string,
  spec: TensorSpec,
  shape: Shape,
): Float32Array | null {
  const place = placeOf(set, name, spec, shape);
  if (place === null) return null;
  const tensor = floatTensor(set, place.name);
  const sizes = sizesBy(shape, spec);
  const values = place.saved === "alike" ? readAlike(tensor, spec, sizes) : readColumns(tensor, place, sizes);
  return inDomain(values, tensor.label, spec, sizes, ownShape(spec, shape));
}

function placeOf(set: TensorSet, name: string, spec: TensorSpec, shape: Shape): Elsewhere | null {
  if (set.names.includes(name)) return { name, saved: "alike" };
  return spec.elsewhere?.(shape).find((one) => set.names.includes(one.name)) ?? null;
}

/** A tensor of the declared dimensions. */
function readAlike(tensor: StoredTensor, spec: TensorSpec, sizes: readonly number[]): Float32Array {
  const fits =
    tensor.shape.length === sizes.length &&
    tensor.shape.every((size, at) => size === sizes[at] || (countsTokens(spec, at) && size > sizes[at]));
  if (fits) return cutTensor(readTensor(tensor), tensor.shape, sizes);
  const asked = sizes.map((size, at) => {
    const dimension = spec.dims[at];
    const text = typeof dimension === "number" ? "" : dimensionText(dimension);
    const named =
      text === "" || text === `${size}`
        ? `${size}`
        : text.includes(" ")
          ? `${text} = ${size}`
          : `${text} ${size}`;
    return countsTokens(spec, at) ? `${named} or more` : named;
  });
  const remedy =
    spec.of === "token"
      ? "save a row for each token of each head"
      : "save it so, or ask for the heads, widths and parameters that it was made with";
  throw unfit(tensor, asked, remedy);
}

/** A matrix `[rows, width]` of a tensor whose first dimension is that of our columns, or of more than those. */
function readColumns(tensor: StoredTensor, { saved, part }: Elsewhere, [rows, width]: readonly number[]) {
  const { from, of } = part ?? { from: 0, of: width };
  const asked = saved === "row" ? [of] : [of, rows];
  if (!(tensor.shape.length === asked.length && tensor.shape.every((size, at) => size === asked[at]))) {
    throw unfit(tensor, asked, "save it so, or give the layer's widths and heads as it was made with");
  }
  return transposed(readElements(tensor, from * rows, width * rows), width, rows);
}

function unfit({ label, shape }: StoredTensor, asked: ReadonlyArray<number | string>, remedy: string) {
  return new UsageError(`${label} must be [${asked.join(", ")}], got [${shape.join(", ")}]; ${remedy}`);
}

function transposed(matrix: Float32Array, rows: number, columns: number): Float32Array {
  const turned = new Float32Array(matrix.length);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++)
      turned[column * rows + row] = matrix[row * columns + column];
  }
  return turned;
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
