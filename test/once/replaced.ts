import { join, resolve } from "node:path";

const root = resolve(import.meta.dirname, "../..");

/**
 * What the machine reaches and what the code of this checkout is are found out once in a process of tests, and not by each
 * of its runs, most of whose processor time that was: these modules stand in the place of ours for whatever in `src` imports
 * them. Tests that import a module itself get it.
 */
const replaced: ReadonlyMap<string, string> = new Map(
  (
    [
      ["src/kernels/wasm/limits.ts", "wasm-limits.ts"],
      ["src/kernels/native/limits/index.ts", "native-limits.ts"],
      ["src/identity/own-code.ts", "own-code.ts"],
      ["src/identity/checkout.ts", "checkout.ts"],
    ] as const
  ).map(([module, once]) => [join(root, module), join(import.meta.dirname, once)]),
);

/** The file to load where `importer` imports the file `found`; null if it is that itself. */
export function inPlaceOf(found: string, importer: string | undefined): string | null {
  if (importer?.startsWith(join(root, "src/")) !== true) return null;
  return replaced.get(found) ?? null;
}
