import {
  STEP_KIND_attendBack, STEP_KIND_clear, STEP_KIND_clustersBack, STEP_KIND_clusterShares, STEP_KIND_gatherBack, STEP_KIND_gatherMeans, STEP_KIND_inverseBack,
  STEP_KIND_joinBack, STEP_KIND_joinMeans, STEP_KIND_joinTaps, STEP_KIND_meansBack, STEP_KIND_packRows, STEP_KIND_reverseTaps,
  STEP_KIND_softmaxBack, STEP_KIND_spreadBack, STEP_KIND_squaresBack, STEP_KIND_tapsBack, STEP_KIND_transpose,
} from "../../generated/layout";
import { Step } from "../../step";
import { attendBack, gatherBack, gatherMeans, joinBack, joinMeans, packRows } from "./attend";
import { inverseBack } from "./inverse";
import {
  clearRows, clustersBack, countShares, joinTaps, meansBack, reverseTaps, softmaxBack, spreadBack, squaresBack, tapsBack, transposeRows,
} from "./rows";

/** A step of a chain on the way back: the rows of it that are to be done. */
export function runStepBack(step: usize, lane: usize, from: i32, to: i32): void {
  const kind = Step.kind(step);
  if (kind == STEP_KIND_clear) clearRows(step, from, to);
  else if (kind == STEP_KIND_transpose) transposeRows(step, from, to);
  else if (kind == STEP_KIND_packRows) packRows(step, from, to);
  else if (kind == STEP_KIND_attendBack) attendBack(step, lane, from, to);
  else if (kind == STEP_KIND_gatherMeans) gatherMeans(step, lane, from, to);
  else if (kind == STEP_KIND_joinMeans) joinMeans(step, from, to);
  else if (kind == STEP_KIND_gatherBack) gatherBack(step, lane, from, to);
  else if (kind == STEP_KIND_joinBack) joinBack(step, from, to);
  else if (kind == STEP_KIND_softmaxBack) softmaxBack(step, from, to);
  else if (kind == STEP_KIND_inverseBack) inverseBack(step, lane);
  else if (kind == STEP_KIND_meansBack) meansBack(step, from, to);
  else if (kind == STEP_KIND_squaresBack) squaresBack(step, from, to);
  else if (kind == STEP_KIND_reverseTaps) reverseTaps(step);
  else if (kind == STEP_KIND_tapsBack) tapsBack(step, from, to);
  else if (kind == STEP_KIND_joinTaps) joinTaps(step);
  else if (kind == STEP_KIND_clusterShares) countShares(step);
  else if (kind == STEP_KIND_clustersBack) clustersBack(step, from, to);
  else if (kind == STEP_KIND_spreadBack) spreadBack(step, from, to);
}
