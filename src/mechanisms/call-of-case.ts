import type { CallSettings } from "../core/call-settings.ts";
import type { CapturedCall } from "../core/tensors.ts";
import { layerOf, operationOf } from "../record/schema/case-task.ts";
import type { CaseIdentity } from "../record/schema/result-lines.ts";
import { edgesOfCase } from "./given-edges.ts";
import { gatesOfCase } from "./given-gates.ts";

/** What of a case says how it is called. */
type CalledCase = Pick<CaseIdentity, "mode" | "scale" | "mask" | "given_edges" | "given_gates"> &
  Parameters<typeof layerOf>[0];

/**
 * The arguments of a case's call besides q, k and v: what a results file does not hold of them, edges and gates, is in its
 * input, `stored`.
 */
export function callOfCase(one: CalledCase, stored: CapturedCall = {}): CallSettings {
  const edges = edgesOfCase(one, stored);
  const gates = gatesOfCase(one, stored);
  const layer = layerOf(one, stored.biases === true);
  const { scale, mask } = one;
  const { pass } = operationOf(one);
  return {
    scale,
    mask,
    ...(edges !== undefined && { edges }),
    ...(gates !== undefined && { gates }),
    ...(stored.biases === true && { biases: true }),
    ...(layer !== undefined && { layer }),
    ...(pass !== null && { pass }),
  };
}
