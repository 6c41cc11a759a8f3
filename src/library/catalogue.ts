import { variants as builtInVariants } from "../../variants/index.ts";
import { FailureError, printable, textOf, UsageError } from "../core/errors.ts";
import { builtInKernels, kernelsOnDemand, type Simd } from "../kernels/index.ts";
import type { Kernel } from "../kernels/kernel.ts";
import { type Named, openKernels, openOnDemand } from "../kernels/open-kernels.ts";
import type { Kind } from "../mechanisms/kind.ts";
import { kindsOf } from "../mechanisms/kinds.ts";
import type { PluginCode } from "../plugins/import-plugin.ts";
import { type Catalogue, loadedPlugin, loadPlugin } from "../plugins/load-plugin.ts";
import { nameOfPlugin, type PluginExports } from "../plugins/plugin-exports.ts";
import { refuseTaken } from "../plugins/refuse-taken.ts";
import { replacedFault } from "../verify/globals.ts";
import { unavailableKernels } from "./known-kernels.ts";

/** A catalogue, and which plug-in code is in it. */
export interface LoadedCatalogue extends Catalogue {
  readonly plugins: readonly PluginCode[];
  /** The kernels of each plug-in, by its name. */
  readonly byPlugin: ReadonlyMap<string, readonly Kernel[]>;
  /** Ends what was opened: devices, and programs that were started. */
  close(): Promise<void>;
}

/**
 * The built-in variants and kernels, with the requested build of WebAssembly, then those of the plug-ins. Kernels that
 * are opened on demand are if they are `named`.
 */
export async function loadCatalogue(
  plugins: readonly (string | PluginExports)[],
  simd: Simd,
  named: Named = [],
): Promise<LoadedCatalogue> {
  if (!Array.isArray(plugins)) {
    throw new UsageError(
      `--plugin: must be an array of names or of loaded modules, got ${printable(textOf(plugins), 60)}`,
    );
  }
  const variants = [...builtInVariants];
  const kernels: Kernel[] = [
    ...(await openKernels(builtInKernels(simd))),
    ...(await openOnDemand(kernelsOnDemand(), named)),
  ];
  const [why] = simd === "auto" ? [] : unavailableKernels({ kernels: kernels.filter(isWasm) });
  if (why !== undefined)
    throw new UsageError(`--simd ${simd}: ${why}; omit it, and auto takes another kernel`);
  const kinds: Kind[] = [];
  const codes: PluginCode[] = [];
  const byPlugin = new Map<string, readonly Kernel[]>();
  const programs: (() => Promise<void>)[] = [];
  const close = async () => {
    await Promise.all(
      [...programs, ...kernels.flatMap((one) => one.close?.bind(one) ?? [])].map((end) => end()),
    );
  };
  try {
    for (const plugin of plugins) {
      const path = nameOfPlugin(plugin);
      const brought = typeof plugin === "string" ? await loadPlugin(plugin) : await loadedPlugin(plugin);
      if (brought.close !== undefined) programs.push(brought.close);
      const replaced = replacedFault();
      if (replaced !== null) throw new FailureError(`plug-in ${printable(path)}: ${replaced}`);
      refuseTaken(path, { variants, kernels, kinds }, brought);
      variants.push(...brought.variants);
      kernels.push(...brought.kernels);
      kinds.push(...brought.kinds);
      codes.push(brought.code);
      byPlugin.set(path, brought.kernels);
    }
    return { variants, kernels, kinds: kindsOf(kinds), plugins: codes, byPlugin, close };
  } catch (thrown) {
    await close();
    throw thrown;
  }
}

/** The family whose builds `--simd` names. */
function isWasm({ id }: Kernel): boolean {
  return id === "wasm";
}
