import { causalPrefix } from "./causal-prefix.ts";
import { constantValues } from "./constant-values.ts";
import { deterministic } from "./deterministic.ts";
import { forbiddenKeys } from "./forbidden-keys.ts";
import { independentHeads } from "./independent-heads.ts";
import type { Law } from "./law.ts";
import { pairCount } from "./pair-count.ts";
import { saturation } from "./saturation.ts";

/** The laws that `check` holds every variant to, with every kernel. */
export const laws: readonly Law[] = [
  pairCount,
  deterministic,
  forbiddenKeys,
  independentHeads,
  constantValues,
  causalPrefix,
  saturation,
];
