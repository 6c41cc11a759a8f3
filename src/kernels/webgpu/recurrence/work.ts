import { TILE } from "../wgsl/tile-product.ts";
import { channelInputs } from "./channel-gates.ts";
import { COLUMNS, type RecurrencePlan, type RecurrenceSizes } from "./plan.ts";
import { stateColumns, transitionColumns } from "./state-layout.ts";
import { tokenInputs } from "./token-gates.ts";

/**
 * Operations of a call with whole workgroups and quads counted: steps of every column, twice but for the last
 * segment, in which nothing is summed; the scan; and products of gates with k. Functions that gates are made
 * by are not counted.
 */
export function recurrenceFlops(plan: RecurrencePlan, sizes: RecurrenceSizes): number {
  const { quads, mechanism, erasesApart, columnBlocks } = plan;
  const { slices, length, segment, segments } = sizes;
  const erases = mechanism.erase !== null;
  const channels = 4 * quads;
  // A decay, a write, and what erases; a read, and with a bonus the product of a query and its own key.
  const written = 3 + (erases ? 2 : 0) + (erasesApart ? 2 : 0);
  const read = mechanism.bonus === null ? 2 : 4;
  const summed = segment * (segments - 1);
  const columns = COLUMNS * columnBlocks;
  let perChannel = length * columns * (written + read);
  if (segments > 1) {
    const more = erases ? transitionColumns(plan) : 0;
    perChannel += summed * (columns + more) * written;
    perChannel += (segments - 1) * stateColumns(plan) * (erases ? 2 * channels : 2);
  }
  return slices * (channels * perChannel + gateFlops(plan, length));
}

/** Products of gates with the keys of a slice: of every channel in whole tiles, or of every token. */
function gateFlops(plan: RecurrencePlan, length: number): number {
  const { quads, headDim, channelDecays, channelWrites, mechanism } = plan;
  const tiles = (count: number): number => TILE.rows * Math.ceil(count / TILE.rows);
  const terms = TILE.terms * Math.ceil(headDim / TILE.terms);
  const perChannel = 2 * tiles(length) * tiles(headDim) * terms;
  const names = tokenInputs(plan);
  const perToken = 2 * length * 4 * quads;
  let flops = 0;
  if (channelDecays && channelInputs(plan, "decay").multiplies) flops += perChannel;
  if (channelWrites && mechanism.write.form === "logistic") flops += perChannel;
  if (names.includes("decay") && names.includes("k") && mechanism.write.form !== "given-step")
    flops += perToken;
  if (names.includes("write")) flops += perToken;
  return flops;
}
