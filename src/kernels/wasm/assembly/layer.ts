import { ITEM_BYTES, LAYER_carry, LAYER_multiply, LAYER_pack } from "./generated/layout";
import { poolKeys } from "./pool";
import { carryRows, multiplyTile, packStrip } from "./project";

/**
 * What a layer does around its heads: the items `from … to`, which threads share out. Each has the address of what it is part of,
 * and its number within that.
 */
export function runLayerItems(_call: usize, lane: usize, from: usize, to: usize): void {
  for (let item = from; item < to; item += ITEM_BYTES) {
    const kind = load<i32>(item, 0);
    const place: usize = load<u32>(item, 4);
    const unit = load<i32>(item, 8);
    if (kind == LAYER_multiply) multiplyTile(place, lane, unit);
    else if (kind == LAYER_pack) packStrip(place, unit);
    else if (kind == LAYER_carry) carryRows(place, lane, unit);
    else poolKeys(place, unit);
  }
}
