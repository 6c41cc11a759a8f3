import type { Problem } from "../core/problem.ts";
import { bindHeads } from "../pattern/bind.ts";
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
      return (batch, head, query, round) =>
        softmaxRow(inputs, patterns[head].attends, batch, head, query, round);
    }
    case "featureMap":
      return (batch, head, query, round) =>
        featureMapRow(inputs, mechanism, causal, batch, head, query, round);
    default:
      return mechanism satisfies never;
  }
}

/** Full softmax attention on the same inputs: what fidelity is measured against. */
export function fullReference({ inputs, causal }: Problem): Reference {
  const attends = causal ? (query: number, key: number) => key <= query : () => true;
  return (batch, head, query, round) => softmaxRow(inputs, attends, batch, head, query, round);
}
