import { real } from "../../src/core/parameters.ts";

/** What feature maps add to the sum that they divide by. */
export const EPS = real(1e-6, { unit: "added to the normaliser", meaning: "keeps the division finite" });
