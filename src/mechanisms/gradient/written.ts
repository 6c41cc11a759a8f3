import type { Task } from "../../core/problem.ts";
import { countOf, elementCount, FLOAT_BYTES, QKV } from "../../core/shape.ts";
import { layoutBy, type TensorSpecs } from "../../core/tensor-spec.ts";

/** Bytes of the gradients of q, k, v and of these inputs, which no backward pass leaves unwritten. */
export function writtenBytes({ shape }: Pick<Task, "shape">, specs: TensorSpecs = {}): number {
  const own = QKV.reduce((sum, name) => sum + elementCount(shape, name), 0);
  return FLOAT_BYTES * Object.values(specs).reduce((sum, spec) => sum + countOf(layoutBy(shape, spec)), own);
}
