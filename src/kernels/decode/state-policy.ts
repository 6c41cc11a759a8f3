import type { Mechanism } from "../../core/variant.ts";
import { causal } from "../../pattern/causal.ts";
import { lastQueries } from "./last-queries.ts";
import { keptKeys } from "./slots.ts";

/** What decoding a sequence keeps of the tokens taken in, by the mathematics. */
export interface StatePolicy {
  /** For each position, 0 … length, the keys that must be kept there; null where no keys are. */
  readonly keptKeys: Int32Array | null;
  /** The same in words, such as "keeps 129 keys". */
  readonly text: string;
}

/** The policy of a mechanism over `length` tokens; where heads differ, that of the first. */
export function statePolicy(mechanism: Mechanism, length: number): StatePolicy {
  switch (mechanism.kind) {
    case "softmaxPattern": {
      const kept = keptKeys(lastQueries(causal(mechanism.pattern).bind({ length, head: 0 })));
      return { keptKeys: kept, text: textOf(kept) };
    }
    case "featureMap":
      return { keptKeys: null, text: "keeps d·d + d numbers and no key" };
    default:
      return mechanism satisfies never;
  }
}

function textOf(kept: Int32Array): string {
  const length = kept.length - 1;
  const most = kept.reduce((a, b) => Math.max(a, b), 0);
  // Near the end all patterns forget, since few queries are left.
  const late = Math.ceil((length * 3) / 4);
  if (kept[late] === late) return "keeps every key: a later query may attend it";
  const settled = kept.subarray(0, Math.floor(length / 2) + 1).includes(most);
  return settled ? `keeps ${most} ${most === 1 ? "key" : "keys"}` : `keeps at most ${most} of ${length} keys`;
}
