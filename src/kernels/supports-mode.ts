import { OPERATIONS, type OperationId, USUAL_OPERATION } from "../core/operation.ts";
import type { Task } from "../core/problem.ts";
import { whyNotShape } from "../core/shape.ts";
import { whyNotForms } from "../pairwise/forms.ts";
import type { Kernel } from "./kernel.ts";

/**
 * Whether a kernel takes a task in a mode: `true`, or why it cannot. In decoding, the task's length is the
 * capacity.
 */
export function supportsMode(
  kernel: Kernel,
  { mechanism, shape, causal, threads }: Task,
  mode: OperationId,
): true | string {
  // A kernel is shown nothing else that the caller knows.
  const task = { mechanism, shape, causal, threads };
  return OPERATIONS[mode].keepsState ? supportsSteps(kernel, task) : supportsPass(kernel, task);
}

/** Why a kernel is not asked about a task: it has a shape or forms that the kernel does not say it takes. */
function whyUnlike(kernel: Kernel, { mechanism, shape }: Task): string | null {
  return whyNotShape(shape, kernel.freedoms) ?? whyNotForms(mechanism, kernel.forms);
}

/** Whether a kernel computes the whole sequences of a task: `true`, or why it cannot. */
export function supportsPass(kernel: Kernel, task: Task): true | string {
  return whyUnlike(kernel, task) ?? kernel.supports(task);
}

/** Whether a kernel decodes a task. */
export function supportsSteps(kernel: Kernel, task: Task): true | string {
  return (
    whyUnlike(kernel, task) ??
    kernel.decode?.supports(task) ??
    "it has no decoding: it computes whole sequences only"
  );
}

/**
 * What `auto` means: the first kernel that supports a task, otherwise the first in the list, which then says
 * why not.
 */
export function firstSupporting(
  kernels: readonly Kernel[],
  task: Task,
  mode: OperationId = USUAL_OPERATION,
): Kernel {
  return kernels.find((kernel) => supportsMode(kernel, task, mode) === true) ?? kernels[0];
}
