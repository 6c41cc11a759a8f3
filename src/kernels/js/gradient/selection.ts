import type { Problem } from "../../../core/problem.ts";
import { elementCount, FLOAT_BYTES } from "../../../core/shape.ts";
import {
  type Gradient,
  gradientArrays,
  isGradientOf,
  problemWithin,
} from "../../../mechanisms/gradient/declare.ts";
import { isSelection, NSA_GATES, type Selection } from "../../../mechanisms/selection/declare.ts";
import type { Ability } from "../../by-kind.ts";
import type { Runnable } from "../../kernel.ts";
import { whyNotCausal } from "../../selects-causal.ts";
import { Workspace } from "../../workspace.ts";
import type { Means } from "../means.ts";
import { selection } from "../selection.ts";
import { AttentionRows, pairBackFlops } from "./attention-rows.ts";
import { chosenKeys } from "./chosen-keys.ts";
import { NsaBack } from "./nsa-back.ts";
import { inPasses } from "./passes.ts";
import { type HeadAt, SumsByHead, weightsOf } from "./sums-by-head.ts";
import { UnitRows } from "./unit-rows.ts";

/**
 * The gradient of attention over chosen keys, through the choice of the forward pass, which is all that is saved: weights
 * are computed once more.
 */
export const selectionGradient: Ability<Gradient<Selection>, Means> = {
  is: isGradientOf(isSelection),
  whyNot: ({ mechanism: { of }, causal }) => whyNotCausal(of.rule, causal),
  prepare: (problem, { output }) => prepareSelectionGradient(problem, output),
};

function prepareSelectionGradient(problem: Problem<Gradient<Selection>>, output: Float32Array): Runnable {
  const within = problemWithin(problem);
  const { mechanism, shape } = within;
  const { rule, scale = 1 / Math.sqrt(shape.headDim) } = mechanism;
  const { batch, heads, length, headDim, valueDim } = shape;
  const { out, gradients } = gradientArrays(problem, output);
  const forward = selection.prepare(within, {
    output: out ?? new Float32Array(elementCount(shape, "output")),
  });
  // The same arrays after every call.
  const choice = forward.choice?.() ?? {};
  const workspace = new Workspace();
  const gates = Object.fromEntries(NSA_GATES.map((name) => [name, weightsOf(heads, 1, headDim)]));
  const sums = new SumsByHead(problem, rule.id === "nsa" ? gates : {}, gradients, workspace);
  const rows = new AttentionRows(length, workspace);
  const counted = { pairs: 0 };
  const keys = chosenKeys(within, choice, workspace);
  const nsa = rule.id === "nsa" ? new NsaBack(rule, shape, scale, { rows, keys, counted }, workspace) : null;
  const units = rule.id === "reformer" ? new UnitRows(shape, workspace) : null;
  const runHead = (at: HeadAt): void => {
    keys.open(at);
    if (nsa !== null) {
      nsa.run(sums, at);
      return;
    }
    const { values: along, at: alongAt } = sums.dout(at);
    const q = sums.factor("q", at);
    const attention = {
      queries: q,
      // Queries of length 1 are the keys.
      keys: units === null ? sums.factor("k", at) : units.open(q),
      weighed: [{ values: sums.factor("v", at), along, alongAt }],
      scale,
      bias: null,
      logSums: null,
    };
    for (let row = 0; row < length; row++) {
      const count = keys.list(row);
      counted.pairs += count;
      rows.listed(attention, row, keys.keys, count);
    }
    units?.close(q);
  };
  return inPasses(problem, output, {
    forward: () => forward,
    saved: Object.values(choice),
    backward: {
      run() {
        counted.pairs = 0;
        sums.run(runHead);
      },
      workspaceBytes: workspace.bytes,
      // Of the last call: how many keys are attended may follow from its numbers.
      get executedFlops() {
        return (
          counted.pairs * (pairBackFlops(headDim, valueDim) + (nsa === null ? 0 : 2 * (headDim + valueDim)))
        );
      },
      get bytes() {
        return (
          FLOAT_BYTES *
          (counted.pairs * (headDim + valueDim) + 2 * batch * heads * length * (headDim + valueDim))
        );
      },
    },
  });
}
