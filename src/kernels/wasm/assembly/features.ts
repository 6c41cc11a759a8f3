import { Call } from "./call";
import {
  MAP_channelSoftmax, MAP_elu, MAP_favor, MAP_relu, MAP_reweighted, MAP_rolled, MAP_taylor, MAP_trigonometric,
} from "./generated/layout";
import { Lane } from "./lane";
import { channelSoftmax } from "./maps/channel-softmax";
import { linearUnits, rectified } from "./maps/elementwise";
import { reweighted } from "./maps/reweighted";
import { rolled } from "./maps/rolled";
import { taylor, taylorRows } from "./maps/taylor";
import { trigonometric, unitRows } from "./maps/trigonometric";
import { Panel } from "./panel";

/** Whether the map's features are weights of softmaxes, which `maps/favor.ts` makes, and states have exponents. */
@inline
export function isScaled(call: usize): bool { return Call.map(call) == MAP_favor; }

/** What features of `count` rows from `from` on are made of, where that is not the rows themselves. `scratch` has room for rows. */
@inline
export function prepareRows(call: usize, from: usize, count: i32, to: usize, scratch: usize): void {
  if (Call.map(call) == MAP_taylor) taylorRows(call, from, count, to, scratch);
  else if (Call.map(call) == MAP_trigonometric) unitRows(from, count, Call.d(call), to);
}

/**
 * A panel of features of `count` rows of q or k, of which the first is at `from` and belongs to `token`, and which were prepared at
 * `rows`: into rows `QUERY_ROW` bytes apart, filled up with 0 to a multiple of 8.
 */
export function makeFeatures(call: usize, lane: usize, panel: usize, from: usize, rows: usize, token: i32, count: i32, to: usize): void {
  const map = Call.map(call);
  const d = Call.d(call);
  const first = Panel.first(panel), end = Panel.end(panel);
  if (map == MAP_elu) linearUnits(from, count, d, to);
  else if (map == MAP_relu) rectified(from, count, d, to);
  else if (map == MAP_reweighted) reweighted(from, count, d, Call.angles(call) + (<usize>token << 3), first, end, to);
  else if (map == MAP_channelSoftmax) channelSoftmax(from, count, d, first, end, to);
  else if (map == MAP_rolled) rolled(from, count, d, first, end, Lane.mapScratch(lane), to);
  else if (map == MAP_trigonometric) trigonometric(call, rows, count, first, end, to);
  else if (map == MAP_taylor) taylor(rows, count, Call.mapWidth(call), first, end, Panel.count(panel), to);
}
