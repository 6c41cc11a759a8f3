import type { Problem } from "../../core/problem.ts";
import { callBytes, elementCount, FLOAT_BYTES } from "../../core/shape.ts";
import type { Runnable } from "../kernel.ts";
import { type LeftOfAft, leftWords } from "./aft-kernel.ts";
import { Call, ScratchPlan } from "./call.ts";
import { AFT_ITEM, TILE } from "./layout.ts";
import type { Means } from "./means.ts";
import { phaseRunner } from "./run-phases.ts";
import { sharedItems } from "./shared-items.ts";

/** Chunks of a segment, and the most segments. */
const SEGMENT_CHUNKS = 10;
const MOST_SEGMENTS = 64;

/** Segments of tokens, each with a state of its own: the same ones whatever the number of threads. */
export function segmentsOfRows(length: number): {
  readonly segments: number;
  readonly segmentTokens: number;
} {
  const chunks = Math.max(SEGMENT_CHUNKS, Math.ceil(length / TILE.queries / MOST_SEGMENTS));
  const segmentTokens = TILE.queries * chunks;
  return { segments: Math.ceil(length / segmentTokens), segmentTokens };
}

/** An attention-free transformer without biases of positions: one state for all rows, or a scan. */
export function prepareAftSimple(problem: Problem, means: Means, left: LeftOfAft | null = null): Runnable {
  const { shape, inputs, causal, threads } = problem;
  const { batch, heads, length, headDim } = shape;
  const channels = Math.ceil(headDim / 8) * 8;
  const stateWords = 3 * channels;
  const { segments, segmentTokens } = segmentsOfRows(length);
  const each = (kind: number) => Array.from({ length: segments }, (_, segment) => [kind, segment, 0]);
  const join = [[AFT_ITEM.joinStates, 0, 0]];
  const reads = Array.from({ length: segments }, (_, segment) => [
    AFT_ITEM.read,
    segment * segmentTokens,
    Math.min(length, (segment + 1) * segmentTokens),
  ]);
  const items = sharedItems(
    !causal
      ? [each(AFT_ITEM.sum), join, reads]
      : threads === 1
        ? [each(AFT_ITEM.scanOn)]
        : [each(AFT_ITEM.sum), join, each(AFT_ITEM.scan)],
  );
  const plan = new ScratchPlan();
  const itemsAt = plan.words(items.words.length);
  const states = plan.words(segments * stateWords);
  const lanes = Array.from({ length: threads }, () => ({
    output: plan.words(TILE.queries * channels),
    local: plan.words(stateWords),
    state: plan.words(stateWords),
  }));
  const call = new Call(plan, inputs, means.output, lanes);
  call.copy(itemsAt, items.words);
  call.set({ states: call.place(states), stateBytes: stateWords * FLOAT_BYTES, segments, segmentTokens });
  call.set({ length, d: headDim, width: 2 * channels, causal: Number(causal) });
  const runner = phaseRunner(call, means.build, "runAftItems", means.pool);
  const phases = call.phases(itemsAt, items.phaseEnds);
  // Several threads sum the states of a causal call before they scan it.
  const sums = causal && threads > 1 ? 2 : 1;
  return {
    run() {
      for (let entry = 0; entry < batch; entry++) {
        for (let head = 0; head < heads; head++) {
          call.pointAt(entry, head);
          call.set(leftWords(left, entry * heads + head, batch * heads));
          runner.run(phases);
        }
      }
    },
    ...call.copied,
    output: () => call.output,
    workspaceBytes: call.workspaceBytes,
    executedFlops: 4 * sums * batch * heads * length * channels,
    bytes: callBytes(shape) + (sums - 1) * 2 * FLOAT_BYTES * elementCount(shape),
    dispose: () => runner.dispose(),
  };
}
