import { FailureError, messageOf, textOf } from "../core/errors.ts";
import type { Kernel } from "./kernel.ts";
import { PATIENCE_S, withinPatience } from "./within-patience.ts";

/**
 * Opens every kernel that asks for it, one after the other. One that cannot run here stays in its place, and
 * says why to every request.
 */
export async function openKernels<K extends Kernel>(
  kernels: readonly K[],
  patience_s = PATIENCE_S,
): Promise<readonly (K | Kernel)[]> {
  const opened: (K | Kernel)[] = [];
  for (const kernel of kernels) {
    const answer = await answerOf(kernel, patience_s);
    opened.push(answer === true ? kernel : closed(kernel, answer));
  }
  return opened;
}

/** The same for those that are opened on demand: only those that are named, and others say that they must be. */
export async function openOnDemand(kernels: readonly Kernel[], named: Named): Promise<readonly Kernel[]> {
  const isNamed = ({ id }: Kernel) => named === "all" || named.includes(id);
  const opened = await openKernels(kernels.filter(isNamed));
  return kernels.map((kernel) => {
    const one = opened.find(({ id }) => id === kernel.id);
    return one ?? closed(kernel, `it is opened only where it is named; ask for --kernel ${kernel.id}`);
  });
}

/** Ids of kernels, or all that there are. */
export type Named = readonly string[] | "all";

async function answerOf(kernel: Kernel, patience_s: number): Promise<true | string> {
  if (kernel.open === undefined) return true;
  try {
    const answer: unknown = await withinPatience("open", patience_s, () => kernel.open?.());
    if (answer === true || (typeof answer === "string" && answer.trim() !== "")) return answer;
    return `open must answer true or why not, got ${answer === "" ? "no reason" : textOf(answer)}`;
  } catch (thrown) {
    return thrown instanceof FailureError ? thrown.message : `open threw ${messageOf(thrown)}`;
  }
}

function closed({ id, title, decode, onDemand }: Kernel, why: string): Kernel {
  const supports = () => why;
  const prepare = () => {
    throw new FailureError(`kernel ${id} cannot run here, ${why}`);
  };
  return {
    id,
    title,
    unavailable: () => why,
    supports,
    prepare,
    ...(decode !== undefined && { decode: { supports, prepare } }),
    ...(onDemand !== undefined && { onDemand }),
  };
}
