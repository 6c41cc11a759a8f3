import { shapeOf } from "../core/shape.ts";
import { parameterize } from "../core/variant.ts";
import { supportsMode } from "../kernels/supports-mode.ts";
import type { Catalogue } from "../plugins/load-plugin.ts";
import { modeOf, taskOfCase } from "../record/schema/case-task.ts";
import type { Plan } from "../record/schema/result-lines.ts";

/**
 * What to know where `auto` took another kernel than the usual because of the shape alone: that variant is
 * compared with others by another kernel. A line for each variant.
 */
export function otherKernels({ cases }: Plan, { variants, kernels, kinds }: Catalogue): string[] {
  const supplements = new Set(kernels.filter(({ supplement }) => supplement === true).map(({ id }) => id));
  const first = kernels.find(({ id }) => !supplements.has(id)) ?? kernels[0];
  const told = new Map<string, string>();
  for (const one of cases) {
    const variant = variants.find(({ id }) => id === one.variant);
    if (
      variant === undefined ||
      one.kernel === first.id ||
      supplements.has(one.kernel) ||
      told.has(one.variant)
    )
      continue;
    const { mechanism } = kinds.under(parameterize(variant, one.params), one);
    const task = taskOfCase(one, mechanism);
    const { batch, heads, length, headDim } = task.shape;
    const usual = { ...task, shape: shapeOf({ batch, heads, length, headDim }) };
    const why = supportsMode(first, task, modeOf(one));
    if (why === true || supportsMode(first, usual, modeOf(one)) !== true) continue;
    told.set(one.variant, `${one.variant} runs by ${one.kernel}, not by ${first.id}: ${why}`);
  }
  return [...told.values()];
}
