import { FailureError } from "../core/errors.ts";
import { type AttentionInputs, tensorNamed } from "../core/tensors.ts";
import type { Runnable, SavedArray } from "../kernels/kernel.ts";
import { withinPatience } from "../kernels/within-patience.ts";
import { DOUT } from "../mechanisms/gradient/declare.ts";
import { promiseFault } from "./promise-fault.ts";
import { thenUndo } from "./then-undo.ts";

/**
 * Saves what a backward pass needs of the forward pass, while dout holds NaN: no gradient can be computed there. A promise
 * if the kernel is waited for. Null if it saves nothing.
 */
export function savingForward(
  runnable: Runnable,
  inputs: AttentionInputs,
  { waits, patience_s }: { readonly waits: boolean; readonly patience_s: number },
): (() => Promise<void> | null) | null {
  if (runnable.save === undefined) return null;
  const dout = tensorNamed(inputs, DOUT);
  const shown = new Float32Array(dout.length);
  const whileHidden = <T>(act: () => T): T => {
    shown.set(dout);
    dout.fill(Number.NaN);
    return thenUndo(act, () => dout.set(shown));
  };
  if (!waits) {
    return () =>
      whileHidden(() => {
        const promised = promiseFault(runnable.save?.());
        if (promised === null) return null;
        throw new FailureError(`verification: save ${promised}; it is waited for only if calls are`);
      });
  }
  return () =>
    whileHidden(async () => {
      // A device is given the numbers once for each of the two, of which dout is not the first one's.
      if (runnable.load !== undefined) await withinPatience("load", patience_s, () => runnable.load?.());
      await withinPatience("save", patience_s, () => runnable.save?.());
    });
}

/** Bytes of what a kernel keeps of a forward pass. */
export function savedBytes(runnable: Runnable): number {
  return savedArrays(runnable).reduce((sum, { byteLength }) => sum + byteLength, 0);
}

/** The arrays in which it keeps that; throws a FailureError if they are none. */
export function savedArrays(runnable: Runnable): readonly SavedArray[] {
  const told: unknown = runnable.saved?.() ?? [];
  if (Array.isArray(told) && told.every((one) => ArrayBuffer.isView(one) && !(one instanceof DataView))) {
    return told;
  }
  throw new FailureError("verification: saved() must return typed arrays in a list");
}
