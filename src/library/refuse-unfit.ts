import { printable, UsageError } from "../core/errors.ts";
import { isSelfAttention, type Shape, withLength } from "../core/shape.ts";
import type { InputSource } from "../core/tensors.ts";
import { inputShapeOf } from "../record/schema/case-task.ts";
import type { Plan } from "../record/schema/result-lines.ts";
import { longestOf } from "./shape-options.ts";

/** Refuses a plan with nothing that could be measured. */
export function refuseUnsupported({ cases }: Plan): void {
  if (!cases.every(({ unsupported }) => unsupported !== null)) return;
  const [reason] = cases.map(({ unsupported }) => printable(unsupported ?? ""));
  throw new UsageError(`run: a case must be supported by its kernel, got none; ${reason}`);
}

/** Refuses a plan whose input cannot supply what it asks for. */
export function refuseUnfit({ cases }: Plan, source: InputSource): void {
  const shapes = new Map<string, Shape>();
  for (const one of cases) {
    const shape = inputShapeOf(one);
    const { length } = shape;
    const longest = longestOf(source, shape.batch);
    if (!(length <= longest)) {
      throw new UsageError(`plan: a length must be at most the input's ${longest} tokens, got ${length}`);
    }
    // Queries that are other tokens all remain, and are the last of as many keys at least.
    const { queries } = shape;
    const short = withLength(shape, isSelfAttention(shape) ? 1 : Math.min(length, queries));
    shapes.set(JSON.stringify(short), short);
  }
  for (const shape of shapes.values()) source.inputs(shape);
}
