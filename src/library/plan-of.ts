import type { InputSource } from "../core/tensors.ts";
import { nameOfPlugin } from "../plugins/plugin-exports.ts";
import type { Plan } from "../record/schema/result-lines.ts";
import { chosenKernels, type KernelCatalogue, pluginsWith } from "./kernel-choice.ts";
import { planWith, type TypedChoices } from "./plan-options.ts";

/** Makes the requested plan, over full attention unless a baseline is named. */
export function planOf(
  options: TypedChoices,
  catalogue: KernelCatalogue,
  source: InputSource,
  baseline?: string,
): Plan {
  const chosen = {
    kernels: () => chosenKernels(options, catalogue),
    plugins: () => pluginsWith(options).map(nameOfPlugin),
  };
  return planWith(options, catalogue, source, chosen, baseline);
}
