import type { ParameterValues } from "./parameters.ts";

/** What can be done otherwise to the pairs of a pattern, in the order in which it acts on a pair. */
export const FORM_NAMES = ["turn", "score", "bias", "normaliser"] as const;

export type FormName = (typeof FORM_NAMES)[number];

/**
 * The forms among a case's parameters, as they were set: `bias=alibi`. A number of that name is a parameter of
 * the variant's own.
 */
export function formsAmong(params: ParameterValues): readonly string[] {
  return FORM_NAMES.flatMap((name) => (isForm(name, params[name]) ? [`${name}=${params[name]}`] : []));
}

/** Whether a parameter of this name and value is a form. */
export function isForm(name: string, value: unknown): boolean {
  return typeof value === "string" && FORM_NAMES.some((one) => one === name);
}
