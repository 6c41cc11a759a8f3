import type { Problem } from "../../../core/problem.ts";
import type { TensorSpecs } from "../../../core/tensor-spec.ts";
import type { Step } from "../../../mechanisms/summary/declare.ts";
import type { Runnable } from "../../kernel.ts";
import { Call, ScratchPlan } from "../call.ts";
import { planWeights } from "../call-weights.ts";
import type { Means } from "../means.ts";
import { phaseRunner } from "../run-phases.ts";
import { bytesOf, planMachine } from "./machine.ts";
import type { MachineStep } from "./machine-step.ts";
import { Matrices } from "./matrices.ts";
import { planSteps } from "./plan-steps.ts";

/**
 * Carries out a chain of matrix steps for every head. `inputs` are what the steps read besides q, k and v, which the
 * problem's inputs hold under the same names.
 */
export function prepareChain(
  problem: Problem,
  chain: readonly Step[],
  inputs: TensorSpecs,
  means: Means,
): Runnable {
  const { shape, threads } = problem;
  const { build, output, pool } = means;
  const plan = new ScratchPlan();
  const matrices = new Matrices(shape, inputs, plan);
  const steps: MachineStep[] = [];
  const constants = planSteps({ plan, matrices, panelKeys: build.panelKeys, steps }, chain);
  const weightsNamed = matrices.all.flatMap(({ home }) => ("weights" in home ? [home.weights] : []));
  const plannedWeights = planWeights(problem.inputs, output, weightsNamed, plan);
  const planned = planMachine(plan, matrices, [steps], { threads, heads: shape.heads });
  const call = new Call(plan, problem.inputs, output, planned.lanes);
  const weights = plannedWeights(call);
  const machine = planned.write(call, constants);
  const [phases] = machine.phases;
  const runner = phaseRunner(call, build, "runMatrixItems", pool);
  const heads = shape.batch * shape.heads;
  return {
    run() {
      weights.refresh();
      for (let entry = 0; entry < shape.batch; entry++) {
        for (let head = 0; head < shape.heads; head++) {
          machine.pointAt(entry, head, weights.at);
          runner.run(phases);
        }
      }
    },
    ...call.copied,
    output: () => call.output,
    workspaceBytes: call.workspaceBytes,
    executedFlops: heads * steps.reduce((sum, { flops }) => sum + flops, 0),
    bytes: heads * steps.reduce((sum, step) => sum + bytesOf(step), 0),
    dispose: () => runner.dispose(),
  };
}
