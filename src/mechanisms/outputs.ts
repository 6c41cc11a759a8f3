import { laidOut, OUT, type OutputTensor } from "../core/outputs.ts";
import type { Task } from "../core/problem.ts";
import { layoutOf } from "../core/shape.ts";
import type { Judged } from "./judged.ts";

/** The tensors that a call gives, in the order in which they lie in its output. */
export function outputsOf({ mechanism, kind, shape }: Judged & Pick<Task, "shape">): readonly OutputTensor[] {
  return kind.outputs?.(mechanism, shape) ?? laidOut([{ name: OUT, layout: layoutOf(shape, "output") }]);
}
