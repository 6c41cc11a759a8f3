import { inDtype } from "../../../src/core/dtype.ts";
import { everyRow } from "../../../src/core/rows.ts";
import { elementCount, layoutOf, offsetIn } from "../../../src/core/shape.ts";
import { namesIn, tensorNamed } from "../../../src/core/tensors.ts";
import { guardedOutput, type Kernel, type Runnable } from "../../../src/kernels/kernel.ts";
import { findInNode } from "../../../src/kernels/webgpu/gpu/find-in-node.ts";
import { createWebgpu } from "../../../src/kernels/webgpu/index.ts";
import type { JudgedProblem } from "../../../src/mechanisms/judged.ts";
import { float64, type Oracle } from "../../../src/mechanisms/oracle.ts";
import { expectation } from "../../../src/verify/expectation.ts";
import { brokenGuard, setGuards } from "../../../src/verify/guarded-run.ts";
import { reference } from "../../mechanisms/judge.ts";
import { noDevice } from "./test-device.ts";

/** The family on the device that tests compute on, opened; where there is none nothing may be asked of it. */
export const webgpu: Kernel = createWebgpu(findInNode);
if (!noDevice) await webgpu.open?.();

/** A call that is prepared, once. The caller disposes of it. */
export async function preparedCall(problem: JudgedProblem): Promise<Runnable> {
  return await webgpu.prepare(problem, guardedOutput(elementCount(problem.shape, "output")));
}

/** One whole call: what a device gives over an output of NaN. */
export async function called(runnable: Runnable): Promise<Float32Array> {
  runnable.output().fill(Number.NaN);
  await runnable.load?.();
  runnable.run();
  await runnable.finish?.();
  await runnable.fetch?.();
  return runnable.output();
}

/** The output of a problem, of a call of its own. */
export async function outputOf(problem: JudgedProblem): Promise<Float32Array> {
  const runnable = await preparedCall(problem);
  const output = (await called(runnable)).slice();
  runnable.dispose();
  return output;
}

/** Holds every row to the gate's budget. Null, or what is wrong. */
export async function failureInAnyRow(
  problem: JudgedProblem,
  exact: Oracle = reference(problem),
): Promise<string | null> {
  const runnable = await preparedCall(problem);
  setGuards(runnable.output());
  const output = await called(runnable);
  const broken = brokenGuard(output);
  const { failure } = expectation(problem, exact, everyRow(problem.shape), 0).compare(output);
  runnable.dispose();
  return broken ?? failure;
}

/** The same where the reference is finite; where it is not, neither may the output be. */
export async function failureWhereFinite(problem: JudgedProblem): Promise<string | null> {
  const { shape } = problem;
  const layout = layoutOf(shape, "output");
  const exact = reference(problem);
  const output = await outputOf(problem);
  const places = everyRow(shape);
  for (const [index, { values }] of exact.rows(places, float64).entries()) {
    const { batch, head, row } = places[index];
    const at = offsetIn(layout, batch, head, row);
    for (const [column, value] of values.entries()) {
      if (Number.isFinite(value)) continue;
      const got = output[at + column];
      if (Number.isFinite(got))
        return `row ${row} of head ${head}, column ${column}: got ${got}, expected ${value}`;
      // Which of NaN and the infinities it is depends on the order of the sums.
      output[at + column] = value;
    }
  }
  return expectation(problem, exact, places, 0).compare(output).failure;
}

/** A problem in float16: its inputs are numbers of that. */
export function inFloat16(problem: JudgedProblem): JudgedProblem {
  const { inputs } = problem;
  const rounded = namesIn(inputs).map((name) => [name, inDtype(tensorNamed(inputs, name), "float16")]);
  return { ...problem, dtype: "float16", inputs: { ...inputs, ...Object.fromEntries(rounded) } };
}
