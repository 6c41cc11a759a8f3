import { extname } from "node:path";
import { FailureError, printable, UsageError } from "../core/errors.ts";
import { outsideQuotes } from "../kernels/external/command-words.ts";
import { namesPeer, peerName, peerOf, peerWith } from "../kernels/external/peers.ts";
import {
  checkedProgram,
  type ExternalProgram,
  namesProgram,
  programName,
  servedBy,
} from "../kernels/external/program-spec.ts";
import type { Kernel } from "../kernels/kernel.ts";
import type { Catalogue } from "../plugins/load-plugin.ts";
import type { PluginExports } from "../plugins/plugin-exports.ts";
import type { LoadedCatalogue } from "./catalogue.ts";
import { findKernel } from "./known-kernels.ts";

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

/** What is chosen of kernels, and what brings them. */
interface Brought {
  readonly plugins?: readonly (string | PluginExports)[] | undefined;
  readonly kernel?: KernelChoice | undefined;
  /** The Python by which peers and files in Python run; ATTNBENCH_PYTHON, or the one on the path, if omitted. */
  readonly python?: string | undefined;
}

/**
 * Plug-ins, and the programs among the kernels, and the peers that bring those that are named by their ids: they must be
 * started before their kernels have names.
 */
export function pluginsWith({ plugins = [], kernel, python }: Brought): readonly (string | PluginExports)[] {
  // What is no list is refused where plug-ins are loaded, and not read letter by letter.
  if (!Array.isArray(plugins)) return plugins;
  const named = (kernelEntries(kernel) ?? []).flatMap((entry) => programsFor(entry, python));
  const own = plugins.map((one) => (typeof one === "string" ? byPython(one, python) : one));
  return [...new Set([...own, ...named])];
}

/** The programs that an entry needs. */
function programsFor(entry: string, python: string | undefined): string[] {
  if (namesProgram(entry)) return [byPython(entry, python)];
  const peer = peerWith(entry);
  return peer === undefined ? [] : [peerName(peer, python)];
}

/** The name of a program that runs by this Python, if it is a peer without one or a file in Python. */
function byPython(name: string, python: string | undefined): string {
  if (python === undefined || !namesProgram(name)) return name;
  if (namesPeer(name)) return name.includes("@") ? name : peerName(peerOf(name), python);
  return extname(name) === ".py" && !name.startsWith("exec:")
    ? programName({ command: servedBy(python, name) })
    : name;
}

/** The peers of a run that was recorded, by the Python of now: a file does not say what is started. */
export function peersAgain(recorded: readonly string[], python: string | undefined): readonly string[] {
  return [...new Set(recorded.filter(namesPeer).map((name) => peerName(peerOf(name), python)))];
}

/** A catalogue in which kernels are chosen; what programs brought, if any were started. */
export type KernelCatalogue = Catalogue & Partial<Pick<LoadedCatalogue, "byPlugin">>;

/**
 * The kernels chosen; `auto` if that alone was named, or nothing. Refuses what nobody brought, and a plug-in's kernel that
 * cannot run here: attnbench's own have the same names on every machine, and are skipped with the reason.
 */
export function chosenKernels(
  { kernel, python }: Pick<Brought, "kernel" | "python">,
  catalogue: KernelCatalogue,
): "auto" | readonly Kernel[] {
  const entries = kernelEntries(kernel);
  if (entries === undefined || (entries.length === 1 && entries[0] === "auto")) return "auto";
  if (entries.includes("auto")) {
    throw new UsageError("--kernel: auto must stand alone, got others with it; name all of those to compare");
  }
  const kernels = entries.flatMap((entry) => {
    const brought = namesProgram(entry) ? catalogue.byPlugin?.get(byPython(entry, python)) : undefined;
    return brought ?? [findKernel(catalogue, entry)];
  });
  for (const kernel of kernels) refuseUnavailable(kernel, catalogue);
  return [...new Set(kernels)];
}

function refuseUnavailable(kernel: Kernel, { byPlugin = new Map() }: KernelCatalogue): void {
  const why = kernel.unavailable?.() ?? null;
  if (why === null || ![...byPlugin.values()].some((brought) => brought.includes(kernel))) return;
  throw new FailureError(`--kernel ${kernel.id}: ${printable(why, 500)}`);
}
