import type { Mechanism } from "../core/mechanism.ts";
import type { ParameterizedVariant } from "../core/variant.ts";
import type { Kinds } from "../mechanisms/kinds.ts";
import { isRecurrence } from "../mechanisms/recurrence/declare.ts";

/**
 * A variant as a model calls it: the gates that a recurrence would make of its keys, by weights that nobody trains, are given by
 * the model, which makes them of what its layer reads. Others are as they are declared.
 */
export function withinModel({ mechanism }: Pick<ParameterizedVariant, "mechanism">, kinds: Kinds): Mechanism {
  if (!isRecurrence(mechanism)) return mechanism;
  const { decay } = mechanism;
  const gates = { g: "per" in decay ? decay.per : "token", beta: "token", dt: "token" } as const;
  return kinds.under({ mechanism }, { gates }).mechanism;
}
