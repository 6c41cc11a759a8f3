import type { Problem } from "../../core/problem.ts";
import { FLOAT_BYTES, kvHeadOf } from "../../core/shape.ts";
import type { FeatureMap } from "../../mechanisms/feature-map/declare.ts";
import type { Runnable } from "../kernel.ts";
import { Call, ScratchPlan } from "./call.ts";
import { type FeatureSegments, featureSegments, planCallMap, preparedRows } from "./feature-call.ts";
import { featureBytes, featureFlops } from "./feature-map-work.ts";
import { plannedMap, stateLayout } from "./feature-panels.ts";
import { FEATURE_ITEM, MOST_HEAD_DIM, PANEL_KEYS, QUERY_ROW, SCORE_ROW, TILE } from "./layout.ts";
import type { Means } from "./means.ts";
import { phaseRunner } from "./run-phases.ts";
import { type SharedItems, sharedItems } from "./shared-items.ts";

/** Words of a lane's row of a few numbers a channel, or a feature: `assembly/lane.ts`. */
export const MAP_SCRATCH = 4 * MOST_HEAD_DIM + 16;

/** What a gradient needs of a forward pass, in the memory of the call. */
export interface LeftOfFeatures {
  /** What the sums of each row were multiplied by, `[batch, heads, length]`. */
  readonly inverses: Float32Array;
  /** The states of keys of each batch entry and head of k: of all keys, or causal, of those before each segment. */
  readonly states: Float32Array;
}

/** Linear attention: parallel, or causal in chunks of `TILE.queries` tokens. */
export function prepareFeatureMap(
  problem: Problem,
  mechanism: FeatureMap,
  means: Means,
  left: LeftOfFeatures | null = null,
): Runnable {
  const { shape, inputs, causal, threads } = problem;
  const { build } = means;
  const { batch, heads, kvHeads, length, headDim, valueDim } = shape;
  const width = Math.ceil(valueDim / build.panelKeys) * build.panelKeys;
  const map = plannedMap(mechanism, headDim, length);
  const state = stateLayout(map, width);
  const features = map.panels.reduce((sum, { count }) => sum + count, 0);
  const segments = featureSegments(map, length);

  const plan = new ScratchPlan();
  const items = featureItems(length, segments, causal, threads);
  const itemsAt = plan.words(items.words.length);
  const states = plan.words(segments.count * state.words);
  const plannedCallMap = planCallMap(map, state, inputs, means.output, plan);
  const chunk = (TILE.queries * QUERY_ROW) / 4;
  const lanes = Array.from({ length: threads }, () => ({
    queries: plan.words(chunk),
    features: plan.words(chunk),
    output: plan.words(TILE.queries * width),
    divisors: plan.words(TILE.queries),
    ...preparedRows(map, plan),
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
  const callMap = plannedCallMap(call);
  call.copy(itemsAt, items.words);
  call.set({ states: call.place(states), stateBytes: state.words * FLOAT_BYTES });
  call.set({ segments: segments.count, segmentTokens: segments.tokens });
  call.set({ length, d: headDim, valueDim, width, causal: Number(causal), sums: 0 });
  const own = call.arena.floats(call.place(states), (causal ? segments.count : 1) * state.words);

  const runner = phaseRunner(call, build, "runFeatureItems", means.pool);
  const phases = call.phases(itemsAt, items.phaseEnds);
  const packs = phases.slice(0, 1);
  const sums = phases.slice(1);
  // What is left of an earlier head of q that shares k and v: their state.
  const reads = phases.slice(-1);
  const work = { map, shape, causal, threads, panelKeys: build.panelKeys };
  return {
    run() {
      callMap.refresh();
      for (let entry = 0; entry < batch; entry++) {
        let kvHead = -1;
        for (let head = 0; head < heads; head++) {
          call.pointAt(entry, head);
          const shared = kvHeadOf(shape, head) === kvHead;
          kvHead = kvHeadOf(shape, head);
          const weights = callMap.weightsOf(kvHead);
          if (weights !== null && !shared) {
            call.set(weights);
            runner.run(packs);
          }
          if (left !== null) {
            call.set({ sums: left.inverses.byteOffset + (entry * heads + head) * length * FLOAT_BYTES });
          }
          runner.run(shared && !causal ? reads : sums);
          if (!shared) left?.states.set(own, (entry * kvHeads + kvHead) * own.length);
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

/** Items of a head in phases, as `assembly/feature-map.ts` runs them. */
function featureItems(
  length: number,
  segments: FeatureSegments,
  causal: boolean,
  threads: number,
): SharedItems {
  const each = (kind: number, count = segments.count): number[][] =>
    Array.from({ length: count }, (_, segment) => [kind, segment, 0]);
  const join = [[FEATURE_ITEM.join, 0, 0]];
  const reads = each(FEATURE_ITEM.read).map(([kind, segment]) => {
    return [kind, segment * segments.tokens, Math.min(length, (segment + 1) * segments.tokens)];
  });
  const sums = !causal
    ? [each(FEATURE_ITEM.accumulate), join, reads]
    : threads === 1
      ? [each(FEATURE_ITEM.walkOn)]
      : [each(FEATURE_ITEM.accumulate, segments.count - 1), join, each(FEATURE_ITEM.walk)];
  return sharedItems([[[FEATURE_ITEM.pack, 0, 0]], ...sums]);
}
