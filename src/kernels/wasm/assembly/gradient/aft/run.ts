import { Call } from "../../call";
import {
  AFT_BACK_ITEM_far, AFT_BACK_ITEM_finish, AFT_BACK_ITEM_give, AFT_BACK_ITEM_join, AFT_BACK_ITEM_keys, AFT_BACK_ITEM_largest, AFT_BACK_ITEM_rows,
  AFT_BACK_ITEM_scan, AFT_BACK_ITEM_scanOn, AFT_BACK_ITEM_sum, ITEM_BYTES,
} from "../../generated/layout";
import { addRowsApart } from "./apart";
import { addFarRows } from "./far";
import { giveKeys, joinRows, scanBack, scanBackOn, sumBack, sumRows } from "./scan";
import { finishKeys, largestKeys, openKeys, openRows } from "./tokens";

/** The gradient of an attention-free transformer of one head, around the tiles that biases take: the items `from … to`, which threads share out. */
export function runAftGradientItems(call: usize, lane: usize, from: usize, to: usize): void {
  for (let item = from; item < to; item += ITEM_BYTES) {
    const kind = load<i32>(item, 0);
    const first = load<i32>(item, 4);
    const end = load<i32>(item, 8);
    if (kind == AFT_BACK_ITEM_largest) largestKeys(call, first, end);
    else if (kind == AFT_BACK_ITEM_keys) openKeys(call, first, end);
    else if (kind == AFT_BACK_ITEM_rows) openRows(call, first, end);
    else if (kind == AFT_BACK_ITEM_far) addFarRows(call, first, end);
    else if (kind == AFT_BACK_ITEM_finish) finishKeys(call, first, end);
    else if (kind == AFT_BACK_ITEM_sum && Call.causal(call)) sumBack(call, lane, first);
    else if (kind == AFT_BACK_ITEM_sum) sumRows(call, first);
    else if (kind == AFT_BACK_ITEM_join) joinRows(call, lane);
    else if (kind == AFT_BACK_ITEM_scan) scanBack(call, lane, first);
    else if (kind == AFT_BACK_ITEM_scanOn) scanBackOn(call, lane, first);
    else if (kind == AFT_BACK_ITEM_give) giveKeys(call, first);
    else addRowsApart(call);
  }
}
