import { Call } from "./call";
import {
  GROUP_ITEM_assign, GROUP_ITEM_begin, GROUP_ITEM_directions, GROUP_ITEM_hash, GROUP_ITEM_join, GROUP_ITEM_measure, GROUP_ITEM_meet,
  GROUP_ITEM_move, GROUP_ITEM_rows, GROUP_ITEM_sort, GROUP_ITEM_take, GROUP_ITEM_turn, ITEM_BYTES,
} from "./generated/layout";
import { hashTokens, layDirections, sortRound } from "./hashed";
import { attendSorted } from "./hashed-rows";
import { joinRows, meetCentre } from "./routed-rows";
import { takeTokens, turnAround } from "./routed-tokens";
import { assignTokens, beginCentres, measureTokens, moveCentres } from "./spherical-means";

/** Attention within groups of tokens of one head: the items `from … to`, which threads share out. */
export function runGroupItems(call: usize, lane: usize, from: usize, to: usize): void {
  for (let item = from; item < to; item += ITEM_BYTES) runItem(call, lane, load<i32>(item, 0), load<i32>(item, 4), load<i32>(item, 8));
}

function runItem(call: usize, lane: usize, kind: i32, from: i32, to: i32): void {
  if (kind == GROUP_ITEM_directions) layDirections(call, from);
  else if (kind == GROUP_ITEM_hash) hashTokens(call, lane, from, to);
  else if (kind == GROUP_ITEM_sort) sortRound(call, from);
  else if (kind == GROUP_ITEM_rows) attendSorted(call, lane, from, to);
  else if (kind == GROUP_ITEM_measure) measureTokens(call, from, to);
  else if (kind == GROUP_ITEM_begin) beginCentres(call, from, to);
  else if (kind == GROUP_ITEM_assign) assignTokens(call, lane, from);
  else if (kind == GROUP_ITEM_move) moveCentres(call, lane, from, to);
  else if (kind == GROUP_ITEM_take) takeTokens(call, lane, from, to);
  else if (kind == GROUP_ITEM_turn) turnAround(call);
  else if (kind == GROUP_ITEM_meet) meetCentre(call, lane, from);
  else if (kind == GROUP_ITEM_join) joinRows(call, from, to);
}
