import type { CallSettings } from "../core/call-settings.ts";
import type { Problem } from "../core/problem.ts";
import { scaleOf } from "../core/variant.ts";
import { bindHeads } from "../pattern/bind.ts";
import { fullUnder } from "../pattern/under-call.ts";
import { featureMapRow } from "./feature-map.ts";
import type { ReferenceRow, Rounding } from "./precision.ts";
import { softmaxRow } from "./softmax.ts";

/** Any row of a problem's output, computed when asked for, in the precision asked for. */
export type Reference = (batch: number, head: number, query: number, round: Rounding) => ReferenceRow;

/** The problem's own mathematics, evaluated densely: what a kernel's output is held to. */
export function reference({ inputs, mechanism, causal, ...task }: Problem): Reference {
  switch (mechanism.kind) {
    case "softmaxPattern": {
      const patterns = bindHeads(mechanism, { causal, ...task });
      const scale = scaleOf(mechanism, task.shape.headDim);
      return (batch, head, query, round) =>
        softmaxRow(inputs, patterns[head].attends, scale, batch, head, query, round);
    }
    case "featureMap":
      return (batch, head, query, round) =>
        featureMapRow(inputs, mechanism, causal, batch, head, query, round);
    default:
      return mechanism satisfies never;
  }
}

/** Full softmax attention on the same inputs, by a call of these settings: what fidelity is measured against. */
export function fullReference(problem: Problem, call: CallSettings = {}): Reference {
  return reference({ ...problem, mechanism: fullUnder(call) });
}
