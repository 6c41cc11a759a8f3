import { Call } from "./call";
import { PANEL_KEYS, PANEL_QUERIES } from "./generated/layout";
import { scoresTile } from "./generated/micro";
import { Lane } from "./lane";
import { Routed, unitsOf } from "./routed";
import { takeLargest } from "./take-largest";

/** The nearest tokens of centres `from … to-1`, as many as the lane has room for: their queries, or with all centres added to them their keys. */
export function takeTokens(call: usize, lane: usize, from: i32, to: i32): void {
  const routed = Call.routed(call);
  const d = Call.d(call);
  const length = Call.length(call);
  const clusters = Routed.clusters(routed);
  const ofKeys = from >= clusters;
  const centre = ofKeys ? from - clusters : from;
  const panelBytes: usize = <usize>(d * PANEL_KEYS) << 2;
  const padded: usize = <usize>((length + PANEL_KEYS - 1) / PANEL_KEYS * PANEL_KEYS) << 2;
  let panel = unitsOf(call, ofKeys);
  for (let token: usize = 0; token < padded; token += PANEL_KEYS << 2, panel += panelBytes) {
    for (let r = 0; r < to - from; r += PANEL_QUERIES) {
      scoresTile(to - from - r, Routed.centre(routed, centre + r), panel, PANEL_KEYS << 2, Lane.rows(lane) + <usize>r * padded + token, padded, d);
    }
  }
  const window = Routed.window(routed);
  for (let r = 0; r < to - from; r++) {
    const taken = (ofKeys ? Routed.keys(routed) : Routed.queries(routed)) + (<usize>((centre + r) * window) << 2);
    takeLargest(Lane.rows(lane) + <usize>r * padded, length, window, Lane.otherRows(lane), Lane.spare(lane), taken);
  }
}

/** Which centres took each query, and each key. */
export function turnAround(call: usize): void {
  const routed = Call.routed(call);
  const length = Call.length(call);
  const window = Routed.window(routed);
  const taken = Routed.clusters(routed) * window;
  const at = Routed.takerAt(routed);
  const words = Routed.bitWords(routed);
  memory.fill(at, 0, <usize>(length + 2) << 2);
  memory.fill(Routed.keyBits(routed), 0, <usize>(length * words) << 2);
  for (let slot: usize = 0; slot < <usize>taken << 2; slot += 4) {
    const count = at + (<usize>load<u32>(Routed.queries(routed) + slot) << 2);
    store<i32>(count, load<i32>(count, 8) + 1, 8);
  }
  for (let query: usize = 0; query < <usize>length << 2; query += 4) {
    store<i32>(at + query, load<i32>(at + query, 4) + load<i32>(at + query, 8), 8);
  }
  for (let slot = 0, centre = 0, left = window; slot < taken; slot++) {
    const place = at + (<usize>load<u32>(Routed.queries(routed) + (<usize>slot << 2)) << 2);
    const own: usize = <usize>load<u32>(place, 4) << 2;
    store<i32>(place, load<i32>(place, 4) + 1, 4);
    store<i32>(Routed.takers(routed) + own, centre);
    store<i32>(Routed.slots(routed) + own, slot);
    const key = <usize>load<u32>(Routed.keys(routed) + (<usize>slot << 2));
    const word = Routed.keyBits(routed) + ((key * <usize>words + <usize>(centre >> 5)) << 2);
    store<u32>(word, load<u32>(word) | (1 << (centre & 31)));
    if (--left > 0) continue;
    left = window;
    centre++;
  }
}
