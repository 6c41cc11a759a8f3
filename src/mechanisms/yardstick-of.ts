import type { Traits } from "../core/traits.ts";
import type { Judged } from "./judged.ts";
import { FULL_ATTENTION, type Yardstick } from "./yardstick.ts";

/** What a mechanism's fidelity is measured against: full attention unless its kind says otherwise; null if nothing. */
export function yardstickOf({ kind, mechanism }: Judged): Yardstick | null {
  return kind.yardstick === undefined ? FULL_ATTENTION : kind.yardstick(mechanism);
}

/** What else than full attention a mechanism's fidelity is measured against, in words; null if nothing else. */
export function otherYardstick(judged: Judged): string | null {
  const text = yardstickOf(judged)?.text ?? null;
  return text === FULL_ATTENTION.text ? null : text;
}

/** How a mechanism stands to that. */
export function nearnessOf(judged: Judged): Traits["nearness"] {
  const { kind, mechanism } = judged;
  return kind.nearness?.(mechanism) ?? (yardstickOf(judged) === null ? "own" : "approximate");
}
