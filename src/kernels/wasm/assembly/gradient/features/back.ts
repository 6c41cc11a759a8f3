import { Call } from "../../call";
import {
  MAP_channelSoftmax, MAP_elu, MAP_relu, MAP_reweighted, MAP_rolled, MAP_taylor, MAP_trigonometric,
} from "../../generated/layout";
import { Lane } from "../../lane";
import { Panel } from "../../panel";
import { channelSoftmaxBack } from "./maps/channel-softmax";
import { linearUnitsBack, rectifiedBack } from "./maps/elementwise";
import { reweightedBack } from "./maps/reweighted";
import { rolledBack } from "./maps/rolled";
import { taylorBack } from "./maps/taylor";
import { trigonometricBack } from "./maps/trigonometric";

/**
 * From the slopes of a panel of features, which are in the lane, to those of the rows that they were made of: `count` rows from
 * `from` on, of which the first belongs to `token`, were prepared at `rows`, and have their features at `features`. Into the lane's
 * `rowSlopes`; what panels bring is added up by whoever writes it.
 */
export function slopesBack(
  call: usize, lane: usize, panel: usize, from: usize, rows: usize, features: usize, token: i32, count: i32, segment: i32,
): void {
  const map = Call.map(call);
  const d = Call.d(call);
  const slopes = Lane.slopes(lane), to = Lane.rowSlopes(lane);
  const first = Panel.first(panel), end = Panel.end(panel);
  if (map == MAP_elu) linearUnitsBack(features, slopes, count, d, to);
  else if (map == MAP_relu) rectifiedBack(features, slopes, count, d, to);
  else if (map == MAP_reweighted) reweightedBack(from, slopes, count, d, Call.angles(call) + (<usize>token << 3), first, end, to);
  else if (map == MAP_channelSoftmax) channelSoftmaxBack(features, slopes, count, d, first, end, to);
  else if (map == MAP_rolled) rolledBack(from, slopes, count, d, first, end, Lane.mapScratch(lane), to);
  else if (map == MAP_trigonometric) trigonometricBack(call, from, rows, features, slopes, count, first, end, to);
  else if (map == MAP_taylor) taylorBack(call, lane, panel, from, rows, slopes, count, segment, to);
}
