import { remembered } from "../../../core/remembered.ts";
import type { RowPlace } from "../../../core/rows.ts";
import { layoutOf, offsetIn, type Shape } from "../../../core/shape.ts";
import { layoutBy, type TensorSpec } from "../../../core/tensor-spec.ts";
import type { Numbers } from "../../../core/tensors.ts";

/** One head of one batch entry. */
export type HeadPlace = Pick<RowPlace, "batch" | "head">;

/** Makes something of each head once. */
export function onceAHead<T>(make: (place: HeadPlace) => T): (place: HeadPlace) => T {
  const made = new Map<string, T>();
  return ({ batch, head }) => remembered(made, `${batch} ${head}`, () => make({ batch, head }));
}

/** The queries of a head, `[queries, headDim]`. */
export function queriesOf(q: Numbers, shape: Shape, { batch, head }: HeadPlace): Numbers {
  const layout = layoutOf(shape, "q");
  const at = offsetIn(layout, batch, head, 0);
  return q.subarray(at, at + layout.rows * layout.width);
}

/** What a head has of weights. */
export function weightsOfHead(
  values: Numbers,
  shape: Shape,
  spec: TensorSpec,
  { head }: Pick<HeadPlace, "head">,
): Numbers {
  const { rows, width } = layoutBy(shape, spec);
  return values.subarray(head * rows * width, (head + 1) * rows * width);
}

/** What a head has of an array of a choice, `size` numbers for each. */
export function ofHead(
  array: Int32Array,
  { heads }: Shape,
  { batch, head }: HeadPlace,
  size: number,
): Int32Array {
  const at = (batch * heads + head) * size;
  return array.subarray(at, at + size);
}
