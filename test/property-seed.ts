import fc from "fast-check";

/**
 * The same examples on every run, so that a red test is about the change at hand. `PROPERTY_SEED=$RANDOM npm test` looks
 * elsewhere, and a failure prints the seed that found it.
 */
fc.configureGlobal({ seed: Number(process.env.PROPERTY_SEED ?? 1) });
