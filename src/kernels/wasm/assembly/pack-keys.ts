import { Call, HeadScore } from "./call";
import { dotRows } from "./dot-rows";
import { PANEL_KEYS, QUERY_ROW } from "./generated/layout";
import { Lane } from "./lane";
import { packListed, packPanels, tokenAt } from "./pack";
import { powersOfPanel } from "./powers";
import { turnRow } from "./turn";

/**
 * Packs the keys of `count` entries of a list from `first` on as `packPanels` does, turned if the call turns them, as its scores
 * read them.
 */
export function packKeys(call: usize, lane: usize, list: usize, first: i32, count: i32, to: usize): void {
  const splits = Call.splits(call);
  const powers = Call.takesPowers(call);
  if (Call.turns(call) == 0 && !splits && !powers) {
    packAsTheyAre(call, list, first, count, to);
    return;
  }
  const d = Call.d(call);
  const panelBytes: usize = <usize>(Call.channels(call) * PANEL_KEYS) << 2;
  for (let at = 0; at < count; at += PANEL_KEYS) {
    const here = min(PANEL_KEYS, count - at);
    if (splits) splitPanel(call, lane, list, first + at, here, to);
    else if (Call.turns(call) == 0) packAsTheyAre(call, list, first + at, here, to);
    else {
      turnKeys(call, lane, list, first + at, here);
      packPanels(Lane.turned(lane), QUERY_ROW, here, d, Call.factor(call), to);
    }
    // The powers are behind the keys.
    if (powers) powersOfPanel(to, d, HeadScore.limit(Call.score(call)), to + (<usize>(d * PANEL_KEYS) << 2));
    to += panelBytes;
  }
}

function packAsTheyAre(call: usize, list: usize, first: i32, count: i32, to: usize): void {
  const d = Call.d(call);
  const rowBytes: usize = <usize>d << 2;
  if (list == 0) packPanels(Call.k(call) + <usize>first * rowBytes, rowBytes, count, d, Call.factor(call), to);
  else packListed(list + (<usize>first << 2), Call.k(call), count, d, Call.factor(call), to);
}

/** Turns the keys of a panel into the lane. */
function turnKeys(call: usize, lane: usize, list: usize, first: i32, count: i32): void {
  const rowBytes: usize = <usize>Call.d(call) << 2;
  for (let key = 0, to = Lane.turned(lane); key < count; key++, to += QUERY_ROW) {
    const token = tokenAt(list, first + key);
    turnRow(call, Call.k(call) + token * rowBytes, <i32>token, to);
  }
}

/** Of a panel of keys, the product of each with the vector of a split score. */
function splitPanel(call: usize, lane: usize, list: usize, first: i32, count: i32, to: usize): void {
  const d = Call.d(call);
  const rowBytes: usize = <usize>d << 2;
  const vector = HeadScore.second(Call.score(call), d);
  memory.fill(to, 0, PANEL_KEYS << 2);
  if (Call.turns(call) != 0) {
    turnKeys(call, lane, list, first, count);
    dotRows(Lane.turned(lane), QUERY_ROW, count, vector, d, to, 4);
    return;
  }
  for (let key = 0; key < count; key++) {
    dotRows(Call.k(call) + tokenAt(list, first + key) * rowBytes, 0, 1, vector, d, to + (<usize>key << 2), 4);
  }
}
