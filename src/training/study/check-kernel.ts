import { outputCount } from "../../core/outputs.ts";
import { guardedOutput, type Kernel } from "../../kernels/kernel.ts";
import { firstSupporting, supportsPass } from "../../kernels/supports-mode.ts";
import type { JudgedProblem } from "../../mechanisms/judged.ts";
import type { Kinds } from "../../mechanisms/kinds.ts";
import { outputsOf } from "../../mechanisms/outputs.ts";
import type { TrainedLine } from "../../record/schema/learning-lines.ts";
import { discard } from "../../verify/discard.ts";
import { expectation, type GateResult } from "../../verify/expectation.ts";
import { rowsToCheck } from "../../verify/gradient-rows.ts";
import { prepareCase } from "../../verify/prepare-case.ts";
import { secondKernel } from "../../verify/second-opinion.ts";
import type { AttentionCall } from "../learner.ts";

/** What the kernel that is timed gave on a trained model's calls. */
export interface KernelChecked {
  /** Why it, or the twin that was trained, is not right there; null if both are. */
  readonly failure: string | null;
  readonly agreement: TrainedLine["kernel"];
}

/** What is needed to check a kernel. */
export interface KernelMeans {
  readonly kinds: Kinds;
  /** Those among which the first that supports a call is taken, as in a run. */
  readonly kernels: readonly Kernel[];
  readonly seed: number;
  now(): number;
}

type Agreement = NonNullable<TrainedLine["kernel"]>["kernel_output"];

/**
 * Verifies the kernel that is timed on the calls of a trained model, as a run verifies a case, and compares the twin's output
 * with the same reference: so that time and accuracy are of one thing.
 */
export async function checkKernel(
  calls: readonly AttentionCall[],
  means: KernelMeans,
): Promise<KernelChecked> {
  const checked: Awaited<ReturnType<typeof checkCall>>[] = [];
  for (const call of calls) {
    const one = await checkCall(call, means);
    if (one.failure !== null) return { failure: `layer ${call.layer}: ${one.failure}`, agreement: null };
    checked.push(one);
  }
  if (checked.length === 0) return { failure: "the model made no call", agreement: null };
  const nearest = (of: (one: (typeof checked)[number]) => Agreement): Agreement =>
    checked.map(of).reduce((most, one) => (shareOf(one) > shareOf(most) ? one : most));
  return {
    failure: null,
    agreement: {
      kernel: checked[0].kernel,
      calls: checked.length,
      kernel_output: nearest(({ ofKernel }) => ofKernel),
      twin_output: nearest(({ ofTwin }) => ofTwin),
    },
  };
}

async function checkCall(
  { mechanism, causal, inputs, output: ofTwin }: AttentionCall,
  { kinds, kernels, seed, now }: KernelMeans,
): Promise<{
  readonly kernel: string;
  readonly failure: string | null;
  readonly ofKernel: Agreement;
  readonly ofTwin: Agreement;
}> {
  const problem: JudgedProblem = {
    ...kinds.judged({ mechanism }),
    shape: inputs.shape,
    causal,
    threads: 1,
    inputs,
  };
  const kernel = firstSupporting(kernels, problem);
  const nothing = { error: 0, budget: 0, rows: 0 };
  const refused = (failure: string) => ({
    kernel: kernel.id,
    failure,
    ofKernel: nothing,
    ofTwin: nothing,
  });
  const supported = supportsPass(kernel, problem);
  if (supported !== true) return refused(`${kernel.id}: ${supported}`);
  const places = rowsToCheck(problem, seed);
  const result = await prepareCase(problem, kernel, {
    places,
    fullRows: null,
    seed,
    output: guardedOutput(outputCount(outputsOf(problem))),
    second: secondKernel(kernels, kernel.id),
    timesPreparing: false,
    now,
  });
  if (result.outcome !== "green") return refused(`${kernel.id}: ${result.reason}`);
  // Where keys are chosen, the twin is judged on the choice that the kernel made of the same scores.
  const handed = result.choice();
  discard(result.runnable);
  const twin = expectation(problem, problem.kind.oracle(problem), places, seed).compare(ofTwin, handed);
  if (twin.failure !== null) return refused(`the twin: ${twin.failure}`);
  return {
    kernel: kernel.id,
    failure: null,
    ofKernel: agreementOf(result.gate),
    ofTwin: agreementOf(twin),
  };
}

function agreementOf({ error, budget, rows }: Pick<GateResult, "error" | "budget" | "rows">): Agreement {
  return { error, budget, rows };
}

function shareOf({ error, budget }: Agreement): number {
  return error === 0 ? 0 : error / budget;
}
