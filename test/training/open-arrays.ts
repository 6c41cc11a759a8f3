import type { Arrays } from "../../src/training/arrays/arrays.ts";
import { loadArrays } from "../../src/training/arrays/load.ts";

/** The library that the tests are installed with. */
export async function openArrays(): Promise<Arrays> {
  const arrays = await loadArrays();
  if (typeof arrays === "string") throw new Error(arrays);
  return arrays;
}
