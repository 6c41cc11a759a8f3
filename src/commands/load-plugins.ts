import { existsSync } from "node:fs";
import { registerHooks } from "node:module";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { variants as builtInVariants } from "../../variants/index.ts";
import { FailureError, messageOf, printable, UsageError, unknownName } from "../core/errors.ts";
import type { Variant } from "../core/variant.ts";
import { kernels as builtInKernels } from "../kernels/index.ts";
import type { Kernel } from "../kernels/kernel.ts";

/** Everything that can be run: built in, and brought by plug-ins. */
export interface Catalogue {
  readonly variants: readonly Variant[];
  readonly kernels: readonly Kernel[];
}

/** The built-in variants and kernels with those of the plug-ins after them. */
export async function loadCatalogue(plugins: readonly string[]): Promise<Catalogue> {
  const variants = [...builtInVariants];
  const kernels = [...builtInKernels];
  for (const path of plugins) {
    const brought = await loadPlugin(path);
    for (const variant of brought.variants) {
      for (const name of [variant.id, ...variant.aliases])
        refuseTaken(path, "variant", name, names(variants));
      variants.push(variant);
    }
    for (const kernel of brought.kernels) {
      refuseTaken(path, "kernel", kernel.id, ["auto", ...kernels.map(({ id }) => id)]);
      kernels.push(kernel);
    }
  }
  return { variants, kernels };
}

/** The kernel of this id. Refuses an unknown one and lists the known. */
export function findKernel({ kernels }: Catalogue, id: string): Kernel {
  const found = kernels.find((kernel) => kernel.id === id);
  if (found === undefined) throw unknownName("kernel", id, ["auto", ...kernels.map((kernel) => kernel.id)]);
  return found;
}

async function loadPlugin(path: string): Promise<Catalogue> {
  const where = `plug-in ${printable(path)}`;
  const file = resolve(path);
  if (!existsSync(file)) throw new UsageError(`${where}: there is no such file`);
  const exported = await importWithSurface(where, file);
  const variants = listOf(where, "variants", exported.variants, isVariant, "softmaxPattern or featureMap");
  const kernels = listOf(
    where,
    "kernels",
    exported.kernels,
    isKernel,
    "simpleKernel, or the Kernel interface",
  );
  if (variants.length + kernels.length === 0) {
    throw new UsageError(`${where}: must export an array 'variants' or 'kernels' that is not empty`);
  }
  return { variants, kernels };
}

/** Imports a plug-in; its `import … from "attnbench"` is this very package, wherever the plug-in lies. */
async function importWithSurface(where: string, file: string): Promise<Record<string, unknown>> {
  // Compiled, this file and the surface end in .js.
  const surface = new URL(`../index${import.meta.url.slice(-3)}`, import.meta.url).href;
  const hooks = registerHooks({
    resolve: (specifier, context, next) =>
      specifier === "attnbench" ? { url: surface, shortCircuit: true } : next(specifier, context),
  });
  try {
    return (await import(pathToFileURL(file).href)) as Record<string, unknown>;
  } catch (thrown) {
    if (thrown instanceof UsageError) throw new UsageError(`${where}: ${thrown.message}`);
    throw new FailureError(`${where}: cannot be loaded, ${messageOf(thrown)}`);
  } finally {
    hooks.deregister();
  }
}

function listOf<T>(
  where: string,
  name: string,
  value: unknown,
  is: (item: unknown) => item is T,
  maker: string,
): readonly T[] {
  if (value === undefined) return [];
  if (!Array.isArray(value))
    throw new UsageError(`${where}: '${name}' must be an array, got ${typeof value}`);
  for (const [index, item] of value.entries()) {
    if (!is(item)) throw new UsageError(`${where}: ${name}[${index}] must be made with ${maker}`);
  }
  return value;
}

function isVariant(item: unknown): item is Variant {
  const variant = item as Partial<Variant> | null;
  return (
    typeof variant === "object" &&
    variant !== null &&
    typeof variant.id === "string" &&
    Array.isArray(variant.aliases) &&
    typeof variant.mechanism === "function" &&
    typeof variant.exponent === "function"
  );
}

function isKernel(item: unknown): item is Kernel {
  const kernel = item as Partial<Kernel> | null;
  return (
    typeof kernel === "object" &&
    kernel !== null &&
    typeof kernel.id === "string" &&
    /^[a-z][a-z0-9-]*$/.test(kernel.id) &&
    typeof kernel.supports === "function" &&
    typeof kernel.prepare === "function"
  );
}

function names(variants: readonly Variant[]): string[] {
  return variants.flatMap(({ id, aliases }) => [id, ...aliases]);
}

function refuseTaken(path: string, kind: string, name: string, taken: readonly string[]): void {
  if (taken.includes(name)) {
    throw new UsageError(`plug-in ${printable(path)}: the ${kind} name '${name}' is taken; choose another`);
  }
}
