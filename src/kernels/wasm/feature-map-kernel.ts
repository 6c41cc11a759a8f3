import type { Problem } from "../../core/problem.ts";
import { elementCount, FLOAT_BYTES } from "../../core/shape.ts";
import type { FeatureMap } from "../../mechanisms/feature-map/declare.ts";
import type { Runnable } from "../kernel.ts";
import { Call, ScratchPlan } from "./call.ts";
import {
  FEATURE_ITEM,
  ITEM_WORDS,
  PANEL_KEYS,
  PANEL_QUERIES,
  panelRows,
  QUERY_ROW,
  SCORE_ROW,
  TILE,
} from "./layout.ts";
import type { Means } from "./means.ts";
import { phaseRunner } from "./run-phases.ts";

/** The feature map that the module computes. */
export const FEATURE = "elu+1";

/**
 * Chunks of a segment, and the most segments: enough to divide among threads, few enough that combining them
 * costs nothing.
 */
const SEGMENT_CHUNKS = 10;
const MOST_SEGMENTS = 64;

/** Linear attention: parallel, or causal in chunks of `TILE.queries` tokens. */
export function prepareFeatureMap(problem: Problem, { epsilon }: FeatureMap, means: Means): Runnable {
  const { shape, inputs, causal, threads } = problem;
  const { build } = means;
  const { batch, heads, length, headDim } = shape;
  const width = Math.ceil(headDim / build.panelKeys) * build.panelKeys;
  const stateRows = Math.ceil(headDim / PANEL_QUERIES) * PANEL_QUERIES;
  const stateWords = stateRows * width + Math.ceil(headDim / 8) * 8;
  const segmentTokens =
    TILE.queries * Math.max(SEGMENT_CHUNKS, Math.ceil(length / TILE.queries / MOST_SEGMENTS));
  const segments = Math.ceil(length / segmentTokens);

  const plan = new ScratchPlan();
  const items = featureItems(length, segments, segmentTokens, causal, threads);
  const itemsAt = plan.words(items.words.length);
  const states = plan.words(segments * stateWords);
  const lanes = Array.from({ length: threads }, () => ({
    queries: plan.words((TILE.queries * QUERY_ROW) / 4),
    features: plan.words((TILE.queries * QUERY_ROW) / 4),
    output: plan.words(TILE.queries * width),
    divisors: plan.words(TILE.queries),
    ...(causal && {
      scores: plan.words((TILE.queries * SCORE_ROW) / 4),
      panels: plan.words(Math.ceil(TILE.queries / PANEL_KEYS.wide) * PANEL_KEYS.wide * headDim),
      local: plan.words(stateWords),
      state: plan.words(stateWords),
    }),
  }));
  const call = new Call(plan, inputs, means.output, lanes);
  call.copy(itemsAt, items.words);
  call.set({ states: call.place(states), stateBytes: stateWords * 4, segments, segmentTokens });
  call.set({ length, d: headDim, width, causal: Number(causal) });
  call.setFloat("factor", epsilon);

  const runner = phaseRunner(call, build, "runFeatureItems", means.pool);
  const phases = call.phases(itemsAt, items.phaseEnds);
  return {
    run() {
      for (let entry = 0; entry < batch; entry++) {
        for (let head = 0; head < heads; head++) {
          call.pointAt(entry, head);
          runner.run(phases);
        }
      }
    },
    ...call.copied,
    output: () => call.output,
    workspaceBytes: call.workspaceBytes,
    executedFlops: batch * heads * headFlops(length, headDim, build.panelKeys, causal, threads),
    // A causal call reads v twice: for the triangle of a chunk, and for the state; and k once more before, if
    // threads are used.
    bytes: (4 + Number(causal) * (threads > 1 ? 3 : 1)) * FLOAT_BYTES * elementCount(shape),
    dispose: () => runner.dispose(),
  };
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
  const phases = !causal
    ? [each(FEATURE_ITEM.accumulate), join, reads]
    : threads === 1
      ? [each(FEATURE_ITEM.walkOn)]
      : [each(FEATURE_ITEM.accumulate, segments - 1), join, each(FEATURE_ITEM.walk)];
  let end = 0;
  const phaseEnds = phases.map((items) => {
    end += items.length * ITEM_WORDS;
    return end;
  });
  return { words: Int32Array.from(phases.flat(2)), phaseEnds };
}

/**
 * Operations of one head, with whole panels counted. The normaliser counts as one more column of values, as
 * in the useful work, although it is summed without multiplying.
 */
function headFlops(
  length: number,
  headDim: number,
  panelKeys: number,
  causal: boolean,
  threads: number,
): number {
  const width = Math.ceil(headDim / panelKeys) * panelKeys;
  const stateRows = rowsComputed(headDim);
  // Several threads sum the states of a causal call before they walk it.
  const sums = causal && threads > 1 ? 2 : 1;
  let flops = 0;
  for (let first = 0; first < length; first += TILE.queries) {
    const count = Math.min(TILE.queries, length - first);
    flops += 2 * headDim * count * (sums + 1);
    flops += 2 * (sums * stateRows * width * count + rowsComputed(count) * width * headDim);
    if (!causal) continue;
    for (let row = 0; row < count; row += PANEL_QUERIES) {
      const keys = Math.min(count, row + PANEL_QUERIES);
      const panels = Math.ceil(keys / panelKeys);
      flops += 2 * panelRows(count - row) * (panels * panelKeys * headDim + keys * width);
    }
  }
  return flops;
}

/** Rows that panels of `count` rows compute. */
function rowsComputed(count: number): number {
  const whole = Math.floor((count - 1) / PANEL_QUERIES) * PANEL_QUERIES;
  return whole + panelRows(count - whole);
}
