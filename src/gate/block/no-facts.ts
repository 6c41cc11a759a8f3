import type { CellFacts } from "../../record/schema/block-lines.ts";

/** What is known about a side's cell that could not be measured. */
export const NO_FACTS = {
  call_s: null,
  prepare_s: null,
  pairs: null,
  useful_flops: null,
  executed_flops: null,
  bytes: null,
  workspace_bytes: null,
  gate_error: null,
  gate_budget: null,
} as const satisfies Partial<CellFacts>;
