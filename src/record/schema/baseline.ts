import { formsAmong } from "../../core/form-names.ts";
import type { ParameterValues } from "../../core/parameters.ts";
import { operationOf } from "./case-task.ts";
import type { CaseIdentity } from "./result-lines.ts";

/** The variant that others are measured against: softmax attention without approximation. */
export const BASELINE = "full";

/**
 * Whether a case, or a series of them, is the baseline: in another form, such as with additive scores, full
 * attention is not softmax attention.
 */
export function isBaseline(one: {
  readonly variant: string;
  readonly params?: ParameterValues;
  readonly rows?: readonly { readonly params: ParameterValues }[];
}): boolean {
  const params = one.params ?? one.rows?.[0]?.params ?? {};
  return one.variant === BASELINE && formsAmong(params).length === 0;
}

/**
 * A variant's name with the mode if that is not stated: `full, cached` keeps keys and values of all tokens.
 */
export function variantInMode(
  name: string,
  one: Pick<CaseIdentity, "mode" | "variant"> & { readonly params?: ParameterValues },
): string {
  return operationOf(one).named(name, isBaseline(one));
}
