import { causal } from "../../pattern/causal.ts";
import { keptKeys } from "../../pattern/kept-keys.ts";
import { lastQueries } from "../../pattern/last-queries.ts";
import type { SoftmaxPattern } from "./declare.ts";

/**
 * What decoding `length` tokens keeps of those taken in, such as "keeps 129 keys"; if heads differ, in the
 * first.
 */
export function keepsKeys({ pattern }: SoftmaxPattern, length: number): string {
  const kept = keptKeys(lastQueries(causal(pattern).bind({ length, head: 0 })));
  const most = kept.reduce((a, b) => Math.max(a, b), 0);
  // Near the end all patterns forget, since few queries are left.
  const late = Math.ceil((length * 3) / 4);
  if (kept[late] === late) return "keeps every key: a later query may attend it";
  const settled = kept.subarray(0, Math.floor(length / 2) + 1).includes(most);
  return settled ? `keeps ${most} ${most === 1 ? "key" : "keys"}` : `keeps at most ${most} of ${length} keys`;
}
