import type { Problem } from "../../../core/problem.ts";
import { FLOAT_BYTES } from "../../../core/shape.ts";
import { type Aft, LEARNED, type PositionBiases } from "../../../mechanisms/aft/declare.ts";
import { gradientName } from "../../../mechanisms/gradient/declare.ts";
import type { SoftmaxPattern } from "../../../mechanisms/softmax-pattern/declare.ts";
import { band, everything } from "../../../pattern/band.ts";
import { leftChannels, leftWords } from "../aft-kernel.ts";
import { Call, type Phase, ScratchPlan } from "../call.ts";
import { planWeights } from "../call-weights.ts";
import { MOST_HEAD_DIM, TILE } from "../layout.ts";
import type { Means } from "../means.ts";
import { phaseRunner } from "../run-phases.ts";
import { sharedItems } from "../shared-items.ts";
import type { AftBackward, AftTensors } from "./aft-simple-backward.ts";
import { AFT_BACK, AFT_BACK_ITEM, AFT_BACK_WORDS } from "./mixing-layout.ts";
import { type PlanHeadOperands, prepareSoftmaxBackward } from "./softmax-backward.ts";
import { SumOfEntries } from "./sum-of-entries.ts";

/** Channels that tiles take at a time: they read two numbers of each. */
const MOST_CHANNELS = MOST_HEAD_DIM / 2;

/** Tokens of an item, and numbers of a row whose sums over rows are an item. */
const ITEM_TOKENS = 10 * TILE.queries;
const ITEM_NUMBERS = 32;

/** Operations of a number of a token, besides tiles, and of one of a sum over rows that are far. */
const NUMBER_FLOPS = 30;
const FAR_FLOPS = 6;

/**
 * With biases of positions: tiles of softmax attention over the biases, whose values are made of keys and values, and whose dout of
 * those of the call, before which these are made and after which the gradients of keys are.
 */
export function prepareAftBackward(
  problem: Problem<Aft>,
  biases: PositionBiases,
  tensors: AftTensors,
  means: Pick<Means, "build" | "pool">,
): AftBackward {
  const { shape, threads } = problem;
  const { batch, heads, length, headDim } = shape;
  const { rank } = biases;
  const window = biases.window >= length ? 0 : biases.window;
  const parts = channelParts(headDim);
  const around = prepareAround(problem, { ...biases, window }, tensors, means);
  const { widest } = around;
  // A part of the channels is one more batch entry, with operands of its own.
  const own = { ...shape, batch: batch * parts.length, headDim: rank, valueDim: 2 * widest };
  const mechanism: SoftmaxPattern = {
    kind: "softmaxPattern",
    pattern: window === 0 ? everything() : band(window - 1, window - 1),
    scale: 1,
  };
  const planOperands: PlanHeadOperands = (plan) => {
    const names = [LEARNED.ofQueries, LEARNED.ofKeys] as const;
    const planned = planWeights(problem.inputs, tensors.dout, names, plan);
    const [ofRows, ofKeys] = names.map((name) => {
      const to = tensors.gradients[gradientName(name)];
      return new SumOfEntries(to, { heads, entries: own.batch }, plan);
    });
    return {
      lanes: [],
      refines: false,
      place(call) {
        const weights = planned(call);
        for (const sum of [ofRows, ofKeys]) sum.place(call);
        const placesOf = (entry: number, head: number) => ({
          q: weights.at(LEARNED.ofQueries, head * length * rank),
          k: weights.at(LEARNED.ofKeys, head * length * rank),
          v: around.values,
          dout: around.along,
          out: 0,
          sums: around.pairs,
          dq: ofRows.at(entry, head),
          dk: ofKeys.at(entry, head),
          dv: around.sums,
        });
        return {
          refresh: () => weights.refresh(),
          placesOf,
          open(entry, head) {
            const part = parts[entry % parts.length];
            around.open(Math.floor(entry / parts.length), head, part, placesOf(entry, head));
          },
          close(entry, head) {
            around.close();
            for (const sum of [ofRows, ofKeys]) sum.take(entry, head);
          },
        };
      },
    };
  };
  // Queries, keys and values are elsewhere; where dout is, rows are what they are in the call.
  const backward = prepareSoftmaxBackward(
    { ...problem, mechanism, shape: own, threads },
    { dout: tensors.dout, left: null, gradients: tensors.gradients },
    means,
    planOperands,
  );
  const numbers = batch * heads * length * parts.reduce((sum, { width }) => sum + width, 0);
  const flops = numbers * (NUMBER_FLOPS + (window === 0 ? 0 : 2 * FAR_FLOPS));
  return {
    run: () => backward.run(),
    workspaceBytes: backward.workspaceBytes + around.workspaceBytes,
    executedFlops: backward.executedFlops + flops,
    bytes: backward.bytes + FLOAT_BYTES * numbers * (window === 0 ? 15 : 21),
    dispose() {
      backward.dispose();
      around.dispose();
    },
  };
}

