import { family } from "../../src/core/family.ts";
import { linear } from "./linear.ts";

export const featureMaps = family("feature-map", "a state takes the place of the pairs", [linear]);
