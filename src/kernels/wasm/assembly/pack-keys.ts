import { Call } from "./call";
import { PANEL_KEYS, QUERY_ROW } from "./generated/layout";
import { Lane } from "./lane";
import { packPanels } from "./pack";
import { turnRows } from "./turn";

/** Packs the keys of `count` tokens `first, first + step, …` as `packPanels` does, turned if the call turns them. */
export function packKeys(call: usize, lane: usize, first: i32, step: i32, count: i32, to: usize): void {
  const d = Call.d(call);
  const rowBytes: usize = <usize>d << 2;
  const row = Call.k(call) + <usize>first * rowBytes;
  const rowStep = <usize>step * rowBytes;
  if (Call.turns(call) == 0) {
    packPanels(row, rowStep, count, d, Call.factor(call), to);
    return;
  }
  const turned = Lane.turned(lane);
  for (let at = 0; at < count; at += PANEL_KEYS) {
    const here = min(PANEL_KEYS, count - at);
    turnRows(call, row + <usize>at * rowStep, rowStep, here, first + at * step, step, turned, QUERY_ROW);
    packPanels(turned, QUERY_ROW, here, d, Call.factor(call), to + <usize>at * rowBytes);
  }
}
