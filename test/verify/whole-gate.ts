import { everyRow } from "../../src/core/rows.ts";
import { elementCount } from "../../src/core/shape.ts";
import { guardedOutput, type Kernel, type ReadyKernel } from "../../src/kernels/kernel.ts";
import type { JudgedProblem } from "../../src/mechanisms/judged.ts";
import type { Oracle } from "../../src/mechanisms/oracle.ts";
import { expectation } from "../../src/verify/expectation.ts";
import { brokenGuard, setGuards, watchInputs } from "../../src/verify/guarded-run.ts";
import { askOf, copied, type HandedChoice, handedChoice, onChoice } from "../../src/verify/handed-choice.ts";
import { type GreenCase, prepareCase, type RedCase } from "../../src/verify/prepare-case.ts";
import { gateRows } from "../../src/verify/rows.ts";
import { reference } from "../mechanisms/judge.ts";

/** Holds every row of a kernel's output to the gate's budget. Null, or what is wrong. */
export function failureInAnyRow(
  problem: JudgedProblem,
  kernel: ReadyKernel,
  exact: Oracle = reference(problem),
): string | null {
  const runnable = kernel.prepare(problem, guardedOutput(elementCount(problem.shape, "output")));
  const changed = watchInputs(problem.inputs);
  setGuards(runnable.output());
  runnable.output().fill(Number.NaN);
  runnable.run();
  const output = runnable.output().slice();
  const choice = copied(handedChoice(problem, askOf(runnable)));
  const broken = brokenGuard(runnable.output());
  runnable.dispose();
  const expected = expectation(problem, exact, everyRow(problem.shape), 0);
  return changed() ?? broken ?? expected.compare(output, choice).failure;
}

/** The reference on what a kernel chose, if its kind chooses; fails where the choice cannot be right. */
export function referenceOn(problem: JudgedProblem, choice: HandedChoice): Oracle {
  const judged = onChoice(reference(problem), choice, everyRow(problem.shape));
  if ("fault" in judged) throw new Error(judged.fault);
  return judged.oracle;
}

/** Puts a kernel through the gate as a run does. */
export async function throughGate(
  problem: JudgedProblem,
  kernel: Kernel,
  seed = 1,
): Promise<GreenCase | RedCase> {
  return await prepareCase(problem, kernel, {
    places: gateRows(problem.shape, seed),
    fullRows: null,
    seed,
    output: guardedOutput(elementCount(problem.shape, "output")),
    second: null,
    now: () => 0,
  });
}

/** Why the gate refuses it; fails where it does not. */
export async function refusal(problem: JudgedProblem, kernel: Kernel, seed = 1): Promise<string> {
  const result = await throughGate(problem, kernel, seed);
  if (result.outcome === "green") throw new Error(`the gate let ${kernel.id} through`);
  return result.reason;
}
