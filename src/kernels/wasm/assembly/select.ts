import { attendChosen } from "./attend-blocks";
import { attendKeys } from "./attend-keys";
import { Call } from "./call";
import { chooseRows } from "./choose";
import { allFinite } from "./finite";
import { ITEM_BYTES, RULE_topK, SELECTION_ITEM_attend, SELECTION_ITEM_choose, SELECTION_ITEM_pack, SELECTION_ITEM_summarise } from "./generated/layout";
import { packKeys } from "./pack-keys";
import { countFloats, countFlops } from "./select-count";
import { Selection } from "./select-words";
import { summariseBlocks } from "./summarise";

/**
 * Attention to what a rule chooses: the items `from … to` of one head, which threads share out. Keys are packed and blocks summarised;
 * then rows choose; then they attend what they chose.
 */
export function runSelectionItems(call: usize, lane: usize, from: usize, to: usize): void {
  for (let item = from; item < to; item += ITEM_BYTES) {
    const kind = load<i32>(item, 0);
    const first = load<i32>(item, 4);
    const last = load<i32>(item, 8);
    if (kind == SELECTION_ITEM_pack) packItem(call, lane, first, last);
    else if (kind == SELECTION_ITEM_summarise) summariseBlocks(call, lane, first, last);
    else if (kind == SELECTION_ITEM_choose) chooseRows(call, lane, first, last);
    else if (kind == SELECTION_ITEM_attend) {
      if (Selection.rule(call) == RULE_topK) attendKeys(call, lane, first, last);
      else attendChosen(call, lane, first, last);
    }
  }
}

/** Packs keys `from … to-1`, and looks whether their values are finite. */
function packItem(call: usize, lane: usize, from: i32, to: i32): void {
  packKeys(call, lane, 0, from, to - from, Call.keys(call) + <usize>from * (<usize>Call.channels(call) << 2));
  const valueDim = Call.valueDim(call);
  countFloats(lane, (to - from) * (Call.d(call) + valueDim));
  countFlops(lane, <f64>(to - from) * <f64>Call.d(call));
  const values = Call.v(call) + <usize>from * (<usize>valueDim << 2);
  if (!allFinite(values, (to - from) * valueDim)) Call.clearFinite(call);
}
