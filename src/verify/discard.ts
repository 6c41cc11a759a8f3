import { promiseFault } from "./promise-fault.ts";

/** Frees what a kernel holds. One that throws even then is refused or done with in any case. */
export function discard(runnable: { dispose(): void } | null): void {
  try {
    // A device may take its time to be given back.
    promiseFault(runnable?.dispose());
  } catch {
    // Nothing is left to be said of it.
  }
}
