import { promiseFault } from "./promise-fault.ts";

/** Frees what a kernel holds. One that throws even then is already refused or finished. */
export function discard(runnable: { dispose(): void } | null): void {
  try {
    // A device may take its time to be given back.
    promiseFault(runnable?.dispose());
  } catch {
    // There is nothing left to report about it.
  }
}
