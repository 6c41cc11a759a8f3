import type { Variant } from "../core/variant.ts";
import type { Kernel } from "../kernels/kernel.ts";
import type { Kind } from "../mechanisms/kind.ts";

/** What a plug-in's module exports, loaded by your own program. Other exports are ignored. */
export interface PluginExports {
  /** Its name in plans and results; `a loaded plug-in` if omitted. */
  readonly name?: string;
  readonly variants?: readonly Variant[];
  readonly kernels?: readonly Kernel[];
  /** Kinds of attention, with their oracles. */
  readonly kinds?: readonly Kind[];
}

/** Its name in plans, results and messages. */
export function nameOfPlugin(plugin: string | PluginExports): string {
  return typeof plugin === "string" ? plugin : (plugin.name ?? "a loaded plug-in");
}
