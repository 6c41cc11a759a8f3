import { printable, UsageError } from "../core/errors.ts";
import type { Kind } from "../mechanisms/kind.ts";
import type { Catalogue } from "./load-plugin.ts";

type Named = Pick<Catalogue, "variants" | "kernels"> & { readonly kinds?: readonly Kind[] };

/**
 * Refuses a plug-in that supplies an existing name: the other one of that name would be measured in its
 * place.
 */
export function refuseTaken(path: string, { variants, kernels, kinds = [] }: Named, brought: Named): void {
  const takenVariants = variants.flatMap(({ id, aliases }) => [id, ...aliases]);
  for (const { id, aliases } of brought.variants) take(path, "variant", [id, ...aliases], takenVariants);
  const takenKernels = ["auto", ...kernels.map(({ id }) => id)];
  for (const { id } of brought.kernels) take(path, "kernel", [id], takenKernels);
  const takenKinds = kinds.map(({ id }) => id);
  for (const { id } of brought.kinds ?? []) take(path, "kind", [id], takenKinds);
}

function take(path: string, kind: string, names: readonly string[], taken: string[]): void {
  for (const name of names) {
    if (!taken.includes(name)) continue;
    throw new UsageError(
      `plug-in ${printable(path)}: the ${kind} name '${printable(name)}' is taken; choose another`,
    );
  }
  taken.push(...names);
}
