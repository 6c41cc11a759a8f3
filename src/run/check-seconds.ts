import { isGradient } from "../mechanisms/gradient/declare.ts";
import { isLayer } from "../mechanisms/layer/declare.ts";
import { inputShapeOf, operationOf } from "../record/schema/case-task.ts";
import type { PlannedCase } from "../record/schema/result-lines.ts";
import { referenceProducts } from "../verify/gradient-rows.ts";
import type { MeasuredProblems } from "./measured-problems.ts";

/**
 * Seconds that a long check takes for each product of `checkProducts`, roughly: most of them are the
 * reference's. A layer's are of tokens and weights, for the most part, and remembered: of those a check took 8 to 12 ns of
 * the processor for each, on a busy machine. Those of a gradient are mostly made for whole heads, at 1.5 ns each, in some six passes.
 */
const CHECK_PACE = { usual: 50e-9, layer: 10e-9, gradient: 10e-9 } as const;

/**
 * Products that the reference of one case takes, in one precision: of the checked rows with what each reads.
 */
function checkProducts(planned: PlannedCase, problems: MeasuredProblems): number {
  if (operationOf(planned).pass !== null) {
    const { task, places } = problems.askedOf(planned);
    return referenceProducts(task, places);
  }
  const { batch, heads, length, queries, headDim } = inputShapeOf(planned);
  const decodes = operationOf(planned).keepsState;
  // The last query of a causal call reads all keys, the first as many fewer as there are queries.
  const before = decodes || !planned.causal ? length : length - Math.min(queries, length) / 2;
  const usefulFlops = planned.useful_flops / (batch * heads * (decodes ? 1 : queries));
  const { kind } = problems.variant(planned).filled;
  const rows = problems.rowsOf(planned);
  return kind.oracleProducts({ rows, heads: batch * heads, length, headDim, before, usefulFlops });
}

/** Seconds that verifying a case is expected to take, beyond some calls of its kernel. */
export function checkSeconds(planned: PlannedCase, problems: MeasuredProblems): number {
  const { mechanism } = problems.variant(planned).filled;
  const pace = isGradient(mechanism) ? "gradient" : isLayer(mechanism) ? "layer" : "usual";
  return CHECK_PACE[pace] * checkProducts(planned, problems);
}
