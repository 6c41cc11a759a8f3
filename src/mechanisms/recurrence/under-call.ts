import type { CallSettings, GateName } from "../../core/call-settings.ts";
import type { Decay, Recurrence, Write } from "./declare.ts";

/**
 * The gates that a recurrence can be given: a decay that is made of k by itself, a β of each token, and a time step, of
 * which both follow where it has one.
 */
export function gatesTaken({ decay, write }: Recurrence): readonly GateName[] {
  if (write.form === "step" || write.form === "given-step") return ["dt"];
  const decays = "stream" in decay || decay.form === "given";
  const writes = write.form === "given" || (write.form === "logistic" && write.per === "token");
  return [...(decays ? (["g"] as const) : []), ...(writes ? (["beta"] as const) : [])];
}

/** A recurrence with the scale and the gates of a call. */
export function underCall(mechanism: Recurrence, { scale, gates = {} }: CallSettings): Recurrence {
  const taken = gatesTaken(mechanism);
  const decay: Decay =
    gates.g !== undefined && taken.includes("g") ? { form: "given", per: gates.g } : mechanism.decay;
  const write: Write =
    gates.beta !== undefined && taken.includes("beta")
      ? { form: "given" }
      : gates.dt !== undefined && taken.includes("dt")
        ? { form: "given-step" }
        : mechanism.write;
  return { ...mechanism, decay, write, ...(scale !== undefined && { scale }) };
}
