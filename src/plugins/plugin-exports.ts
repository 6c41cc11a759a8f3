import type { Variant } from "../core/variant.ts";
import type { Kernel } from "../kernels/kernel.ts";
import type { Kind } from "../mechanisms/kind.ts";

/** What a plug-in's module exports, loaded by a program of one's own. Other exports are passed over. */
export interface PluginExports {
  /** How plan and results call it; `a loaded plug-in` where left out. */
  readonly name?: string;
  readonly variants?: readonly Variant[];
  readonly kernels?: readonly Kernel[];
  /** Kinds of attention, with their oracles. */
  readonly kinds?: readonly Kind[];
}

/** How plans, results and messages call it. */
export function nameOfPlugin(plugin: string | PluginExports): string {
  return typeof plugin === "string" ? plugin : (plugin.name ?? "a loaded plug-in");
}
