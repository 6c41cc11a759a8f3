import { int } from "../../src/core/parameters.ts";
import { FORM_DEFAULTS } from "../../src/pairwise/forms.ts";

/** Which weights a layer has that is given none. */
export const seed = int(FORM_DEFAULTS.seed, { unit: "seed", meaning: "which weights are drawn" });
