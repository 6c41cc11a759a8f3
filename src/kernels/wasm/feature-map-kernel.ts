import type { Problem } from "../../core/problem.ts";
import { kvHeadOf } from "../../core/shape.ts";
import type { FeatureMap } from "../../mechanisms/feature-map/declare.ts";
import type { Runnable } from "../kernel.ts";
import { Call, ScratchPlan } from "./call.ts";
import { planWeights } from "./call-weights.ts";
import { fillAngles } from "./feature-angles.ts";
import { featureBytes, featureFlops } from "./feature-map-work.ts";
import { type PlannedMap, plannedMap, stateLayout } from "./feature-panels.ts";
import {
  FEATURE_ITEM,
  ITEM_WORDS,
  MAP,
  MOST_HEAD_DIM,
  PANEL_KEYS,
  QUERY_ROW,
  SCORE_ROW,
  TILE,
} from "./layout.ts";
import type { Means } from "./means.ts";
import { phaseRunner } from "./run-phases.ts";

/**
 * Chunks of a segment, and the most segments: enough to divide among threads, few enough that combining them
 * costs nothing.
 */
const SEGMENT_CHUNKS = 10;
const MOST_SEGMENTS = 64;

/** Words of a lane's row of a few numbers a channel, or a feature: `assembly/lane.ts`. */
export const MAP_SCRATCH = 4 * MOST_HEAD_DIM + 16;

/** Linear attention: parallel, or causal in chunks of `TILE.queries` tokens. */
export function prepareFeatureMap(problem: Problem, mechanism: FeatureMap, means: Means): Runnable {
  const { shape, inputs, causal, threads } = problem;
  const { build } = means;
  const { batch, heads, length, headDim, valueDim } = shape;
  const width = Math.ceil(valueDim / build.panelKeys) * build.panelKeys;
  const map = plannedMap(mechanism, headDim, length);
  const state = stateLayout(map, width);
  const features = map.panels.reduce((sum, { count }) => sum + count, 0);
  // Joining states then costs no more than summing them.
  const segmentChunks = Math.max(
    SEGMENT_CHUNKS,
    Math.ceil(features / TILE.queries),
    Math.ceil(length / TILE.queries / MOST_SEGMENTS),
  );
  const segmentTokens = TILE.queries * segmentChunks;
  const segments = Math.ceil(length / segmentTokens);

  const plan = new ScratchPlan();
  const items = featureItems(length, segments, segmentTokens, causal, threads);
  const itemsAt = plan.words(items.words.length);
  const states = plan.words(segments * state.words);
  const panelsAt = plan.words(state.table.length);
  const angles = plan.words(map.horizon === null ? 0 : 2 * length);
  const { weights } = map;
  const weightRows = weights?.rows ?? 0;
  const packed = plan.words(Math.ceil(weightRows / PANEL_KEYS.wide) * PANEL_KEYS.wide * headDim);
  const named = planWeights(inputs, means.output, weights === null ? [] : [weights.name], plan);
  const chunk = (TILE.queries * QUERY_ROW) / 4;
  const lanes = Array.from({ length: threads }, () => ({
    queries: plan.words(chunk),
    features: plan.words(chunk),
    output: plan.words(TILE.queries * width),
    divisors: plan.words(TILE.queries),
    ...(rowsArePrepared(map) && { queryRows: plan.words(chunk), keyRows: plan.words(chunk) }),
    mapScratch: plan.words(MAP_SCRATCH),
    ...(map.scaled && { maximum: plan.words(TILE.queries), total: plan.words(TILE.queries) }),
    ...(causal && {
      scores: plan.words((TILE.queries * SCORE_ROW) / 4),
      panels: plan.words(
        Math.ceil(TILE.queries / PANEL_KEYS.wide) * PANEL_KEYS.wide * Math.min(features, MOST_HEAD_DIM),
      ),
      local: plan.words(state.words),
      state: plan.words(state.panelWords),
    }),
  }));
  const call = new Call(plan, inputs, means.output, lanes);
  const given = named(call);
  call.copy(itemsAt, items.words);
  call.copy(panelsAt, state.table);
  call.set({ states: call.place(states), stateBytes: state.words * 4, segments, segmentTokens });
  call.set({ length, d: headDim, valueDim, width, causal: Number(causal) });
  call.set({ map: map.map, mapPanels: call.place(panelsAt), mapPanelCount: map.panels.length });
  call.set({ mapWidth: map.width, angles: call.place(angles) });
  call.set({ weightRows, packedWeights: call.place(packed) });
  call.setFloat("factor", map.epsilon);
  call.setFloat("mapFactor", map.factor);
  call.setFloat("weightFactor", weights?.factor ?? 1);
  if (map.horizon !== null) {
    fillAngles(call.arena.floats(call.place(angles), 2 * length), 0, map.horizon);
  }

  const runner = phaseRunner(call, build, "runFeatureItems", means.pool);
  const phases = call.phases(itemsAt, items.phaseEnds);
  const packs = phases.slice(0, 1);
  const sums = phases.slice(1);
  // What is left of an earlier head of q that shares k and v: their state.
  const reads = phases.slice(-1);
  const work = { map, shape, causal, threads, panelKeys: build.panelKeys };
  return {
    run() {
      given.refresh();
      for (let entry = 0; entry < batch; entry++) {
        let kvHead = -1;
        for (let head = 0; head < heads; head++) {
          call.pointAt(entry, head);
          const shared = kvHeadOf(shape, head) === kvHead;
          kvHead = kvHeadOf(shape, head);
          if (weights !== null && !shared) {
            call.set({ mapWeights: given.at(weights.name, kvHead * weights.rows * headDim) });
            runner.run(packs);
          }
          runner.run(shared && !causal ? reads : sums);
        }
      }
    },
    ...call.copied,
    output: () => call.output,
    workspaceBytes: call.workspaceBytes,
    executedFlops: featureFlops(work),
    bytes: featureBytes(work),
    dispose: () => runner.dispose(),
  };
}

/** Whether features are made of rows that were prepared, or multiplied by weights. */
export function rowsArePrepared({ map }: PlannedMap): boolean {
  return map === MAP.taylor || map === MAP.trigonometric || map === MAP.favor;
}

/** Items of a head in phases, as `assembly/feature-map.ts` runs them. */
function featureItems(
  length: number,
  segments: number,
  segmentTokens: number,
  causal: boolean,
  threads: number,
): { words: Int32Array; phaseEnds: number[] } {
  const each = (kind: number, count = segments): number[][] =>
    Array.from({ length: count }, (_, segment) => [kind, segment, 0]);
  const join = [[FEATURE_ITEM.join, 0, 0]];
  const reads = each(FEATURE_ITEM.read).map(([kind, segment]) => {
    return [kind, segment * segmentTokens, Math.min(length, (segment + 1) * segmentTokens)];
  });
  const sums = !causal
    ? [each(FEATURE_ITEM.accumulate), join, reads]
    : threads === 1
      ? [each(FEATURE_ITEM.walkOn)]
      : [each(FEATURE_ITEM.accumulate, segments - 1), join, each(FEATURE_ITEM.walk)];
  const phases = [[[FEATURE_ITEM.pack, 0, 0]], ...sums];
  let end = 0;
  const phaseEnds = phases.map((items) => {
    end += items.length * ITEM_WORDS;
    return end;
  });
  return { words: Int32Array.from(phases.flat(2)), phaseEnds };
}
