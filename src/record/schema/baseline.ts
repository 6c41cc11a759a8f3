import { formsAmong } from "../../core/form-names.ts";
import type { ParameterValues } from "../../core/parameters.ts";
import { operationOf } from "./case-task.ts";
import type { CaseIdentity } from "./result-lines.ts";

/** What others are measured against, unless a sweep's plan names another: softmax attention without approximation. */
export const BASELINE = "full";

/** A case, or a series of them. */
interface Compared {
  readonly variant: string;
  readonly params?: ParameterValues;
  /** As in `LimitColumns`. */
  readonly compared_with?: string | undefined;
  readonly rows?: readonly Omit<Compared, "variant" | "rows">[];
}

/** The variant that a case, or a series of them, is compared with. */
export function comparedWith(one: Pick<Compared, "compared_with" | "rows">): string {
  return one.compared_with ?? one.rows?.[0]?.compared_with ?? BASELINE;
}

/**
 * Whether a case, or a series of them, is the baseline. Another than full attention is so in whatever form its plan has it
 * measured.
 */
export function isBaseline(one: Compared): boolean {
  const name = comparedWith(one);
  return name === BASELINE ? isFullAttention(one) : one.variant === name;
}

/** Whether it is softmax attention over all pairs: in another form, such as with additive scores, `full` is not. */
export function isFullAttention(one: Pick<Compared, "variant" | "params" | "rows">): boolean {
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
  return operationOf(one).named(name, isFullAttention(one));
}
