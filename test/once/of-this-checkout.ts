import { resolve } from "node:path";
import { once } from "./remembering.ts";

const here = resolve(import.meta.dirname, "../..");

/** The same, once for the folder of this checkout, which no test changes; for other folders whenever it is asked. */
export function ofThisCheckout<Rest extends readonly unknown[], Found>(
  find: (folder: string, ...rest: Rest) => Found,
): (folder: string, ...rest: Rest) => Found {
  const ofHere = once((...rest: Rest) => find(here, ...rest));
  return (folder, ...rest) => (resolve(folder) === here ? ofHere(...rest) : find(folder, ...rest));
}
