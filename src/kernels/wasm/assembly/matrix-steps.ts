import { attendRows, gatherKeys, joinGathered, packStep } from "./attend";
import { balanceColumns, balanceRows, shareRows } from "./balance";
import { attendBlocks, mixBlocks } from "./blocks";
import { assignRows, hashRows, joinClusters, recentre, sumClusters, takeStarts } from "./clusters";
import { runStepBack } from "./gradient/chain/run";
import {
  ITEM_BYTES, STEP_KIND_add, STEP_KIND_assign, STEP_KIND_attend, STEP_KIND_attendBlocks, STEP_KIND_balanceColumns, STEP_KIND_balanceRows, STEP_KIND_clear, STEP_KIND_convolve, STEP_KIND_findBest, STEP_KIND_gather,
  STEP_KIND_halfSquares, STEP_KIND_hash, STEP_KIND_inverse, STEP_KIND_joinClusters, STEP_KIND_joinGathered, STEP_KIND_joinOuter,
  STEP_KIND_means, STEP_KIND_mixBlocks, STEP_KIND_multiply, STEP_KIND_outer, STEP_KIND_pack, STEP_KIND_recentre, STEP_KIND_scores, STEP_KIND_shares, STEP_KIND_sortMembers, STEP_KIND_splitWeights,
  STEP_KIND_spread, STEP_KIND_spreadBest, STEP_KIND_sumClusters, STEP_KIND_takeStarts, STEP_KIND_weights,
} from "./generated/layout";
import { joinOuter, multiplyRows, outerSegment } from "./products";
import { addRows, convolveRows, halveSquares, meanRows } from "./row-steps";
import { invert, scoreRows, weighRows } from "./small-matrices";
import { findBest, sortMembers, splitWeights, spreadBest, spreadRows } from "./spread";
import { Step } from "./step";

/** Carries out the items `from … to` of a chain, which threads share out: a step and the rows of it that are to be done. */
export function runMatrixItems(call: usize, lane: usize, from: usize, to: usize): void {
  for (let item = from; item < to; item += ITEM_BYTES) runStep(load<u32>(item, 0), lane, load<i32>(item, 4), load<i32>(item, 8));
}

function runStep(step: usize, lane: usize, from: i32, to: i32): void {
  const kind = Step.kind(step);
  if (kind >= STEP_KIND_clear) {
    runStepBack(step, lane, from, to);
    return;
  }
  if (kind == STEP_KIND_pack) packStep(step, from, to);
  else if (kind == STEP_KIND_attend) attendRows(step, lane, from, to);
  else if (kind == STEP_KIND_gather) gatherKeys(step, lane, from, to);
  else if (kind == STEP_KIND_joinGathered) joinGathered(step, from, to);
  else if (kind == STEP_KIND_outer) outerSegment(step, lane, from, to);
  else if (kind == STEP_KIND_joinOuter) joinOuter(step, from, to);
  else if (kind == STEP_KIND_multiply) multiplyRows(step, lane, from, to);
  else if (kind == STEP_KIND_weights) weighRows(step, lane, from, to);
  else if (kind == STEP_KIND_inverse) invert(step, lane);
  else if (kind == STEP_KIND_means) meanRows(step, from, to);
  else if (kind == STEP_KIND_halfSquares) halveSquares(step, from, to);
  else if (kind == STEP_KIND_add) addRows(step, from, to);
  else if (kind == STEP_KIND_convolve) convolveRows(step, lane, from, to);
  else if (kind == STEP_KIND_hash) hashRows(step, lane, from, to);
  else if (kind == STEP_KIND_takeStarts) takeStarts(step);
  else if (kind == STEP_KIND_assign) assignRows(step, from, to);
  else if (kind == STEP_KIND_recentre) recentre(step);
  else if (kind == STEP_KIND_sumClusters) sumClusters(step, from, to);
  else if (kind == STEP_KIND_joinClusters) joinClusters(step, from, to);
  else if (kind == STEP_KIND_spread) spreadRows(step, from, to);
  else if (kind == STEP_KIND_sortMembers) sortMembers(step, to, Step.segments(step));
  else if (kind == STEP_KIND_findBest) findBest(step, lane, from, to);
  else if (kind == STEP_KIND_splitWeights) splitWeights(step, from, to);
  else if (kind == STEP_KIND_spreadBest) spreadBest(step, lane, from, to);
  else if (kind == STEP_KIND_scores) scoreRows(step, lane, from, to);
  else if (kind == STEP_KIND_balanceColumns) balanceColumns(step, lane, from, to);
  else if (kind == STEP_KIND_balanceRows) balanceRows(step, lane, from, to);
  else if (kind == STEP_KIND_shares) shareRows(step, lane, from, to);
  else if (kind == STEP_KIND_mixBlocks) mixBlocks(step, lane, from, to);
  else if (kind == STEP_KIND_attendBlocks) attendBlocks(step, lane, from, to);
}
