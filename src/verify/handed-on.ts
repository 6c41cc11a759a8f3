import type { Runnable, SavedArray } from "../kernels/kernel.ts";
import type { Called } from "./called.ts";
import { whileAllTurned } from "./changed-inputs.ts";
import type { Expectation } from "./expectation.ts";
import { savedArrays } from "./saving-forward.ts";

/**
 * Saves on the numbers as they stand, copies what the kernel says it keeps, saves on others, puts the copies back, and
 * calls: what `run` was handed in any other way is of the other numbers. Null, or what is wrong.
 */
export async function wronglyHandedOn(
  { problem, output, choice, save, run, whole, fetch }: Called,
  runnable: Runnable,
  expected: Expectation,
): Promise<string | null> {
  if (save === null) return null;
  await save();
  const kept = savedArrays(runnable);
  const copies = kept.map((array) => bytesOf(array).slice());
  await whileAllTurned(problem, async () => {
    const pending = whole();
    if (pending !== null) await pending;
  });
  await whileAllTurned(problem, async () => {
    await save();
  });
  const again = savedArrays(runnable);
  const isSame = again.length === kept.length && kept.every((array, at) => isView(array, again[at]));
  if (!isSame) return "saved() must return the same arrays every time, got others after another save";
  for (const [at, array] of kept.entries()) bytesOf(array).set(copies[at]);
  output.fill(Number.NaN);
  await runnable.load?.();
  run();
  await runnable.finish?.();
  await fetch();
  const { failure } = expected.compare(output, choice());
  if (failure === null) return null;
  return `with what was saved put back after another save, ${failure}; whatever run needs of the forward pass must be in the arrays of saved()`;
}

function bytesOf({ buffer, byteOffset, byteLength }: SavedArray): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

function isView(one: SavedArray, other: SavedArray): boolean {
  return (
    one.buffer === other.buffer && one.byteOffset === other.byteOffset && one.byteLength === other.byteLength
  );
}
