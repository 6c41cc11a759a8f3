import { deterministic } from "../../laws/deterministic.ts";
import type { Law } from "../../laws/law.ts";
import { alongOneQuery } from "./along-one-query.ts";
import { causalDout } from "./causal-dout.ts";
import { forbiddenKeys } from "./forbidden-keys.ts";
import { independentHeads } from "./independent-heads.ts";
import { linearInDout } from "./linear-in-dout.ts";

/** The laws that hold for every gradient. */
export const gradientLaws: readonly Law[] = [
  deterministic,
  linearInDout,
  alongOneQuery,
  forbiddenKeys,
  independentHeads,
  causalDout,
];

/** Those that say which queries have a part in what. */
export const lawsOfQueries: readonly Law[] = [alongOneQuery, forbiddenKeys, causalDout];
