import { operationOf } from "../record/schema/case-task.ts";
import type { CaseIdentity } from "../record/schema/result-lines.ts";
import type { Judged } from "./judged.ts";

/** What of a case decides whether its mathematics is defined. */
type Asked = Pick<CaseIdentity, "causal" | "mode" | "scale" | "mask">;

/** Why a mechanism is not defined for what is asked, whatever the kernel; null where it is. */
export function whyUndefined({ mechanism, kind }: Judged, asked: Asked): string | null {
  if (operationOf(asked).keepsState && kind.step === undefined) {
    return `decoding is not defined for ${kind.id}; leave out --mode decode`;
  }
  if (!allowsCausal(kind, asked.causal)) {
    return asked.causal
      ? `${kind.id} cannot be causal; leave out --causal`
      : `${kind.id} is always causal; add --causal`;
  }
  return kind.whyNotUnder(mechanism, asked);
}

/** Whether a kind can be causal, or can be what is not. */
export function allowsCausal({ causality }: Judged["kind"], causal: boolean): boolean {
  return causality === "either" || (causality === "always") === causal;
}
