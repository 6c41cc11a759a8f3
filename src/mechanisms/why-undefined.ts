import { isReduced } from "../core/dtype.ts";
import { isSelfAttention, type Shape, whyNotShape } from "../core/shape.ts";
import { operationOf } from "../record/schema/case-task.ts";
import type { CaseIdentity } from "../record/schema/result-lines.ts";
import type { Judged } from "./judged.ts";
import type { Kind } from "./kind.ts";

/** The fields of a case that decide whether its mathematics is defined. */
type Asked = Pick<CaseIdentity, "causal" | "mode" | "scale" | "mask" | "dtype">;

/** Why a mechanism is not defined for a case over a shape, whatever the kernel; null if it is. */
export function whyUndefined(judged: Judged, asked: Asked, shape: Shape): string | null {
  const { mechanism, kind } = judged;
  const pattern = kind.pattern(mechanism);
  const whole = kind.words ?? kind.id;
  /** What a pattern's own rule is said of: one that reads all keys says nothing of what was asked for. */
  const named = pattern.role === "full" ? whole : pattern.text;
  /** What cannot be causal: the pattern of a mechanism, or all of it. */
  const it = pattern.neverCausal || pattern.neverDecoded ? named : whole;
  if (operationOf(asked).keepsState && !isDecoded(judged)) {
    const why = kind.step === undefined ? null : (kind.whyNotDecoded?.(mechanism) ?? null);
    return why === null
      ? `decoding is not defined for ${kind.step === undefined ? whole : it}; omit --mode decode`
      : `decoding is not defined for ${whole} ${why}`;
  }
  if (!allowsCausal(judged, asked.causal)) {
    return asked.causal ? `${it} cannot be causal; omit --causal` : `${it} is always causal; add --causal`;
  }
  if (!isSelfAttention(shape) && operationOf(asked).unit === "step") {
    return `tokens are decoded one after the other, as many queries as keys, got ${shape.queries} for ${shape.length}`;
  }
  if (isReduced(asked.dtype)) {
    if (operationOf(asked).unit === "step") return "decoding is in float32 alone; omit --dtype";
    if (kind.choices?.(mechanism, shape) !== undefined)
      return `what ${whole} chooses is judged in float32 alone; omit --dtype`;
  }
  const unfit = whyNotShape(shape, kind.freedoms);
  if (unfit !== null) return `${whole}: ${unfit}`;
  const odd = pattern.whyNot?.(shape.length) ?? null;
  if (odd !== null) return `${named} ${odd}`;
  return kind.whyNotShape?.(mechanism, shape) ?? kind.whyNotUnder(mechanism, asked);
}

/** Whether a mechanism can be decoded token by token. */
export function isDecoded(judged: Judged): boolean {
  const { mechanism, kind } = judged;
  if (kind.step === undefined || causalityOf(judged) === "never") return false;
  if ((kind.whyNotDecoded?.(mechanism) ?? null) !== null) return false;
  return kind.pattern(mechanism).neverDecoded !== true;
}

/** Whether a mechanism can be causal, and whether it can be non-causal: its kind says so, and its pattern. */
export function causalityOf({ mechanism, kind }: Judged): Kind["causality"] {
  if (kind.causality !== "either") return kind.causality;
  return kind.pattern(mechanism).neverCausal ? "never" : (kind.causalityOf?.(mechanism) ?? "either");
}

/** Whether a mechanism can be causal, or non-causal. */
export function allowsCausal(judged: Judged, causal: boolean): boolean {
  const causality = causalityOf(judged);
  return causality === "either" || (causality === "always") === causal;
}
