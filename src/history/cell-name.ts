import { PLAN_DEFAULTS } from "../core/defaults.ts";
import { caseName } from "../record/schema/identity.ts";
import type { CaseIdentity } from "../record/schema/result-lines.ts";

/** What a run says of the numbers that all its cases read. */
export interface CellInput {
  /** As given with `--input`. */
  readonly input: string;
  /** As given with `--tensors`. */
  readonly tensors?: string | undefined;
}

/**
 * The name of a cell, by which `history` knows it again: that of its case, and the input if it is not the usual one. The
 * seed is no part of it: where it makes another pattern it is a parameter, and elsewhere only the numbers are others.
 */
export function cellName(identity: Omit<CaseIdentity, "case">, { input, tensors }: CellInput): string {
  return [
    caseName(identity),
    ...(input === PLAN_DEFAULTS.input ? [] : [`input=${input}`]),
    ...(tensors === undefined ? [] : [`tensors=${tensors}`]),
  ].join("/");
}