/** Some channels of a head, and how many numbers they take. */
interface ChannelPart {
  readonly first: number;
  readonly count: number;
  readonly width: number;
}

function channelParts(headDim: number): readonly ChannelPart[] {
  return Array.from({ length: Math.ceil(headDim / MOST_CHANNELS) }, (_, part) => {
    const first = part * MOST_CHANNELS;
    const count = Math.min(MOST_CHANNELS, headDim - first);
    // The same in all parts, as tiles have it.
    return { first, count, width: Math.min(MOST_CHANNELS, leftChannels(headDim)) };
  });
}

/** Where a head's biases and their gradients are. */
type BiasPlaces = Readonly<Record<"q" | "k" | "dq" | "dk", number>>;

/** What is made before the tiles of a head, and after them. */
function prepareAround(
  { shape, inputs, causal, threads }: Problem<Aft>,
  { rank, window }: PositionBiases,
  { dout, left, gradients }: AftTensors,
  { build, pool }: Pick<Means, "build" | "pool">,
) {
  const { batch, heads, length, headDim } = shape;
  const channels = leftChannels(headDim);
  const widest = Math.min(MOST_CHANNELS, channels);
  const pieces = (kind: number, count: number, size: number): number[][] =>
    Array.from({ length: Math.ceil(count / size) }, (_, index) => [
      kind,
      index * size,
      Math.min(count, (index + 1) * size),
    ]);
  const items = sharedItems([
    pieces(AFT_BACK_ITEM.largest, widest, ITEM_NUMBERS),
    [...pieces(AFT_BACK_ITEM.keys, length, ITEM_TOKENS), ...pieces(AFT_BACK_ITEM.rows, length, ITEM_TOKENS)],
    ...(window === 0 ? [] : [pieces(AFT_BACK_ITEM.far, 2 * widest, ITEM_NUMBERS)]),
    pieces(AFT_BACK_ITEM.finish, length, ITEM_TOKENS),
    [[AFT_BACK_ITEM.apart, 0, 0]],
  ]);
  const plan = new ScratchPlan();
  const itemsAt = plan.words(items.words.length);
  const wordsAt = plan.words(AFT_BACK_WORDS);
  const places = {
    values: plan.words(2 * length * widest),
    along: plan.words(2 * length * widest),
    sums: plan.words(2 * length * widest),
    largest: plan.words(widest),
    centre: plan.words(widest),
    apart: plan.words(length),
    pairs: plan.words(2 * length),
  };
  const lanes = Array.from({ length: threads }, () => ({}));
  const call = new Call(plan, inputs, dout, lanes);
  call.copy(itemsAt, items.words);
  call.set({ length, d: headDim, width: 2 * channels, rank, window, causal: Number(causal) });
  call.set({ gradient: call.place(wordsAt) });
  const words = call.arena.integers(call.place(wordsAt), AFT_BACK_WORDS);
  const set = (some: Partial<Record<keyof typeof AFT_BACK, number>>): void => {
    for (const [name, value] of Object.entries(some)) words[AFT_BACK[name as keyof typeof AFT_BACK]] = value;
  };
  for (const [name, place] of Object.entries(places)) set({ [name]: call.place(place) });
  const runner = phaseRunner(call, build, "runAftGradientItems", pool);
  const phases: readonly Phase[] = call.phases(itemsAt, items.phaseEnds);
  const slices = batch * heads;
  return {
    widest,
    values: call.place(places.values),
    along: call.place(places.along),
    sums: call.place(places.sums),
    pairs: call.place(places.pairs),
    open(entry: number, head: number, { first, count, width }: ChannelPart, places: BiasPlaces): void {
      const slice = entry * heads + head;
      const at = (name: "q" | "k" | "v"): number =>
        gradients[gradientName(name)].byteOffset + slice * length * headDim * FLOAT_BYTES;
      call.pointAt(entry, head);
      call.set(leftWords(left, slice, slices));
      set({ first, count, width, dq: at("q"), dk: at("k"), dv: at("v") });
      set({ rowBiases: places.q, keyBiases: places.k, ofRowBiases: places.dq, ofKeyBiases: places.dk });
      runner.run(phases.slice(0, 2));
    },
    close: () => runner.run(phases.slice(2)),
    workspaceBytes: call.workspaceBytes,
    dispose: () => runner.dispose(),
  };
}
