import type { Problem } from "../../../core/problem.ts";
import { FLOAT_BYTES } from "../../../core/shape.ts";
import { gradientName } from "../../../mechanisms/gradient/declare.ts";
import type { Recurrence } from "../../../mechanisms/recurrence/declare.ts";
import { Call, ScratchPlan } from "../call.ts";
import { planWeights } from "../call-weights.ts";
import { PANEL_QUERIES, QUERY_ROW, SCORE_ROW } from "../layout.ts";
import type { Means } from "../means.ts";
import { segmentsOf } from "../recurrence-kernel.ts";
import { CHANNEL_CHUNK, TOKEN_CHUNK } from "../recurrence-layout.ts";
import {
  chunkOf,
  keptSizes,
  planRecurrence,
  type RecurrencePlan,
  reserveRecurrence,
  writeWords,
} from "../recurrence-plan.ts";
import { phaseRunner } from "../run-phases.ts";
import { sharedItems } from "../shared-items.ts";
import { BACKWARD, BACKWARD_ITEM, BACKWARD_WORDS } from "./recurrence-layout.ts";
import { backwardBytes, backwardFlops, spanOf } from "./recurrence-work.ts";

/** Where the tensors of a gradient are, all in one arena. */
export interface BackwardTensors {
  readonly dout: Float32Array;
  /** The states before all chunks, as the forward pass keeps them. */
  readonly states: Float32Array;
  readonly gradients: Readonly<Record<string, Float32Array>>;
}

/** The backward pass of a recurrence in chunks. */
export interface RecurrenceBackward {
  run(): void;
  readonly workspaceBytes: number;
  readonly executedFlops: number;
  readonly bytes: number;
  dispose(): void;
}

/** Items as in the forward pass, the other way round; what weights get is added up at the end, in one order. */
export function prepareRecurrenceBackward(
  problem: Problem<Recurrence>,
  { dout, states, gradients }: BackwardTensors,
  { build, pool }: Pick<Means, "build" | "pool">,
): RecurrenceBackward {
  const { shape, inputs, mechanism, threads } = problem;
  const { batch, heads, length } = shape;
  const slices = batch * heads;
  const planned = planRecurrence(mechanism, shape, build);
  const { segments, segmentTokens } = segmentsOf(mechanism, length, chunkOf(planned));
  const isCut = segments > 1 && threads > slices;
  const own = lanePlaces(planned, mechanism, shape.headDim);
  const sums = sumPlaces(mechanism, planned, shape.headDim);

  const plan = new ScratchPlan();
  const items = sharedItems(
    phasesOf({ slices, heads, segments: isCut ? segments : 1, sums: sums.words > 0 }),
  );
  const itemsAt = plan.words(items.words.length);
  const places = reserveRecurrence(plan, planned, BACKWARD_WORDS);
  const named = ["decay", "write", "g", "beta", "dt"].filter((name) => Object.hasOwn(inputs, name));
  const weightsOf = planWeights(inputs, dout, named, plan);
  const stateWords = planned.stateWords + planned.channels;
  const gradientsAt = plan.words(isCut ? slices * segments * stateWords : 0);
  const sumsAt = plan.words(slices * segments * sums.words);
  const lanes = Array.from({ length: threads }, () => ({
    scratch: plan.words(planned.laneWords + own.words),
  }));
  // What a forward pass would write is read.
  const call = new Call(plan, inputs, dout, lanes);
  const given = weightsOf(call);
  call.copy(itemsAt, items.words);
  const at = call.place(places.words);
  call.set({ recurrence: at });
  call.arena.floats(call.place(places.fixedLogs), planned.fixedLogs.length).set(planned.fixedLogs);
  call.arena.floats(call.place(places.offsets), planned.offsets.length).set(planned.offsets);
  const tensor = (name: string): number => (named.includes(name) ? given.at(name) : 0);
  const integers = call.arena.integers(at, BACKWARD_WORDS);
  writeWords(integers, call.arena.floats(at, BACKWARD_WORDS), planned, {
    q: call.startOf("q", 0, 0),
    k: call.startOf("k", 0, 0),
    v: call.startOf("v", 0, 0),
    g: tensor("g"),
    beta: tensor("beta"),
    dt: tensor("dt"),
    decayWeights: tensor("decay"),
    writeWeights: tensor("write"),
    fixedLogs: planned.fixedLogs.length > 0 ? call.place(places.fixedLogs) : 0,
    offsets: call.place(places.offsets),
    length,
    slices,
    segments,
    segmentTokens,
    states: call.place(gradientsAt),
    stateBytes: stateWords * FLOAT_BYTES,
    totalAt: planned.stateWords * FLOAT_BYTES,
    kept: states.byteOffset,
    ...keptSizes(planned, shape),
    decayLogits: (planned.laneWords + own.logits.decay) * FLOAT_BYTES,
    writeLogits: (planned.laneWords + own.logits.write) * FLOAT_BYTES,
  });
  const set = (words: Partial<Record<keyof typeof BACKWARD, number>>): void => {
    for (const [name, value] of Object.entries(words))
      integers[BACKWARD[name as keyof typeof BACKWARD]] = value;
  };
  for (const [name, start] of Object.entries(own.starts)) {
    set({ [name]: (planned.laneWords + start) * FLOAT_BYTES });
  }
  const placeOf = (input: string): number => gradients[gradientName(input)]?.byteOffset ?? 0;
  set({
    dout: dout.byteOffset,
    dq: placeOf("q"),
    dk: placeOf("k"),
    dv: placeOf("v"),
    dg: placeOf("g"),
    dbeta: placeOf("beta"),
    ddt: placeOf("dt"),
    ddecay: placeOf("decay"),
    dwrite: placeOf("write"),
    batch,
    span: spanOf(planned, mechanism),
    sums: call.place(sumsAt),
    sumBytes: sums.words * FLOAT_BYTES,
    tailAt: sums.tailAt * FLOAT_BYTES,
    writeSumsAt: sums.writeAt * FLOAT_BYTES,
  });

  const runner = phaseRunner(call, build, "runRecurrenceGradientItems", pool);
  const phases = call.phases(itemsAt, items.phaseEnds);
  const counted = { mechanism, shape, segmentTokens, summedFrom: isCut ? segmentTokens : length };
  return {
    run() {
      given.refresh();
      runner.run(phases);
    },
    workspaceBytes: call.workspaceBytes,
    executedFlops: slices * backwardFlops(planned, counted, build.panelKeys),
    bytes: slices * backwardBytes(planned, counted),
    dispose: () => runner.dispose(),
  };
}

