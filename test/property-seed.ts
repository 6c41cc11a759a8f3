import process from "node:process";
import fc from "fast-check";
import { drawWithin } from "./draw-within.ts";
import { all } from "./examples.ts";

/**
 * Seconds after which a property draws no further examples: what a usual machine needs for all of them, several times
 * over. On a slow or busy one a hundred properties would otherwise take hours.
 */
const MOST_S = Number(process.env.PROPERTY_SECONDS ?? (all ? 12 : 4));

/**
 * The same examples on every run, so that a red test is about the change at hand. `PROPERTY_SEED=$RANDOM npm test` looks
 * elsewhere, and a failure prints the seed that found it.
 */
fc.configureGlobal({ seed: Number(process.env.PROPERTY_SEED ?? 1) });

/** Under which a property knows that it has its limit: this module runs once a file, and several files in a process. */
const LIMITED = Symbol.for("attnbench.test.limited");
const limit = drawWithin(MOST_S);
fc.installGlobalPlugin((index, store) => {
  if (store.get(LIMITED) === true) return {};
  store.set(LIMITED, true);
  return limit(index, store);
});
