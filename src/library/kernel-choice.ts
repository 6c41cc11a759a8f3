import { UsageError } from "../core/errors.ts";
import { outsideQuotes } from "../kernels/external/command-words.ts";
import {
  checkedProgram,
  type ExternalProgram,
  namesProgram,
  programName,
} from "../kernels/external/program-spec.ts";
import type { Kernel } from "../kernels/kernel.ts";
import type { Catalogue } from "../plugins/load-plugin.ts";
import type { PluginExports } from "../plugins/plugin-exports.ts";
import { findKernel, type LoadedCatalogue } from "./catalogue.ts";

/** Kernels as they are asked for: ids, and programs that bring some. */
export type KernelChoice = string | readonly (string | ExternalProgram)[];

/** The option as a list of ids and names of programs; undefined if it was not given. Refuses an empty one. */
export function kernelEntries(option: KernelChoice | undefined): readonly string[] | undefined {
  if (option === undefined) return undefined;
  const given = typeof option === "string" ? outsideQuotes(option) : option.flatMap(entriesOf);
  const entries = given.map((entry) => entry.trim());
  if (entries.length > 0 && entries.every((entry) => entry !== "")) return [...new Set(entries)];
  throw new UsageError("--kernel: must name something, got an empty entry; omit the option");
}

function entriesOf(one: string | ExternalProgram): string[] {
  return typeof one === "string" ? outsideQuotes(one) : [programName(checkedProgram("--kernel", one))];
}

/** Plug-ins, and the programs among the kernels: they must be started before their kernels have names. */
export function pluginsWith({
  plugins = [],
  kernel,
}: {
  readonly plugins?: readonly (string | PluginExports)[] | undefined;
  readonly kernel?: KernelChoice | undefined;
}): readonly (string | PluginExports)[] {
  const programs = (kernelEntries(kernel) ?? []).filter(namesProgram);
  return [...plugins, ...programs.filter((name) => !plugins.includes(name))];
}

/** A catalogue in which kernels are chosen; what programs brought, if any were started. */
export type KernelCatalogue = Catalogue & Partial<Pick<LoadedCatalogue, "byPlugin">>;

/** The kernels chosen; `auto` if that alone was named, or nothing. Refuses what nobody brought. */
export function chosenKernels(
  entries: readonly string[] | undefined,
  catalogue: KernelCatalogue,
): "auto" | readonly Kernel[] {
  if (entries === undefined || (entries.length === 1 && entries[0] === "auto")) return "auto";
  const kernels = entries.flatMap((entry) => {
    const brought = namesProgram(entry) ? catalogue.byPlugin?.get(entry) : undefined;
    return brought ?? [findKernel(catalogue, entry)];
  });
  return [...new Set(kernels)];
}
