import { type Dtype, dtypeField, isReduced, USUAL_DTYPE } from "../core/dtype.ts";
import { OPERATIONS, type OperationId, USUAL_OPERATION } from "../core/operation.ts";
import type { Task } from "../core/problem.ts";
import { whyNotShape } from "../core/shape.ts";
import { isGradient } from "../mechanisms/gradient/declare.ts";
import { whyNotForms } from "../pairwise/forms.ts";
import type { Kernel } from "./kernel.ts";

/**
 * Whether a kernel takes a task in a mode: `true`, or why it cannot. In decoding, the task's length is the
 * capacity.
 */
export function supportsMode(
  kernel: Kernel,
  { mechanism, shape, causal, threads, dtype }: Task,
  mode: OperationId,
): true | string {
  // A kernel is shown nothing else that the caller knows.
  const task = { mechanism, shape, causal, threads, ...dtypeField(dtype) };
  return OPERATIONS[mode].keepsState ? supportsSteps(kernel, task) : supportsPass(kernel, task);
}

/** Why a kernel is not asked about a task: it has a shape, forms or a dtype that the kernel does not say it takes. */
function whyUnlike(kernel: Kernel, { mechanism, shape, dtype }: Task): string | null {
  return (
    whyNotDtype(dtype, kernel.dtypes) ??
    whyNotShape(shape, kernel.freedoms) ??
    whyNotForms(isGradient(mechanism) ? mechanism.of : mechanism, kernel.forms)
  );
}

function whyNotDtype(dtype: Dtype = USUAL_DTYPE, taken: readonly Dtype[] = [USUAL_DTYPE]): string | null {
  return taken.includes(dtype) ? null : `it computes in ${taken.join(", ")}, not in ${dtype}`;
}

/** Whether a kernel computes the whole sequences of a task: `true`, or why it cannot. */
export function supportsPass(kernel: Kernel, task: Task): true | string {
  return whyUnlike(kernel, task) ?? kernel.supports(task);
}

/** Whether a kernel decodes a task. */
export function supportsSteps(kernel: Kernel, task: Task): true | string {
  if (isReduced(task.dtype)) return "decoding is in float32 alone";
  return (
    whyUnlike(kernel, task) ??
    kernel.decode?.supports(task) ??
    "it has no decoding: it computes whole sequences only"
  );
}

/**
 * What `auto` means: the first kernel that supports a task, otherwise the first in the list that is no supplement, which
 * then says why not.
 */
export function firstSupporting(
  kernels: readonly Kernel[],
  task: Task,
  mode: OperationId = USUAL_OPERATION,
): Kernel {
  const found = kernels.find((kernel) => supportsMode(kernel, task, mode) === true);
  return found ?? kernels.find(({ supplement }) => supplement !== true) ?? kernels[0];
}
