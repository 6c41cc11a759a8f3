import { FailureError } from "../core/errors.ts";
import type { AttentionInputs } from "../core/tensors.ts";
import type { Runnable } from "../kernels/kernel.ts";
import { PATIENCE_S, withinPatience } from "../kernels/within-patience.ts";
import type { JudgedProblem } from "../mechanisms/judged.ts";
import type { HandedChoice } from "./handed-choice.ts";
import { promiseFault } from "./promise-fault.ts";
import { savingForward } from "./saving-forward.ts";

/** A prepared call: what is called, and where it reads and writes. */
export interface Called extends WholeCall {
  /** Whether the kernel is for finite numbers alone. */
  readonly finiteOnly?: boolean;
  /** Its inputs are the arrays that the kernel reads. */
  readonly problem: JudgedProblem;
  /** The array that was found after prepare. */
  readonly output: Float32Array;
  /** What the kernel says that it chose in the last call. */
  choice(): HandedChoice;
}

/** The calls of a prepared kernel, whether it computes here and at once or elsewhere. */
export interface WholeCall {
  /** Whether calls are awaited. */
  readonly isWaitedFor: boolean;
  /** What is timed for a kernel that computes before `run` returns. */
  run(): void;
  /**
   * Makes one call from the inputs as they stand to the output. Null if the output is complete when this
   * returns: it must be read at once, so that later writes show. Otherwise it is complete when the promise
   * resolves.
   */
  whole(): Promise<void> | null;
  /** Fetches the output of the last call again; null if it stays where it was written. */
  fetch(): Promise<void> | null;
  /**
   * Computes what `run` needs of a forward pass, as part of `whole` and outside the time of a call; a promise if calls are
   * awaited. Null if there is nothing of the kind.
   */
  readonly save: (() => Promise<void> | null) | null;
}

/** Whether calls must be awaited, or take in their inputs separately. What is saved is waited for if calls are. */
export function isWaitedFor({ load, finish, timed, fetch }: Runnable): boolean {
  return [load, finish, timed, fetch].some((method) => method !== undefined);
}

/** The calls of what a kernel has prepared, which reads these inputs. */
export function wholeCall(runnable: Runnable, inputs: AttentionInputs, patience_s = PATIENCE_S): WholeCall {
  const run = () => runnable.run();
  const waits = isWaitedFor(runnable);
  const save = savingForward(runnable, inputs, { waits, patience_s });
  if (!waits) {
    return {
      isWaitedFor: false,
      run,
      save,
      whole() {
        save?.();
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
    save,
    async whole() {
      await save?.();
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
    throw new FailureError(`verification: run ${promised}; what must be awaited belongs in finish`);
}
