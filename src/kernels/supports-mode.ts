import { OPERATIONS, type OperationId, USUAL_OPERATION } from "../core/operation.ts";
import type { Task } from "../core/problem.ts";
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
  if (!OPERATIONS[mode].keepsState) return kernel.supports(task);
  return kernel.decode?.supports(task) ?? "it has no decoding: it computes whole sequences only";
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
