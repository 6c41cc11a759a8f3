import { hashText, randomStream } from "../../core/random.ts";
import { type SplitNull, splitNull } from "../../stats/split-null.ts";
import type { ChangeSettings } from "./settings.ts";

/** The permutations that series are compared with: the same ones whenever the settings are. */
export function permutationsOf({ seed, least }: ChangeSettings): SplitNull {
  return splitNull((length) => {
    const random = randomStream(seed, hashText("permutations"), length);
    return (bound) => random.below(bound);
  }, least);
}
