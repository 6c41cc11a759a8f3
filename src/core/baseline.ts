import { modeOf } from "./case-task.ts";
import type { CaseIdentity } from "./result-lines.ts";

/** The variant that others are measured against: softmax attention without approximation. */
export const BASELINE = "full";

/** What a case must share with the baseline, beside its length, to be compared with it; equal texts mean the same. */
export function companyOf(one: Omit<CaseIdentity, "case"> & { readonly input: string }): string {
  return JSON.stringify([
    one.kernel,
    one.causal,
    one.batch,
    one.heads,
    one.head_dim,
    one.threads,
    one.input,
    modeOf(one),
  ]);
}
