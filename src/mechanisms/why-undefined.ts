import { isSelfAttention, type Shape, whyNotShape } from "../core/shape.ts";
import { operationOf } from "../record/schema/case-task.ts";
import type { CaseIdentity } from "../record/schema/result-lines.ts";
import type { Judged } from "./judged.ts";

/** The fields of a case that decide whether its mathematics is defined. */
type Asked = Pick<CaseIdentity, "causal" | "mode" | "scale" | "mask">;

/** Why a mechanism is not defined for a case over a shape, whatever the kernel; null if it is. */
export function whyUndefined({ mechanism, kind }: Judged, asked: Asked, shape: Shape): string | null {
  if (operationOf(asked).keepsState && kind.step === undefined) {
    return `decoding is not defined for ${kind.id}; omit --mode decode`;
  }
  if (!allowsCausal(kind, asked.causal)) {
    return asked.causal
      ? `${kind.id} cannot be causal; omit --causal`
      : `${kind.id} is always causal; add --causal`;
  }
  if (!isSelfAttention(shape) && operationOf(asked).unit === "step") {
    return `tokens are decoded one after the other, as many queries as keys, got ${shape.queries} for ${shape.length}`;
  }
  const unfit = whyNotShape(shape, kind.freedoms);
  if (unfit !== null) return `${kind.id}: ${unfit}`;
  return kind.whyNotShape?.(mechanism, shape) ?? kind.whyNotUnder(mechanism, asked);
}

/** Whether a kind can be causal, or non-causal. */
export function allowsCausal({ causality }: Judged["kind"], causal: boolean): boolean {
  return causality === "either" || (causality === "always") === causal;
}
