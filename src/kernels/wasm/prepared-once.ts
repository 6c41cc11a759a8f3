import { kvHeadOf, type Shape } from "../../core/shape.ts";
import type { CallWords, Phase } from "./call.ts";
import type { Items } from "./softmax-items.ts";

/** What points a call at the part of its memory that is one head's, and the head's phases. */
export interface WrittenHead {
  readonly items: Pick<Items, "packsKeys" | "checksValues">;
  readonly words: CallWords;
  readonly phases: readonly Phase[];
}

/**
 * The heads of a batch entry in their order, each without the phase that packs keys and checks values if
 * heads before it have done so for the same head of k and v. What they have found out then remains. Packed
 * keys that are not the `same` for heads of q which share them are packed for each.
 */
export function preparedOnce(heads: readonly WrittenHead[], shape: Shape, same = true): WrittenHead[] {
  let kvHead = -1;
  let packed = false;
  let checked = false;
  return heads.map((head, index) => {
    if (kvHeadOf(shape, index) !== kvHead) {
      kvHead = kvHeadOf(shape, index);
      packed = false;
      checked = false;
    }
    const { packsKeys, checksValues } = head.items;
    const asks = packsKeys || checksValues;
    if (asks && (packed || !packsKeys) && (checked || !checksValues)) {
      return { ...head, phases: head.phases.slice(1) };
    }
    packed ||= packsKeys && same;
    checked ||= checksValues;
    return checksValues ? { ...head, words: { ...head.words, finite: 1 } } : head;
  });
}
