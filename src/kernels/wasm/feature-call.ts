import type { Shape } from "../../core/shape.ts";
import type { AttentionInputs } from "../../core/tensors.ts";
import type { Call, CallWords, ScratchPlan } from "./call.ts";
import { planWeights } from "./call-weights.ts";
import { fillAngles } from "./feature-angles.ts";
import { type PlannedMap, rowsArePrepared, type StateLayout } from "./feature-panels.ts";
import { PANEL_KEYS, QUERY_ROW, TILE } from "./layout.ts";

/**
 * Chunks of a segment, and the most segments: enough to divide among threads, few enough that combining them
 * costs nothing.
 */
const SEGMENT_CHUNKS = 10;
const MOST_SEGMENTS = 64;

/** How tokens are cut: into segments of whole chunks, whatever the threads. */
export interface FeatureSegments {
  readonly count: number;
  readonly chunks: number;
  readonly tokens: number;
}

export function featureSegments({ panels }: PlannedMap, length: number): FeatureSegments {
  const features = panels.reduce((sum, { count }) => sum + count, 0);
  // Joining states then costs no more than summing them.
  const chunks = Math.max(
    SEGMENT_CHUNKS,
    Math.ceil(features / TILE.queries),
    Math.ceil(length / TILE.queries / MOST_SEGMENTS),
  );
  const tokens = TILE.queries * chunks;
  return { count: Math.ceil(length / tokens), chunks, tokens };
}

/** What the features of a call are made with. */
export interface CallMap {
  /** Copies what is not read in place: before each call. */
  refresh(): void;
  /** What points the call at the weights of a head of k; null if the map has none. */
  weightsOf(kvHead: number): CallWords | null;
}

/** Makes room for what a map is made with, and writes it once there is memory. */
export function planCallMap(
  map: PlannedMap,
  layout: StateLayout,
  inputs: AttentionInputs,
  output: Float32Array,
  plan: ScratchPlan,
): (call: Call) => CallMap {
  const { length, headDim }: Shape = inputs.shape;
  const { weights, horizon } = map;
  const weightRows = weights?.rows ?? 0;
  const panelsAt = plan.words(layout.table.length);
  const anglesAt = plan.words(horizon === null ? 0 : 2 * length);
  const packedAt = plan.words(Math.ceil(weightRows / PANEL_KEYS.wide) * PANEL_KEYS.wide * headDim);
  const named = planWeights(inputs, output, weights === null ? [] : [weights.name], plan);
  return (call) => {
    const given = named(call);
    call.copy(panelsAt, layout.table);
    call.set({ map: map.map, mapPanels: call.place(panelsAt), mapPanelCount: map.panels.length });
    call.set({ mapWidth: map.width, angles: call.place(anglesAt) });
    call.set({ weightRows, packedWeights: call.place(packedAt) });
    call.setFloat("factor", map.epsilon);
    call.setFloat("mapFactor", map.factor);
    call.setFloat("weightFactor", weights?.factor ?? 1);
    if (horizon !== null) fillAngles(call.arena.floats(call.place(anglesAt), 2 * length), 0, horizon);
    return {
      refresh: () => given.refresh(),
      weightsOf: (kvHead) =>
        weights === null ? null : { mapWeights: given.at(weights.name, kvHead * weights.rows * headDim) },
    };
  };
}

/** The scratch of a lane for rows that features are made of, where those are not q and k themselves. */
export function preparedRows(map: PlannedMap, plan: ScratchPlan): { queryRows?: number; keyRows?: number } {
  if (!rowsArePrepared(map)) return {};
  const chunk = (TILE.queries * QUERY_ROW) / 4;
  return { queryRows: plan.words(chunk), keyRows: plan.words(chunk) };
}
