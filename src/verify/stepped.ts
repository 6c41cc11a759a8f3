import type { Stepper } from "../kernels/stepper.ts";
import { PATIENCE_S, withinPatience } from "../kernels/within-patience.ts";

/** A stepper, and what is waited for if it computes elsewhere. */
export interface Stepped {
  readonly stepper: Stepper;
  /** Whether anything is: if not, all of the promises are null. */
  readonly isWaitedFor: boolean;
  readonly patience_s: number;
  /** Waits until everything started is computed; null if it is. */
  computed(): Promise<void> | null;
  /** The same, and until the outputs of the steps since the last time are in their tokens. */
  outputs(): Promise<void> | null;
  /** Waits until they are there once more. */
  fetched(): Promise<void> | null;
}

/** A stepper as it was prepared. Whoever does not answer within `patience_s` seconds is lost, which is thrown. */
export function stepped(stepper: Stepper, patience_s = PATIENCE_S): Stepped {
  const isWaitedFor = stepper.finish !== undefined || stepper.fetch !== undefined;
  if (!isWaitedFor) {
    const nothing = () => null;
    return { stepper, isWaitedFor, patience_s, computed: nothing, outputs: nothing, fetched: nothing };
  }
  const computed = async () => {
    if (stepper.finish === undefined) return;
    await withinPatience("finish", patience_s, () => stepper.finish?.());
  };
  const fetched = async () => {
    if (stepper.fetch === undefined) return;
    await withinPatience("fetch", patience_s, () => stepper.fetch?.());
  };
  return {
    stepper,
    isWaitedFor,
    patience_s,
    computed,
    async outputs() {
      await computed();
      await fetched();
    },
    fetched,
  };
}
