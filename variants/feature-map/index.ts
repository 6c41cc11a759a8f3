import type { Variant } from "../../src/core/variant.ts";
import { linear } from "./linear.ts";

/** Linear attention: queries and keys go through a feature map, and a state takes the place of the pairs. */
export const featureMaps: readonly Variant[] = [linear];
