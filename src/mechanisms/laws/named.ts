import { causalPrefix } from "./causal-prefix.ts";
import { constantValues } from "./constant-values.ts";
import { deterministic } from "./deterministic.ts";
import { forbiddenKeys } from "./forbidden-keys.ts";
import { independentHeads } from "./independent-heads.ts";
import { saturation } from "./saturation.ts";

/** The laws that a kind of its own may claim, by name. */
export const LAWS = {
  /** The same call twice gives the same bits. */
  deterministic,
  /** Causal: what comes after a row does not change its bits. */
  "forbidden-keys": forbiddenKeys,
  /** Batch entries and heads do not see one another. */
  "independent-heads": independentHeads,
  /** The weights of a row sum to 1. */
  "constant-values": constantValues,
  /** A causal row is the same in a longer sequence. */
  "causal-prefix": causalPrefix,
  /** Each parameter at its `fullAt` equals full attention. */
  saturation,
} as const;

export type LawName = keyof typeof LAWS;
