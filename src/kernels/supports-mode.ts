import { OPERATIONS, type OperationId, USUAL_OPERATION } from "../core/operation.ts";
import type { Task } from "../core/problem.ts";
import type { Kernel } from "./kernel.ts";

/** Whether a kernel takes a task in a mode: `true`, or why it cannot. To decode, the task's length is the capacity. */
export function supportsMode(
  kernel: Kernel,
  { mechanism, shape, causal, threads }: Task,
  mode: OperationId,
): true | string {
  // A kernel is shown nothing of what else the asker knows.
  const task = { mechanism, shape, causal, threads };
  if (!OPERATIONS[mode].keepsState) return kernel.supports(task);
  return kernel.decode?.supports(task) ?? "it has no decoding: it computes whole sequences only";
}

/** What `auto` means: the first kernel that supports a task, or the first of all, which then says why not. */
export function firstSupporting(
  kernels: readonly Kernel[],
  task: Task,
  mode: OperationId = USUAL_OPERATION,
): Kernel {
  return kernels.find((kernel) => supportsMode(kernel, task, mode) === true) ?? kernels[0];
}
