import process from "node:process";

/** Whether properties draw all their examples, as they do in `npm run test:long`. */
const all = process.env.EXAMPLES === "all";

/**
 * How many examples a dear property draws: `full` in `npm run test:long`, by a file `*.long.test.ts` that imports the
 * property's own, and a fifth otherwise.
 */
export function examples(full = 100): { readonly numRuns: number } {
  return { numRuns: all ? full : Math.max(5, Math.ceil(full / 5)) };
}
