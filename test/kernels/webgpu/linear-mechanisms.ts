import type { Mechanism } from "../../../src/core/mechanism.ts";
import type { Parameters, ValuesOf } from "../../../src/core/parameters.ts";
import { findVariant, parameterize } from "../../../src/core/variant.ts";
import { variants } from "../../../variants/index.ts";

/** A mechanism by the id of its variant. */
export function mechanismOf(id: string, params: ValuesOf<Parameters> = {}): Mechanism {
  return parameterize(findVariant(variants, id), params).mechanism;
}
