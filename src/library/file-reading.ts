import { UsageError } from "../core/errors.ts";
import { parameterize } from "../core/variant.ts";
import type { FileReading } from "../input/captured.ts";
import { takesTokens } from "../mechanisms/call-inputs.ts";
import type { Catalogue } from "../plugins/load-plugin.ts";
import type { Plan } from "../record/schema/result-lines.ts";
import { chosenOf, type TypedChoices } from "./plan-options.ts";

/** How a file of tensors is read: as whole tokens where layers are measured, also one that is a variant by itself. */
export function readingOf(options: TypedChoices, catalogue: Catalogue): FileReading {
  if (options.layer === true) return { tokens: true };
  const chosen = chosenOf(options, catalogue);
  return { tokens: chosen.some((one) => isLayer(catalogue, one.variant.id, one.overrides)) };
}

/** The same for a plan that was made before. */
export function readingOfPlan({ cases }: Pick<Plan, "cases">, catalogue: Catalogue): FileReading {
  return {
    tokens: cases.some((one) => one.model_dim !== undefined || isLayer(catalogue, one.variant, one.params)),
  };
}

/** False where there is no such variant, or none with these parameters, which is refused elsewhere. */
function isLayer(
  { variants, kinds }: Catalogue,
  id: string,
  params: Parameters<typeof parameterize>[1],
): boolean {
  const variant = variants.find((one) => one.id === id);
  if (variant === undefined) return false;
  try {
    return takesTokens(kinds.judged(parameterize(variant, params)));
  } catch (thrown) {
    if (thrown instanceof UsageError) return false;
    throw thrown;
  }
}
