import { existsSync } from "node:fs";
import { join } from "node:path";
import { codeFiles } from "./code-files.ts";
import { type CodeIdentity, identifyModules, inParts } from "./module-graph.ts";

/** Where a package keeps its sources, or what was built from them. */
const LAYOUTS = [".", "dist"] as const;

/** The folder that holds `src` and `variants` of a package; null if it has none. */
export function codeFolder(root: string): string | null {
  const layout = LAYOUTS.find((one) =>
    [".ts", ".js"].some((end) => existsSync(join(root, one, "src/kernels", `index${end}`))),
  );
  return layout === undefined ? null : join(root, layout);
}

/** Every file of `src` and `variants` in a folder, and everything they lead to. */
export function checkoutCode(folder: string): CodeIdentity {
  return identifyModules(codeFiles(folder, ["src", "variants"]), { base: folder });
}

/**
 * The same with a hash for each folder and each file in `src` and in `variants`: enough to say where code
 * differs.
 */
export function partsOfCheckout(identity: CodeIdentity): CodeIdentity {
  return inParts(identity, (name) => /^(?:src|variants)\/[^/]+/.exec(name)?.[0] ?? null);
}
