import { FailureError } from "../core/errors.ts";
import type { Runnable } from "../kernels/kernel.ts";
import { PATIENCE_S, withinPatience } from "../kernels/within-patience.ts";
import type { JudgedProblem } from "../mechanisms/judged.ts";
import { promiseFault } from "./promise-fault.ts";

/** A prepared call: what is called, and where it reads and writes. */
export interface Called extends WholeCall {
  /** Its inputs are the arrays that the kernel reads. */
  readonly problem: JudgedProblem;
  /** The array that was found after prepare. */
  readonly output: Float32Array;
}

/** The calls of a prepared kernel, whether it computes here and at once or elsewhere. */
export interface WholeCall {
  /** Whether calls are waited for. */
  readonly isWaitedFor: boolean;
  /** What is timed of a kernel that computes before `run` returns. */
  run(): void;
  /**
   * Makes one call from the inputs as they stand to the output. Null where the output stands when this returns: it is to be
   * looked at then and there, so that what is written later shows. Else it is there when the promise resolves.
   */
  whole(): Promise<void> | null;
  /** Brings the output of the last call once more; null where it stands where it was written. */
  fetch(): Promise<void> | null;
}

/** Whether calls must be waited for, or take in their inputs apart. */
export function isWaitedFor({ load, finish, timed, fetch }: Runnable): boolean {
  return [load, finish, timed, fetch].some((method) => method !== undefined);
}

/** The calls of what a kernel has prepared. */
export function wholeCall(runnable: Runnable, patience_s = PATIENCE_S): WholeCall {
  const run = () => runnable.run();
  if (!isWaitedFor(runnable)) {
    return {
      isWaitedFor: false,
      run,
      whole() {
        refusePromise(runnable.run());
        return null;
      },
      fetch: () => null,
    };
  }
  const fetch = async () => {
    if (runnable.fetch !== undefined) await withinPatience("fetch", patience_s, () => runnable.fetch?.());
  };
  return {
    isWaitedFor: true,
    run,
    async whole() {
      if (runnable.load !== undefined) await withinPatience("load", patience_s, () => runnable.load?.());
      refusePromise(runnable.run());
      if (runnable.finish !== undefined) {
        await withinPatience("finish", patience_s, () => runnable.finish?.());
      }
      await fetch();
    },
    fetch,
  };
}

/** Nobody waits for what `run` itself returns. */
export function refusePromise(returned: unknown): void {
  const promised = promiseFault(returned);
  if (promised !== null)
    throw new FailureError(`gate: run ${promised}; what is to be waited for belongs into finish`);
}
