import { outputCount } from "../../core/outputs.ts";
import type { RowPlace } from "../../core/rows.ts";
import { QKV } from "../../core/shape.ts";
import { stepWindow } from "../../core/step-window.ts";
import { openInput } from "../../input/open-input.ts";
import { type CallTensors, guardedOutput, type Kernel, withOutput } from "../../kernels/kernel.ts";
import { callInputs, takesTokens } from "../../mechanisms/call-inputs.ts";
import type { JudgedProblem, JudgedTask } from "../../mechanisms/judged.ts";
import { withNamed } from "../../mechanisms/named-inputs.ts";
import { outputsOf } from "../../mechanisms/outputs.ts";
import { inputShapeOf, operationOf } from "../../record/schema/case-task.ts";
import type { PlannedCase } from "../../record/schema/result-lines.ts";
import { warmUp } from "../../run/warm-up.ts";
import { expectSteps } from "../../verify/expect-steps.ts";
import { type Expectation, expectation } from "../../verify/expectation.ts";
import { rowsToCheck } from "../../verify/gradient-rows.ts";
import { type GreenCase, prepareCase, type RedCase } from "../../verify/prepare-case.ts";
import { prepareDecode } from "../../verify/prepare-decode.ts";
import { stepRows } from "../../verify/rows.ts";
import { secondKernel } from "../../verify/second-opinion.ts";

/** What an arm is asked to open. */
export interface OpenRequest {
  readonly cell: PlannedCase;
  /** `--input`, and the seed of its numbers. */
  readonly input: string;
  readonly tensors?: string | undefined;
  readonly seed: number;
  /** The number of rows to verify; null for as many as in a run. */
  readonly rows: number | null;
}

/** The problem with numbers of its own, verified and warm. */
export async function prepareCell(
  { cell, input, tensors: names, seed, rows }: OpenRequest,
  task: JudgedTask,
  kernel: Kernel,
  kernels: readonly Kernel[],
): Promise<Prepared> {
  // Within a block a few rows suffice: the whole was compared when the cells were checked.
  const second = rows === null ? secondKernel(kernels, kernel.id) : null;
  const shape = inputShapeOf(cell);
  const now = () => performance.now() / 1000;
  const source = await openInput(input, seed, names, { tokens: takesTokens(task) });
  const inputs = callInputs(task, source, shape);
  if (operationOf(cell).keepsState && kernel.decode !== undefined) {
    const problem = { ...task, inputs: withNamed(task, inputs, seed, { source }), position: cell.length };
    const places = someOf(stepRows(shape, stepWindow(cell.length).steps, seed), rows);
    const checked = await prepareDecode(problem, kernel.decode, {
      places,
      fullRows: null,
      seed,
      second,
      now,
    });
    return { expect: (looked) => expectSteps(problem, looked, seed), result: await warmUp(checked, now) };
  }
  const count = outputCount(outputsOf(task));
  const allocated = kernel.allocate?.(shape) ?? { ...inputs, output: guardedOutput(count) };
  const tensors: CallTensors = withOutput(allocated, count);
  for (const name of QKV) {
    if (tensors[name] !== inputs[name]) tensors[name].set(inputs[name]);
  }
  const { q, k, v, output } = tensors;
  const places = someOf(rowsToCheck(task, seed), rows);
  const { allocate } = tensors;
  const problem: JudgedProblem = {
    ...task,
    inputs: withNamed(task, { shape, q, k, v }, seed, { source, allocate }),
  };
  const checked = await prepareCase(problem, kernel, { places, fullRows: null, seed, output, second, now });
  const expect = (looked: readonly RowPlace[]) =>
    expectation(problem, problem.kind.oracle(problem), looked, seed);
  return { expect, result: await warmUp(checked, now) };
}

/** As many of the places as were requested. */
function someOf(all: readonly RowPlace[], rows: number | null): RowPlace[] {
  const step = rows === null ? 1 : Math.ceil(all.length / rows);
  return all.filter((_, index) => index % step === 0);
}

export interface Prepared {
  /** What is expected of rows of the output. */
  expect(rows: readonly RowPlace[]): Expectation;
  readonly result: GreenCase | RedCase;
}
