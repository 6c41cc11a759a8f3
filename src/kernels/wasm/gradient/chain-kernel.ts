import type { Problem } from "../../../core/problem.ts";
import { FLOAT_BYTES, kvHeadOf, type Shape } from "../../../core/shape.ts";
import { layoutBy, type TensorSpecs } from "../../../core/tensor-spec.ts";
import {
  type Gradient,
  gradientArrays,
  gradientName,
  makesOutput,
  problemWithin,
} from "../../../mechanisms/gradient/declare.ts";
import type { Step } from "../../../mechanisms/summary/declare.ts";
import type { Runnable } from "../../kernel.ts";
import { Call, ScratchPlan } from "../call.ts";
import { planWeights } from "../call-weights.ts";
import { LeftBehind } from "../chain/left-behind.ts";
import { bytesOf, planMachine } from "../chain/machine.ts";
import type { MachineStep } from "../chain/machine-step.ts";
import { Matrices, type PlannedMatrix } from "../chain/matrices.ts";
import { planSteps } from "../chain/plan-steps.ts";
import type { Means } from "../means.ts";
import { phaseRunner } from "../run-phases.ts";
import { Along } from "./chain/along.ts";
import { planStepsBack } from "./chain/plan-back.ts";
import { gradientTensors } from "./tensors.ts";

/**
 * The gradient of a chain, a head at a time there and back. In training both are part of the call, and what steps make is needed
 * for a head only; otherwise what is read again is kept of every head: a few rows, and two numbers a row of every attention.
 */
export function prepareChainGradient(
  problem: Problem<Gradient>,
  chain: readonly Step[],
  inputs: TensorSpecs,
  means: Means,
): Runnable {
  const { mechanism, shape, threads } = problem;
  const { build, pool } = means;
  const { arena, inputs: given, dout, output, copied } = gradientTensors(problem, means.output);
  const { out, gradients } = gradientArrays(problem, output);
  const within = { ...problemWithin(problem), inputs: given };
  const isTraining = makesOutput(mechanism);
  const plan = new ScratchPlan();
  const matrices = new Matrices(shape, inputs, plan);
  const left = new LeftBehind();
  const heads = shape.batch * shape.heads;
  // Nobody reads the output of a backward pass, which is written head over head.
  const outCount = isTraining ? 0 : shape.queries * shape.valueDim;
  const outRegion = arena.reserve(outCount * FLOAT_BYTES);
  const forwardOut = out ?? arena.floats(outRegion.start, outCount);
  const result = { rows: shape.queries, columns: shape.valueDim };
  matrices.given(
    "out",
    result,
    isTraining ? headsOf(forwardOut, heads, sliceOf(shape)) : () => forwardOut.byteOffset,
  );

  const forward: MachineStep[] = [];
  const planning = { plan, matrices, panelKeys: build.panelKeys, left };
  const forth = isTraining || leavesSums(chain) ? chain : chain.slice(0, -1);
  const constants = planSteps({ ...planning, steps: forward }, forth);
  const sums = summedIn(within, inputs, matrices, { dout, gradients });
  const backward: MachineStep[] = [];
  const unsummed = [
    ...Object.keys(inputs).filter((name) => !sums.has(name)),
    ...constants.map(({ matrix }) => matrix.name),
  ];
  const along = new Along({ ...planning, steps: backward }, left, sums, new Set(unsummed));
  planStepsBack({ ...planning, steps: backward, along, phase: 0 }, chain);
  const weightsNamed = matrices.all.flatMap(({ home }) => ("weights" in home ? [home.weights] : []));
  const plannedWeights = planWeights(given, dout, weightsNamed, plan);
  const planned = planMachine(plan, matrices, [forward, backward], { threads, heads: shape.heads });
  // What a forward pass would write is read.
  const call = new Call(plan, given, dout, planned.lanes);
  const weights = plannedWeights(call);
  const machine = planned.write(call, constants);
  const [forwardPhases, backwardPhases] = machine.phases;
  const runner = phaseRunner(call, build, "runMatrixItems", pool);
  const kept = along.kept.map(({ place, words }) => arena.floats(call.place(place), words));
  const keptWords = kept.reduce((sum, { length }) => sum + length, 0);
  const savedCount = isTraining ? 0 : heads * keptWords;
  const region = arena.reserve(savedCount * FLOAT_BYTES);
  const saved = arena.floats(region.start, savedCount);

  const eachHead = (act: (slice: number) => void): void => {
    weights.refresh();
    for (let slice = 0; slice < heads; slice++) {
      machine.pointAt(Math.floor(slice / shape.heads), slice % shape.heads, weights.at);
      act(slice);
    }
  };
  const eachKept = (slice: number, act: (own: Float32Array, saved: Float32Array) => void): void => {
    let at = slice * keptWords;
    for (const own of kept) {
      act(own, saved.subarray(at, at + own.length));
      at += own.length;
    }
  };
  const sum = (of: (step: MachineStep) => number): number =>
    heads * [...(isTraining ? forward : []), ...backward].reduce((total, step) => total + of(step), 0);
  return {
    ...(!isTraining && {
      save: () =>
        eachHead((slice) => {
          runner.run(forwardPhases);
          eachKept(slice, (own, to) => to.set(own));
        }),
      saved: () => [saved],
    }),
    run() {
      for (const gradient of Object.values(gradients)) gradient.fill(0);
      eachHead((slice) => {
        if (isTraining) runner.run(forwardPhases);
        else eachKept(slice, (own, from) => own.set(from));
        runner.run(backwardPhases);
      });
    },
    ...copied,
    output: () => output,
    workspaceBytes: call.workspaceBytes + saved.byteLength + outCount * FLOAT_BYTES,
    executedFlops: sum(({ flops }) => flops),
    bytes: sum(bytesOf),
    ...(!isTraining &&
      chain.some(({ step }) => step === "clusters") && {
        whyFewer: "which cluster each row is in was found by the forward pass, and kept",
      }),
    dispose() {
      runner.dispose();
      arena.release(region);
      arena.release(outRegion);
    },
  };
}

