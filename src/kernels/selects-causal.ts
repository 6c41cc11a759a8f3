import type { Rule } from "../mechanisms/selection/declare.ts";

/** Why a rule does not choose for such a call: some know only queries that see no later key. Null if it does. */
export function whyNotCausal({ id }: Rule, causal: boolean): string | null {
  return (id === "quest" || id === "nsa") && !causal ? `${id} is always causal; add --causal` : null;
}
