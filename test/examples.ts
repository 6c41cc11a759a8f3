import process from "node:process";

/** Whether properties draw all their examples and simulations all their runs, as in `npm run test:long`. */
export const all = process.env.EXAMPLES === "all";

/** How many runs of a simulation: `full` in `npm run test:long`, and a tenth otherwise. */
export function simulatedRuns(full: number): number {
  return all ? full : Math.ceil(full / 10);
}

/**
 * By how much the share of `runs` may miss bounds that were drawn for all of them: three standard errors of a share that is
 * to be expected to be `share`, and nothing in `npm run test:long`.
 */
export function missing(share: number, runs: number): number {
  return all ? 0 : 3 * Math.sqrt((share * (1 - share)) / runs);
}

/**
 * How many examples a dear property draws: `full` in `npm run test:long`, by a file `*.long.test.ts` that imports the
 * property's own, and a fifth otherwise.
 */
export function examples(full = 100): { readonly numRuns: number } {
  return { numRuns: all ? full : Math.max(5, Math.ceil(full / 5)) };
}
