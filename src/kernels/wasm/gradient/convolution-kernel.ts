import type { Problem } from "../../../core/problem.ts";
import { FLOAT_BYTES, kvHeadOf } from "../../../core/shape.ts";
import { type Convolution, tokensBefore, WEIGHTS } from "../../../mechanisms/convolution/declare.ts";
import {
  type Gradient,
  gradientArrays,
  gradientName,
  makesOutput,
  problemWithin,
} from "../../../mechanisms/gradient/declare.ts";
import type { Runnable } from "../../kernel.ts";
import { Call, ScratchPlan } from "../call.ts";
import { planWeights } from "../call-weights.ts";
import { prepareConvolution } from "../convolution-kernel.ts";
import { FORM, PANEL_QUERIES, panelRows, QUERY_ROW, TILE } from "../layout.ts";
import type { Means } from "../means.ts";
import { phaseRunner } from "../run-phases.ts";
import { sharedItems } from "../shared-items.ts";
import { CONVOLUTION_BACK, CONVOLUTION_BACK_ITEM, CONVOLUTION_BACK_WORDS } from "./mixing-layout.ts";
import { gradientTensors } from "./tensors.ts";

/** Rows of an item of what comes to a network's first layer, and channels of one of a diagonal convolution. */
const ITEM_ROWS = 10 * TILE.queries;
const ITEM_CHANNELS = 16;

/** The gradients of convolutions: nothing is saved, since a network's first layer is made once more. */
export function prepareConvolutionGradient(problem: Problem<Gradient<Convolution>>, means: Means): Runnable {
  const { mechanism } = problem;
  const { inputs, dout, output, copied } = gradientTensors(problem, means.output);
  const { out, gradients } = gradientArrays(problem, output);
  const within = { ...problemWithin(problem), inputs };
  const forward =
    out === null ? null : prepareConvolution(within, within.mechanism, { ...means, output: out });
  const backward = prepareBack(within, { dout, gradients }, means);
  const timed = makesOutput(mechanism) ? [forward, backward] : [backward];
  const sum = (of: (one: Omit<Runnable, "output">) => number | null | undefined): number =>
    timed.reduce((total, one) => total + (one === null ? 0 : (of(one) ?? 0)), 0);
  return {
    run() {
      forward?.run();
      backward.run();
    },
    ...copied,
    output: () => output,
    workspaceBytes: sum(({ workspaceBytes }) => workspaceBytes),
    executedFlops: sum(({ executedFlops }) => executedFlops),
    bytes: sum(({ bytes }) => bytes),
    dispose() {
      forward?.dispose();
      backward.dispose();
    },
  };
}

interface BackTensors {
  readonly dout: Float32Array;
  readonly gradients: Readonly<Record<string, Float32Array>>;
}

type Back = Pick<Runnable, "run" | "workspaceBytes" | "executedFlops" | "bytes" | "dispose">;

