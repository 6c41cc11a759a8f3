import type { Problem } from "../../../core/problem.ts";
import { FLOAT_BYTES } from "../../../core/shape.ts";
import type { TensorSpecs } from "../../../core/tensor-spec.ts";
import type { Step } from "../../../mechanisms/summary/declare.ts";
import type { Runnable } from "../../kernel.ts";
import { Call, ScratchPlan } from "../call.ts";
import { planWeights } from "../call-weights.ts";
import { ITEM_WORDS, MATRIX, STEP_WORDS } from "../layout.ts";
import type { Means } from "../means.ts";
import { phaseRunner } from "../run-phases.ts";
import type { MachineStep } from "./machine-step.ts";
import { Matrices, type PlannedMatrix } from "./matrices.ts";
import { planLane } from "./plan-lane.ts";
import { planSteps } from "./plan-steps.ts";
import { writeSteps } from "./write-steps.ts";

const MATRIX_WORDS = Object.keys(MATRIX).length;

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
  const { all } = matrices;
  const phases = phasesOf(steps, threads);
  const matricesAt = plan.words(all.length * MATRIX_WORDS);
  const stepsAt = plan.words(steps.length * STEP_WORDS);
  const itemsAt = plan.words(phases.flat().length * ITEM_WORDS);
  const weightsNamed = all.flatMap(({ home }) => ("weights" in home ? [home.weights] : []));
  const plannedWeights = planWeights(problem.inputs, output, weightsNamed, plan);
  const lanes = Array.from({ length: threads }, () => planLane(plan, steps));
  const call = new Call(plan, problem.inputs, output, lanes);
  const weights = plannedWeights(call);

  const matrixAt = new Map(
    all.map((matrix, index) => [matrix, call.place(matricesAt) + index * MATRIX_WORDS * FLOAT_BYTES]),
  );
  const matrixWords = call.arena.integers(call.place(matricesAt), all.length * MATRIX_WORDS);
  for (const [index, { rows, columns, rowBytes, home }] of all.entries()) {
    const data = "place" in home ? call.place(home.place) : 0;
    matrixWords.set([data, rows, columns, rowBytes], index * MATRIX_WORDS);
  }
  for (const { matrix, values } of constants) {
    const { home } = matrix;
    if ("place" in home) call.arena.floats(call.place(home.place), values.length).set(values);
  }
  writeSteps(call, stepsAt, steps, (matrix) => addressOf(matrixAt, matrix));
  const stepAddress = (step: number): number => call.place(stepsAt) + step * STEP_WORDS * FLOAT_BYTES;
  const items = phases.flat().map(({ step, from, to }) => [stepAddress(step), from, to]);
  call.copy(itemsAt, Int32Array.from(items.flat()));
  let end = 0;
  const ends = phases.map((phase) => {
    end += phase.length * ITEM_WORDS;
    return end;
  });
  const callPhases = call.phases(itemsAt, ends);
  const runner = phaseRunner(call, build, "runMatrixItems", pool);
  /** Points the matrices that are given at those of one head. */
  const pointAt = (entry: number, head: number): void => {
    for (const [index, { home }] of all.entries()) {
      const at = index * MATRIX_WORDS + MATRIX.data;
      if ("tensor" in home) matrixWords[at] = call.startOf(home.tensor, entry, head);
      else if ("weights" in home) {
        const own = Math.floor((head * home.heads) / shape.heads);
        const element = own * home.headElements;
        matrixWords[at] = weights.at(home.weights, element);
      }
    }
  };
  const heads = shape.batch * shape.heads;
  return {
    run() {
      weights.refresh();
      for (let entry = 0; entry < shape.batch; entry++) {
        for (let head = 0; head < shape.heads; head++) {
          pointAt(entry, head);
          runner.run(callPhases);
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

function addressOf(addresses: ReadonlyMap<PlannedMatrix, number>, matrix: PlannedMatrix): number {
  const found = addresses.get(matrix);
  if (found === undefined) throw new TypeError(`chain: ${matrix.name} must be one of its matrices`);
  return found;
}

/** Bytes of q, k, v, out and weights that a step reads and writes. */
function bytesOf({ touched }: MachineStep): number {
  return touched.reduce(
    (sum, [{ home, rows, columns }, times]) =>
      sum + ("place" in home ? 0 : times * rows * columns * FLOAT_BYTES),
    0,
  );
}

interface PlacedItem {
  readonly step: number;
  readonly from: number;
  readonly to: number;
  readonly cost: number;
}

/** The items of each phase; the longest first if threads share them, so that none ends long after the others. */
function phasesOf(steps: readonly MachineStep[], threads: number): PlacedItem[][] {
  const count = 1 + Math.max(...steps.map(({ phase }) => phase));
  const phases: PlacedItem[][] = Array.from({ length: count }, () => []);
  for (const [step, { phase, items }] of steps.entries()) {
    phases[phase].push(...items.map((item) => ({ ...item, step })));
  }
  if (threads > 1) for (const phase of phases) phase.sort((a, b) => b.cost - a.cost);
  return phases.filter((phase) => phase.length > 0);
}
