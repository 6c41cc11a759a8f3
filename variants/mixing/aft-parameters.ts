import { int, real } from "../../src/core/parameters.ts";

/** The parameters of position biases, with the window that is usual. */
export function aftParameters(window: number) {
  return {
    rank: int(64, { least: 1, unit: "columns", meaning: "of the two tables of positions", probe: 3 }),
    scale: real(0.01, { unit: "deviation", meaning: "of the numbers in them", probe: 1 }),
    window: int(window, {
      unit: "tokens",
      meaning: "a bias only at distances below it; 0 at all distances",
      probe: window === 0 ? 0 : 5,
    }),
    seed: int(0, { unit: "seed", meaning: "which numbers are drawn" }),
  };
}
