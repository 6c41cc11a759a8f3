import { carryOut } from "../core/coroutine.ts";
import { elementCount } from "../core/shape.ts";
import type { DecodeKernel, Stepper } from "../kernels/stepper.ts";
import { type JudgedProblem, weightsOf } from "../mechanisms/judged.ts";
import { wrongStateClaims } from "./claims.ts";
import { decodeSequence } from "./decode-sequence.ts";
import { discard } from "./discard.ts";
import { expectation, type GateResult } from "./expectation.ts";
import { fidelityOf } from "./fidelity.ts";
import { watchInputs } from "./guarded-run.ts";
import { handedOutTask } from "./handed-out.ts";
import { blame, type GateContext, type RedCase } from "./prepare-case.ts";
import { wrongStateCounts } from "./prepare-decode.ts";
import { secondOpinion } from "./second-opinion.ts";
import { stepAgain } from "./step-again.ts";
import { stepChoices } from "./step-choices.ts";
import { type Stepped, stepped } from "./stepped.ts";

/** Every output of a sequence, taken in token by token. */
export interface DecodedWhole {
  readonly outcome: "green";
  readonly gate: GateResult;
  /** `[batch, heads, length, valueDim]`. */
  readonly output: Float32Array;
  /** Threads that plain calls kept busy. */
  readonly threadsSeen: number;
  /** Whether it was computed elsewhere than on this machine's processors. */
  readonly isElsewhere?: boolean;
  /** What to know about a kernel that computes elsewhere; omitted if nothing. */
  readonly remarks?: readonly string[];
}

/** What is wrong with the state a stepper reports in the middle of the sequence, or null. */
async function claimsMidway(
  { inputs, ...task }: JudgedProblem,
  { stepper, computed }: Stepped,
): Promise<string | null> {
  stepper.reset();
  stepper.prefill(inputs, task.shape.length >> 1);
  await computed();
  return wrongStateCounts(stepper) ?? wrongStateClaims(task, stepper);
}

/**
 * Decodes a whole causal sequence and compares it with the rows of the reference. Whatever a stepper throws
 * makes it red.
 */
export async function decodeWhole(
  problem: JudgedProblem,
  kernel: DecodeKernel,
  { places, fullRows, seed, second, patience_s }: Omit<GateContext, "output" | "now">,
): Promise<DecodedWhole | RedCase> {
  let gate: GateResult | null = null;
  let stepper: Stepper | null = null;
  const refuse = (reason: string, outcome: RedCase["outcome"] = "red"): RedCase => ({
    outcome,
    reason,
    gate,
  });
  try {
    const { inputs, ...task } = problem;
    const { shape } = task;
    const changedInput = watchInputs(inputs);
    stepper = await kernel.prepare(handedOutTask(task), weightsOf(problem));
    const steps = stepped(stepper, patience_s);
    const output = new Float32Array(elementCount(shape, "output")).fill(Number.NaN);
    const choices = stepChoices(task, stepper);
    const misstep = await carryOut(decodeSequence(steps, problem, output, [], choices));
    const choice = choices.handed();
    const changed = changedInput();
    const exact = problem.kind.oracle(problem);
    const expected = expectation(problem, exact, places, seed);
    const compared = expected.compare(output, choice);
    const opinion =
      compared.failure === null ? await secondOpinion(problem, output, second, seed, choice) : null;
    const fidelity = fidelityOf(expected, output, fullRows);
    gate = { ...compared, comparedRows: opinion?.rows ?? 0, ...fidelity };
    const broken =
      misstep ??
      (await claimsMidway(problem, steps)) ??
      (changed === null ? null : `the stepper changed its input ${changed}`);
    if (broken !== null) return refuse(`verification: ${broken}`);
    if (expected.unproven !== null)
      return refuse(`nothing could be proven: ${expected.unproven}`, "unproven");
    const elsewhere = expectation(problem, exact, opinion?.unlike ?? [], seed, expected.rounding);
    const failure = compared.failure ?? elsewhere.compare(output, choice).failure;
    if (failure !== null) return refuse(`verification: ${failure}`);
    const again = stepAgain(problem, steps);
    if (again.fault !== null) return refuse(`verification: ${again.fault}`);
    const { isWaitedFor: isElsewhere } = steps;
    return { outcome: "green", gate, output, threadsSeen: again.threadsSeen, isElsewhere };
  } catch (thrown) {
    return refuse(blame(thrown));
  } finally {
    discard(stepper);
  }
}