/** Whether the way back needs what the last step leaves. */
function leavesSums(chain: readonly Step[]): boolean {
  return chain.at(-1)?.step === "attend";
}

/** Where a head's part of an array begins, of so many parts. */
function headsOf(
  array: Float32Array,
  parts: number,
  partOf: (entry: number, head: number) => number,
): (entry: number, head: number) => number {
  return (entry, head) => array.byteOffset + (partOf(entry, head) * array.byteLength) / parts;
}

function sliceOf({ heads }: Shape): (entry: number, head: number) => number {
  return (entry, head) => entry * heads + head;
}

/** Where what comes to the output and to inputs is, by their names. */
function summedIn(
  { shape }: Problem,
  inputs: TensorSpecs,
  matrices: Matrices,
  {
    dout,
    gradients,
  }: { readonly dout: Float32Array; readonly gradients: Readonly<Record<string, Float32Array>> },
): ReadonlyMap<string, PlannedMatrix> {
  const { batch, heads, kvHeads, queries, length, headDim, valueDim } = shape;
  const slice = sliceOf(shape);
  const kvSlice = (entry: number, head: number): number => entry * kvHeads + kvHeadOf(shape, head);
  const summed = new Map<string, PlannedMatrix>();
  const give = (
    name: string,
    array: Float32Array,
    [rows, columns, parts]: readonly [number, number, number],
    partOf: (entry: number, head: number) => number,
  ): void => {
    const title = name === "out" ? "dout" : gradientName(name);
    summed.set(name, matrices.given(title, { rows, columns }, headsOf(array, parts, partOf)));
  };
  give("out", dout, [queries, valueDim, batch * heads], slice);
  give("q", gradients[gradientName("q")], [queries, headDim, batch * heads], slice);
  give("k", gradients[gradientName("k")], [length, headDim, batch * kvHeads], kvSlice);
  give("v", gradients[gradientName("v")], [length, valueDim, batch * kvHeads], kvSlice);
  for (const [name, spec] of Object.entries(inputs)) {
    const gradient = gradients[gradientName(name)];
    if (gradient === undefined) continue;
    const layout = layoutBy(shape, spec);
    give(name, gradient, [layout.rows, layout.width, layout.heads], (_, head) =>
      Math.floor((head * layout.heads) / heads),
    );
  }
  return summed;
}
