import type { CallSettings } from "../core/call-settings.ts";
import type { Mechanism, SoftmaxPattern } from "../core/variant.ts";
import { everything } from "./band.ts";
import { within } from "./within.ts";

/**
 * The mechanism of a variant under what a call is given beside q, k and v. A feature map has neither scores to scale nor a
 * place for a mask: it stays as it is, and `whyNotUnder` says so where that matters.
 */
export function underCall(mechanism: Mechanism, { scale, mask }: CallSettings): Mechanism {
  if (mechanism.kind !== "softmaxPattern") return mechanism;
  return {
    ...mechanism,
    ...(scale !== undefined && { scale }),
    ...(mask !== undefined && { pattern: within(mechanism.pattern, mask) }),
  };
}

/** Why a mechanism cannot be computed under a call; null where it can. */
export function whyNotUnder({ kind }: Mechanism, { mask }: CallSettings): string | null {
  if (kind === "softmaxPattern" || mask === undefined) return null;
  return "linear attention sums up all keys at once and takes no mask but causal; leave the mask out of the input";
}

/** Full softmax attention under a call: what fidelity is measured against. */
export function fullUnder({ scale, mask }: CallSettings): SoftmaxPattern {
  const pattern = mask === undefined ? everything() : within(everything(), mask);
  return { kind: "softmaxPattern", pattern, ...(scale !== undefined && { scale }) };
}
