import type { CallSettings } from "../core/call-settings.ts";
import type { CaseIdentity } from "../record/schema/result-lines.ts";
import { edgesOfCase } from "./given-edges.ts";
import { gatesOfCase } from "./given-gates.ts";

/**
 * The arguments of a case's call besides q, k and v: what a results file does not hold of them, edges and gates, is in its
 * input, `stored`.
 */
export function callOfCase(
  one: Pick<CaseIdentity, "scale" | "mask" | "given_edges" | "given_gates">,
  stored: CallSettings = {},
): CallSettings {
  const edges = edgesOfCase(one, stored);
  const gates = gatesOfCase(one, stored);
  const { scale, mask } = one;
  return { scale, mask, ...(edges !== undefined && { edges }), ...(gates !== undefined && { gates }) };
}
