import type { Mechanism } from "../core/mechanism.ts";
import { isRecurrence } from "../mechanisms/recurrence/declare.ts";
import { underCall } from "../mechanisms/recurrence/under-call.ts";

/**
 * A mechanism as a model calls it: what a recurrence would make of its keys by weights that nobody trains, the model makes of
 * what its layer reads, and gives. Others are as they are declared.
 */
export function asCalled(mechanism: Mechanism): Mechanism {
  if (!isRecurrence(mechanism)) return mechanism;
  const { decay } = mechanism;
  const g = "per" in decay ? decay.per : "token";
  return underCall(mechanism, { gates: { g, beta: "token", dt: "token" } });
}