/** Where what a lane writes on its way back is, in words behind what a forward pass has there. */
function lanePlaces(plan: RecurrencePlan, mechanism: Recurrence, headDim: number) {
  const { byChannel, channels, width } = plan;
  const erases = mechanism.erase !== null;
  const span = spanOf(plan, mechanism);
  // The first may be of another length.
  const spans = span === chunkOf(plan) ? 0 : 1 + Math.ceil((chunkOf(plan) - 1) / span);
  const chunk = byChannel ? CHANNEL_ROWS : TOKEN_CHUNK;
  const rows = (chunk * QUERY_ROW) / FLOAT_BYTES;
  const pairs = (chunk * SCORE_ROW) / FLOAT_BYTES;
  const ofChannels = byChannel ? rows : 0;
  const sizes = {
    given: rows,
    plainQueries: rows,
    plainKeys: rows,
    plainErasing: rows,
    douts: rows,
    written: rows,
    ofValues: rows,
    ofQueries: rows,
    ofKeys: rows,
    ofErasing: rows,
    ofLogs: ofChannels,
    ofReads: ofChannels,
    ofWrites: ofChannels,
    shares: byChannel ? rows : pairs,
    products: pairs,
    moreProducts: pairs,
    stateColumns: width * channels,
    afterColumns: width * channels,
    valuePanels: chunk * width,
    pairedValues: erases ? 2 * rows : 0,
    pairedRows: erases ? 2 * rows : 0,
    pairedProducts: erases ? 2 * pairs : 0,
    // Rows up to a whole panel are written.
    spanStates: spans > 0 ? (spans * headDim + PANEL_QUERIES) * width : 0,
  } as const;
  const starts: Partial<Record<keyof typeof sizes, number>> = {};
  let words = 0;
  for (const [name, size] of Object.entries(sizes)) {
    starts[name as keyof typeof sizes] = words;
    words += size;
  }
  return { starts, logits: { decay: words, write: words + ofChannels }, words: words + 2 * ofChannels };
}

/** Rows of a chunk whose channels decay by themselves, up to a whole panel. */
const CHANNEL_ROWS = Math.ceil(CHANNEL_CHUNK / PANEL_QUERIES) * PANEL_QUERIES;

/** Where what weights get is, in words from the beginning of a segment's. */
function sumPlaces({ decay, write }: Recurrence, plan: RecurrencePlan, headDim: number) {
  const { channels } = plan;
  const matrix = Math.ceil(headDim / PANEL_QUERIES) * PANEL_QUERIES * channels;
  const decays = "stream" in decay ? (plan.decayPerChannel ? matrix : channels) : 0;
  const tail = decay.form === "softplus" ? 2 * channels : 0;
  const writes = "stream" in write ? (plan.writePerChannel ? matrix : channels) : 0;
  return { tailAt: decays, writeAt: decays + tail, words: decays + tail + writes };
}

/** The first segment leaves its gradient to nobody. */
function phasesOf({
  slices,
  heads,
  segments,
  sums,
}: {
  slices: number;
  heads: number;
  segments: number;
  sums: boolean;
}): number[][][] {
  const each = (kind: number, count: number, from = 0): number[][] =>
    Array.from({ length: slices * count }, (_, index) => [
      kind,
      Math.floor(index / count),
      from + (index % count),
    ]);
  const weights = Array.from({ length: heads }, (_, head) => [BACKWARD_ITEM.weights, head, 0]);
  const walks =
    segments === 1
      ? [each(BACKWARD_ITEM.slice, 1)]
      : [
          each(BACKWARD_ITEM.sum, segments - 1, 1),
          each(BACKWARD_ITEM.join, 1),
          each(BACKWARD_ITEM.walk, segments),
        ];
  return sums ? [...walks, weights] : walks;
}
