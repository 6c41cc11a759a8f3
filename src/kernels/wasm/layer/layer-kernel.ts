import type { Problem } from "../../../core/problem.ts";
import { countOf, FLOAT_BYTES } from "../../../core/shape.ts";
import type { AttentionInputs } from "../../../core/tensors.ts";
import { type Layer, shapeOfHeads } from "../../../mechanisms/layer/declare.ts";
import type { Abilities } from "../../by-kind.ts";
import type { Runnable } from "../../kernel.ts";
import { Call, ScratchPlan } from "../call.ts";
import { planWeights } from "../call-weights.ts";
import { ITEM_WORDS } from "../layout.ts";
import type { Means } from "../means.ts";
import { phaseRunner } from "../run-phases.ts";
import { sharedItems } from "../shared-items.ts";
import { planLayer } from "./plan-layer.ts";
import { type LayerStep, type Side, startOf } from "./step.ts";

/**
 * A layer: products make q, k and v of its heads in the memory of the call, the family computes those as it would any call, and a last
 * product makes the output of what they left. Weights are packed on each call, since they may change.
 */
export function prepareLayer(problem: Problem<Layer>, abilities: Abilities<Means>, means: Means): Runnable {
  const { mechanism, shape, inputs, threads } = problem;
  const { build, output, pool } = means;
  const plan = new ScratchPlan();
  const { heads, zeros, before, after, names, lane } = planLayer(problem, build, plan);
  const steps = [...before, ...after];
  const itemsAt = plan.words(unitsOf(steps) * ITEM_WORDS);
  const plannedWeights = planWeights(inputs, output, names, plan);
  const lanes = Array.from({ length: threads }, lane);
  const call = new Call(plan, inputs, output, lanes);
  const weights = plannedWeights(call);
  const view = ({ home, layout }: Side): Float32Array =>
    call.arena.floats(startOf(home, call), countOf(layout));
  for (const side of zeros) view(side).fill(0);
  for (const step of steps) call.copy(step.at, Uint32Array.from(step.words(call, weights)));
  const items = sharedItems(steps.flatMap((step) => itemsOf(step, call.place(step.at))));
  call.copy(itemsAt, items.words);
  const phases = call.phases(itemsAt, items.phaseEnds);
  const first = before.reduce((sum, step) => sum + step.phases.length, 0);
  const phasesBefore = phases.slice(0, first);
  const phasesAfter = phases.slice(first);

  const given: AttentionInputs = {
    ...inputs,
    shape: shapeOfHeads(mechanism, shape),
    q: view(heads.q),
    k: view(heads.k),
    v: view(heads.v),
  };
  const left = view(heads.output);
  const task = { ...problem, mechanism: mechanism.inner, shape: given.shape, inputs: given };
  const inner = abilities.prepare(task, { build, output: left, pool });
  if (inner.inputs !== undefined || inner.output() !== left)
    throw new TypeError("layer: its heads must be computed in the memory of the call");

  const runner = phaseRunner(call, build, "runLayerItems", pool);
  const flops = steps.reduce((sum, step) => sum + step.flops, 0);
  const floats = steps.reduce((sum, step) => sum + step.floats, 0);
  let projected = 0;
  return {
    run() {
      const start = performance.now();
      weights.refresh();
      runner.run(phasesBefore);
      const made = performance.now();
      inner.run();
      const computed = performance.now();
      runner.run(phasesAfter);
      projected += made - start + (performance.now() - computed);
    },
    ...call.copied,
    output: () => call.output,
    ...(inner.choice !== undefined && { choice: () => inner.choice?.() ?? {} }),
    ...(inner.selectSeconds !== undefined && { selectSeconds: () => inner.selectSeconds?.() ?? 0 }),
    projectSeconds: () => projected / 1000,
    workspaceBytes: inner.workspaceBytes === null ? null : call.workspaceBytes + inner.workspaceBytes,
    get executedFlops() {
      return inner.executedFlops === null ? null : flops + inner.executedFlops;
    },
    get bytes() {
      return inner.bytes === null ? null : FLOAT_BYTES * floats + inner.bytes;
    },
    ...(inner.whyFewer !== undefined && { whyFewer: inner.whyFewer }),
    dispose() {
      inner.dispose();
      runner.dispose();
    },
  };
}

function unitsOf(steps: readonly LayerStep[]): number {
  return steps.reduce((sum, { phases }) => sum + phases.reduce((all, { units }) => all + units, 0), 0);
}

/** The items of each phase of a step, whose words are at this address. */
function itemsOf({ phases }: LayerStep, address: number): number[][][] {
  return phases.map(({ kind, units }) => Array.from({ length: units }, (_, unit) => [kind, address, unit]));
}
