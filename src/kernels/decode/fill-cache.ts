import { type Layout, layoutOf, offsetIn } from "../../core/shape.ts";
import type { AttentionInputs } from "../../core/tensors.ts";
import type { DecodeSchedule } from "./compile-decode.ts";

/** Floats of a row of the cache: whole pairs of vectors. */
export function rowFloats(dim: number): number {
  return Math.ceil(dim / 8) * 8;
}

/** Keys and values that are kept of one head of k and v of one batch entry, in rows of whole vectors. */
export interface Cache {
  readonly entry: number;
  readonly kvHead: number;
  readonly schedule: DecodeSchedule;
  readonly keys: Float32Array;
  readonly values: Float32Array;
  /** Turns `count` keys from a slot on, those of `token` and the following ones; omitted if none are turned. */
  turn?(slot: number, count: number, token: number): void;
}

/** Puts tokens `from … to - 1` into their slots: those that a query from `to` on attends. */
export function fillCache(cache: Cache, { shape, k, v }: AttentionInputs, from: number, to: number): void {
  const { entry, kvHead, schedule, keys, values } = cache;
  const { slotOf, lastQuery } = schedule;
  const copies = [
    copyInto(keys, k, layoutOf(shape, "k"), entry, kvHead),
    copyInto(values, v, layoutOf(shape, "v"), entry, kvHead),
  ];
  const padded = copies.some(({ pads }) => pads);
  for (let token = from; token < to; ) {
    if (lastQuery[token] < to) {
      token++;
      continue;
    }
    const slot = slotOf[token];
    let end = token + 1;
    // Rows without padding that follow one another are copied together.
    if (!padded) {
      while (end < to && lastQuery[end] >= to && slotOf[end] === slot + end - token) end++;
    }
    for (const { copy } of copies) copy(token, end, slot);
    cache.turn?.(slot, end - token, token);
    token = end;
  }
}

/** Copies rows `from … to - 1` of one head of a tensor into slots of a cache. */
function copyInto(cache: Float32Array, tensor: Float32Array, layout: Layout, entry: number, head: number) {
  const start = offsetIn(layout, entry, head, 0);
  const { width } = layout;
  const floats = rowFloats(width);
  return {
    pads: floats !== width,
    copy(from: number, to: number, slot: number): void {
      const size = (to - from) * width;
      cache.set(tensor.subarray(start + from * width, start + to * width), slot * floats);
      cache.fill(0, slot * floats + size, (slot + to - from) * floats);
    },
  };
}
