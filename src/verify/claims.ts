import { textOf } from "../core/errors.ts";
import type { Runnable } from "../kernels/kernel.ts";
import type { Stepper } from "../kernels/stepper.ts";
import type { JudgedTask } from "../mechanisms/judged.ts";
import { leastPass, stepsOf } from "../mechanisms/work-of-case.ts";
import { formatBytes, formatFlops } from "../text/format.ts";
import { wrongPattern } from "./pattern-claims.ts";
import { wrongCounts } from "./wrong-counts.ts";

/**
 * What is wrong with the work that a kernel and the variant's pattern report for a call, or null. Both go
 * into results and are compared between versions, and no other measurement would show that they are too
 * small.
 */
export function wrongClaims(task: JudgedTask, runnable: Runnable): string | null {
  const wrong = wrongCounts(runnable, ["workspaceBytes", "executedFlops", "bytes"], true);
  if (wrong !== null) return wrong;
  const { executedFlops, bytes } = runnable;
  const pattern = wrongPattern(task);
  if (pattern !== null || (executedFlops === null && bytes === null)) return pattern ?? wrongReason(runnable);
  const least = leastPass(task);
  return (
    tooLittle(runnable, "executedFlops", executedFlops, least.flops, formatFlops) ??
    tooLittle(runnable, "bytes", bytes, least.bytes, formatBytes)
  );
}

/** The same for a stepper at its current position. */
export function wrongStateClaims(task: JudgedTask, stepper: Stepper): string | null {
  const { position, stateBytes, stepBytes } = stepper;
  const wrong = wrongPattern(task);
  if (wrong !== null) return wrong;
  const least = stepsOf(task).leastWork(task, position);
  const at = ` at position ${position}`;
  return (
    tooLittle(stepper, "stateBytes", stateBytes, least.stateBytes, formatBytes, at) ??
    tooLittle(stepper, "stepBytes", stepBytes, least.bytes, formatBytes, at)
  );
}

type Teller = Pick<Runnable, "whyFewer">;

function tooLittle(
  teller: Teller,
  name: string,
  told: number | null,
  least: number,
  format: (count: number) => string,
  where = "",
): string | null {
  const reason = wrongReason(teller);
  if (reason !== null) return reason;
  if (told === null || told >= least || teller.whyFewer !== undefined) return null;
  return `${name} must be at least the ${format(least)} that the mathematics takes${where}, got ${format(told)}; count it, or say why in whyFewer`;
}

function wrongReason({ whyFewer }: Teller): string | null {
  const told: unknown = whyFewer;
  if (told === undefined || (typeof told === "string" && told.trim() !== "")) return null;
  return `whyFewer must say why in words, or be omitted, got ${textOf(told)}`;
}
