import { Call } from "./call";
import { PANEL_KEYS, QUERY_ROW } from "./generated/layout";
import { Lane } from "./lane";
import { packListed, packPanels, tokenAt } from "./pack";
import { turnRow } from "./turn";

/** Packs the keys of `count` entries of a list from `first` on as `packPanels` does, turned if the call turns them. */
export function packKeys(call: usize, lane: usize, list: usize, first: i32, count: i32, to: usize): void {
  const d = Call.d(call);
  const rowBytes: usize = <usize>d << 2;
  if (Call.turns(call) == 0) {
    if (list == 0) packPanels(Call.k(call) + <usize>first * rowBytes, rowBytes, count, d, Call.factor(call), to);
    else packListed(list + (<usize>first << 2), Call.k(call), count, d, Call.factor(call), to);
    return;
  }
  const turned = Lane.turned(lane);
  for (let at = 0; at < count; at += PANEL_KEYS) {
    const here = min(PANEL_KEYS, count - at);
    for (let key = 0; key < here; key++) {
      const token = tokenAt(list, first + at + key);
      turnRow(call, Call.k(call) + token * rowBytes, <i32>token, turned + <usize>key * QUERY_ROW);
    }
    packPanels(turned, QUERY_ROW, here, d, Call.factor(call), to + <usize>at * rowBytes);
  }
}
