import { printable, UsageError, unknownName } from "../core/errors.ts";
import type { Kernel } from "../kernels/kernel.ts";
import type { Catalogue } from "../plugins/load-plugin.ts";

/**
 * Which kernels cannot run here, one line each: those used in their place are slower. Those that are written for other
 * machines than this one go without saying, and so do those that `auto` does not take.
 */
export function unavailableKernels({ kernels }: Pick<Catalogue, "kernels">): readonly string[] {
  return kernels.flatMap(({ id, unavailable, unsuited, onDemand }) => {
    const why = unavailable?.() ?? null;
    if (why === null || unsuited?.() === true || onDemand === true) return [];
    return [`kernel ${id} cannot run here, ${printable(why, 500)}`];
  });
}

/** The kernel of this id. Refuses an unknown one and lists the known ones. */
export function findKernel({ kernels }: Catalogue, id: string): Kernel {
  const found = kernels.find((kernel) => kernel.id === id);
  if (found !== undefined) return found;
  const { message } = unknownName("kernel", id, ["auto", ...kernels.map((kernel) => kernel.id)]);
  throw new UsageError(
    `${message}; attnbench peers lists those of other libraries, and exec:"…" is a program`,
  );
}
