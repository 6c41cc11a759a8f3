import type { Problem } from "../../../core/problem.ts";
import { FLOAT_BYTES } from "../../../core/shape.ts";
import type { Aft } from "../../../mechanisms/aft/declare.ts";
import { gradientName } from "../../../mechanisms/gradient/declare.ts";
import type { Runnable } from "../../kernel.ts";
import { type LeftOfAft, leftChannels, leftWords } from "../aft-kernel.ts";
import { segmentsOfRows } from "../aft-simple-kernel.ts";
import { Call, ScratchPlan } from "../call.ts";
import type { Means } from "../means.ts";
import { phaseRunner } from "../run-phases.ts";
import { sharedItems } from "../shared-items.ts";
import { AFT_BACK, AFT_BACK_ITEM, AFT_BACK_WORDS } from "./mixing-layout.ts";

/** What a backward pass reads besides q, k and v, and where it writes; all in the memory of the call. */
export interface AftTensors {
  readonly dout: Float32Array;
  readonly left: LeftOfAft;
  readonly gradients: Readonly<Record<string, Float32Array>>;
}

export type AftBackward = Pick<Runnable, "run" | "workspaceBytes" | "executedFlops" | "bytes" | "dispose">;

/** Operations of a number: gates, weights and sums; and causal, of what is carried from row to row. */
const NUMBER_FLOPS = { alike: 16, causal: 34 } as const;

/** Without biases of positions: one sum over all rows, or a scan from the last row to the first. */
export function prepareAftSimpleBackward(
  { shape, inputs, causal, threads }: Problem<Aft>,
  { dout, left, gradients }: AftTensors,
  { build, pool }: Pick<Means, "build" | "pool">,
): AftBackward {
  const { batch, heads, length, headDim } = shape;
  const channels = leftChannels(headDim);
  const { segments, segmentTokens } = segmentsOfRows(length);
  const each = (kind: number) => Array.from({ length: segments }, (_, segment) => [kind, segment, 0]);
  const join = [[AFT_BACK_ITEM.join, 0, 0]];
  const items = sharedItems(
    !causal
      ? [each(AFT_BACK_ITEM.sum), join, each(AFT_BACK_ITEM.give)]
      : threads === 1
        ? [each(AFT_BACK_ITEM.scanOn).reverse()]
        : [each(AFT_BACK_ITEM.sum), join, each(AFT_BACK_ITEM.scan)],
  );
  const plan = new ScratchPlan();
  const itemsAt = plan.words(items.words.length);
  const wordsAt = plan.words(AFT_BACK_WORDS);
  const states = plan.words(segments * 2 * channels);
  const lanes = Array.from({ length: threads }, () => ({
    local: plan.words(4 * channels),
    state: plan.words(3 * channels),
  }));
  // What a forward pass would write is read.
  const call = new Call(plan, inputs, dout, lanes);
  call.copy(itemsAt, items.words);
  call.set({ length, d: headDim, width: 2 * channels, causal: Number(causal), segments, segmentTokens });
  call.set({ gradient: call.place(wordsAt) });
  const words = call.arena.integers(call.place(wordsAt), AFT_BACK_WORDS);
  words[AFT_BACK.first] = 0;
  words[AFT_BACK.states] = call.place(states);
  const runner = phaseRunner(call, build, "runAftGradientItems", pool);
  const phases = call.phases(itemsAt, items.phaseEnds);
  const slices = batch * heads;
  const count = slices * length * headDim;
  return {
    run() {
      for (let entry = 0; entry < batch; entry++) {
        for (let head = 0; head < heads; head++) {
          const slice = entry * heads + head;
          call.pointAt(entry, head);
          call.set(leftWords(left, slice, slices));
          for (const name of ["q", "k", "v"] as const) {
            const gradient = gradients[gradientName(name)];
            words[AFT_BACK[`d${name}`]] = gradient.byteOffset + slice * length * headDim * FLOAT_BYTES;
          }
          runner.run(phases);
        }
      }
    },
    workspaceBytes: call.workspaceBytes,
    executedFlops: slices * length * channels * NUMBER_FLOPS[causal ? "causal" : "alike"],
    bytes: FLOAT_BYTES * (count * 7 + (causal ? 2 * slices * length * channels : 0)),
    dispose: () => runner.dispose(),
  };
}
