import type { CallSettings } from "../../core/call-settings.ts";
import { everything } from "../../pattern/band.ts";
import { within } from "../../pattern/within.ts";
import type { SoftmaxPattern } from "./declare.ts";

/** Softmax attention over a pattern, with the call's arguments besides q, k and v. */
export function underCall(mechanism: SoftmaxPattern, { scale, mask, edges }: CallSettings): SoftmaxPattern {
  const own = mechanism.pattern;
  const pattern = edges === undefined ? own : (own.withEdges?.(edges) ?? own);
  return {
    ...mechanism,
    ...(scale !== undefined && { scale }),
    pattern: mask === undefined ? pattern : within(pattern, mask),
  };
}

/** Full softmax attention with the arguments of a call. */
export function fullUnder(call: CallSettings): SoftmaxPattern {
  return underCall({ kind: "softmaxPattern", pattern: everything() }, call);
}
