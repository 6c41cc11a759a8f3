import { operationOf } from "./case-task.ts";
import type { CaseIdentity } from "./result-lines.ts";

/** The variant that others are measured against: softmax attention without approximation. */
export const BASELINE = "full";

/**
 * A variant's name with the mode if that is not stated: `full, cached` keeps keys and values of all tokens.
 */
export function variantInMode(name: string, one: Pick<CaseIdentity, "mode" | "variant">): string {
  return operationOf(one).named(name, one.variant === BASELINE);
}
