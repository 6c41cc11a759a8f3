import type { Problem } from "../../../core/problem.ts";
import { FLOAT_BYTES } from "../../../core/shape.ts";
import type { AttentionInputs } from "../../../core/tensors.ts";
import { type Layer, shapeOfHeads } from "../../../mechanisms/layer/declare.ts";
import type { Abilities } from "../../by-kind.ts";
import type { Runnable } from "../../kernel.ts";
import type { Means } from "../means.ts";
import { planLayer } from "./plan-layer.ts";
import type { LayerStep } from "./steps.ts";

/**
 * A layer: products make q, k and v of its heads in memory of its own, the family computes those as it would any call, and a last
 * product makes the output of what they left.
 */
export function prepareLayer(problem: Problem<Layer>, abilities: Abilities<Means>, means: Means): Runnable {
  const { mechanism, shape, inputs } = problem;
  const { heads, before, after, bytes } = planLayer(problem, means);
  const given: AttentionInputs = {
    ...inputs,
    shape: shapeOfHeads(mechanism, shape),
    q: heads.q.array,
    k: heads.k.array,
    v: heads.v.array,
  };
  const left = heads.output.array;
  const task = { ...problem, mechanism: mechanism.inner, shape: given.shape, inputs: given };
  const inner = abilities.prepare(task, { ...means, output: left });
  if (inner.inputs !== undefined || inner.output() !== left) {
    throw new TypeError("layer: its heads must be computed in the memory of the layer");
  }
  const steps = [...before, ...after];
  const sumOf = (number: (step: LayerStep) => number): number =>
    steps.reduce((sum, step) => sum + number(step), 0);
  const flops = sumOf((step) => step.flops);
  const floats = sumOf((step) => step.floats);
  const ownBytes =
    bytes + sumOf((step) => step.bytes + step.queues.reduce((sum, queue) => sum + queue.bytes, 0));
  let projected = 0;
  return {
    run() {
      const start = performance.now();
      runAll(before);
      const made = performance.now();
      inner.run();
      const computed = performance.now();
      runAll(after);
      projected += made - start + (performance.now() - computed);
    },
    output: () => means.output,
    ...(inner.choice !== undefined && { choice: () => inner.choice?.() ?? {} }),
    ...(inner.selectSeconds !== undefined && { selectSeconds: () => inner.selectSeconds?.() ?? 0 }),
    projectSeconds: () => projected / 1000,
    workspaceBytes: inner.workspaceBytes === null ? null : ownBytes + inner.workspaceBytes,
    get executedFlops() {
      return inner.executedFlops === null ? null : flops + inner.executedFlops;
    },
    get bytes() {
      return inner.bytes === null ? null : FLOAT_BYTES * floats + inner.bytes;
    },
    ...(inner.whyFewer !== undefined && { whyFewer: inner.whyFewer }),
    dispose() {
      inner.dispose();
      for (const queue of steps.flatMap(({ queues }) => queues)) queue.close();
    },
  };
}

function runAll(steps: readonly LayerStep[]): void {
  for (const { queues } of steps) for (const queue of queues) queue.run();
}