function prepareBack(
  { mechanism, shape, inputs, causal, threads }: Problem<Convolution>,
  { dout, gradients }: BackTensors,
  { build, pool }: Pick<Means, "build" | "pool">,
): Back {
  const { batch, heads, kvHeads, length, valueDim: d } = shape;
  const { form, taps, image } = mechanism;
  const [first, second] = WEIGHTS[form];
  const width = Math.ceil(d / build.panelKeys) * build.panelKeys;
  const isDiagonal = form === "depthwise";
  const plan = new ScratchPlan();
  const { packing, going } = itemsOf(mechanism, length, d, build.panelKeys);
  const items = sharedItems([...packing, ...going]);
  const itemsAt = plan.words(items.words.length);
  const wordsAt = plan.words(CONVOLUTION_BACK_WORDS);
  const packedAt = plan.words(isDiagonal ? 0 : taps * d * width);
  const moreAt = plan.words(second === null ? 0 : d * width);
  const [hiddenAt, ofHiddenAt] = [0, 0].map(() => plan.words(second === null ? 0 : length * d));
  const names = second === null ? [first] : [first, second];
  const planned = planWeights(inputs, dout, names, plan);
  const tile = (TILE.queries * QUERY_ROW) / FLOAT_BYTES;
  const sums = (Math.ceil(build.panelKeys / PANEL_QUERIES) * PANEL_QUERIES * QUERY_ROW) / FLOAT_BYTES;
  const lanes = Array.from({ length: threads }, () =>
    isDiagonal
      ? { output: plan.words(16 * taps), state: plan.words(8) }
      : {
          queries: plan.words(tile),
          projected: plan.words(tile),
          features: plan.words(TILE.queries * build.panelKeys),
          order: plan.words(TILE.queries),
          output: plan.words(sums),
          state: plan.words(sums),
        },
  );
  // What a forward pass would write is read.
  const call = new Call(plan, inputs, dout, lanes);
  const weights = planned(call);
  call.copy(itemsAt, items.words);
  call.set({ length, valueDim: d, form: FORM[form], taps, tapsBefore: tokensBefore(mechanism, causal) });
  call.set({
    imageWidth: image?.width ?? 0,
    imageSide: image?.side ?? 0,
    imageNearest: Number(image?.border === "nearest"),
    gradient: call.place(wordsAt),
  });
  const words = call.arena.integers(call.place(wordsAt), CONVOLUTION_BACK_WORDS);
  const set = (some: Partial<Record<keyof typeof CONVOLUTION_BACK, number>>): void => {
    for (const [name, value] of Object.entries(some)) {
      words[CONVOLUTION_BACK[name as keyof typeof CONVOLUTION_BACK]] = value;
    }
  };
  set({ packed: call.place(packedAt), morePacked: call.place(moreAt), ofHidden: call.place(ofHiddenAt) });
  set({ hidden: call.place(hiddenAt) });
  const perTap = isDiagonal ? d : d * d;
  const place = (tensor: Float32Array, slice: number, floats: number): number =>
    tensor.byteOffset + slice * floats * FLOAT_BYTES;
  const { dq, dk, dv } = gradients;
  /** Where the tensors of a head are. */
  const pointAt = (entry: number, head: number): void => {
    call.pointAt(entry, head);
    call.set({ weights: weights.at(first, head * taps * perTap) });
    set({
      along: second === null ? call.startOf("output", entry, head) : call.place(ofHiddenAt),
      dv: place(dv, entry * kvHeads + kvHeadOf(shape, head), length * d),
      dweights: place(gradients[gradientName(first)], head, taps * perTap),
      adds: Number(entry > 0),
    });
    if (second === null) return;
    call.set({ moreWeights: weights.at(second, head * d * d) });
    set({ dmore: place(gradients[gradientName(second)], head, d * d) });
  };
  const runner = phaseRunner(call, build, "runConvolutionGradientItems", pool);
  const phases = call.phases(itemsAt, items.phaseEnds);
  const ofEntry = phases.slice(packing.length);
  const flops = flopsOfHead(mechanism, length, d, width);
  return {
    run() {
      weights.refresh();
      for (const gradient of [dq, dk, dv]) gradient.fill(0);
      for (let head = 0; head < heads; head++) {
        for (let entry = 0; entry < batch; entry++) {
          pointAt(entry, head);
          runner.run(entry === 0 ? phases : ofEntry);
        }
      }
    },
    workspaceBytes: call.workspaceBytes,
    executedFlops: batch * heads * flops,
    bytes:
      FLOAT_BYTES *
      (batch * heads * length * d * (2 + taps) +
        2 * heads * taps * perTap +
        dq.length +
        dk.length +
        dv.length),
    dispose: () => runner.dispose(),
  };
}

/** Items that pack the weights of a head, and those of each of its batch entries, in phases. */
function itemsOf({ form, taps }: Convolution, length: number, d: number, panelKeys: number) {
  const pieces = (kind: number, count: number, size: number): number[][] =>
    Array.from({ length: Math.ceil(count / size) }, (_, index) => [
      kind,
      index * size,
      Math.min(count, (index + 1) * size),
    ]);
  if (form === "depthwise") {
    return { packing: [], going: [pieces(CONVOLUTION_BACK_ITEM.depthwise, d, ITEM_CHANNELS)] };
  }
  const ofTaps = pieces(CONVOLUTION_BACK_ITEM.taps, d, panelKeys);
  const packing = [pieces(CONVOLUTION_BACK_ITEM.pack, taps, 1)];
  if (form === "full") return { packing, going: [ofTaps] };
  return {
    packing,
    going: [
      pieces(CONVOLUTION_BACK_ITEM.units, length, ITEM_ROWS),
      pieces(CONVOLUTION_BACK_ITEM.hidden, length, ITEM_ROWS),
      [...ofTaps, ...pieces(CONVOLUTION_BACK_ITEM.more, d, panelKeys)],
    ],
  };
}

/** Operations of one head, with whole panels counted, as if every row had all of its tokens. */
function flopsOfHead({ form, taps }: Convolution, length: number, d: number, width: number): number {
  if (form === "depthwise") return 4 * length * taps * d;
  let rows = 0;
  for (let row = 0; row < length; row += PANEL_QUERIES) rows += panelRows(length - row);
  const ofTap = 2 * width * d * rows + 2 * length * width * width;
  const more = 2 * (taps + 1) * width * d * rows + 2 * length * width * width;
  return taps * ofTap + (form === "network" ? more : 0);
}
