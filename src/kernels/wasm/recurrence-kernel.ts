import type { Problem } from "../../core/problem.ts";
import { FLOAT_BYTES } from "../../core/shape.ts";
import type { Recurrence } from "../../mechanisms/recurrence/declare.ts";
import type { Runnable } from "../kernel.ts";
import { Call, ScratchPlan } from "./call.ts";
import { planWeights } from "./call-weights.ts";
import type { Means } from "./means.ts";
import { RECURRENCE_ITEM } from "./recurrence-layout.ts";
import {
  chunkOf,
  keptSizes,
  planRecurrence,
  RECURRENCE_WORDS,
  reserveRecurrence,
  writeWords,
} from "./recurrence-plan.ts";
import { recurrenceBytes, recurrenceFlops } from "./recurrence-work.ts";
import { phaseRunner } from "./run-phases.ts";
import { sharedItems } from "./shared-items.ts";

/** Tokens of a segment at least, so that its state costs little beside them, and the most segments, a power of 2. */
const LEAST_TOKENS = 768;
const MOST_SEGMENTS = 256;

/** What a forward pass leaves for a backward pass. */
export interface Keeping {
  /** The states before all chunks, `[slices, chunks, headDim, width]`, in the memory of the tensors. */
  readonly states: Float32Array;
  /** Whether the output is written as well; if not it may be any array of its length. */
  readonly writesOut: boolean;
}

/**
 * Recurrences of matrices in chunks: an item for each slice, a head of a batch entry. Where there are fewer than threads, and
 * nothing is erased, also for segments of them; what erases leaves of a state is a matrix, and costs more than it would save.
 */
export function prepareRecurrence(
  problem: Problem,
  mechanism: Recurrence,
  means: Means,
  keeping: Keeping | null = null,
): Runnable {
  const { shape, inputs, threads } = problem;
  const { build } = means;
  const { batch, heads, length } = shape;
  const slices = batch * heads;
  const planned = planRecurrence(mechanism, shape, build);
  const { segments, segmentTokens } = segmentsOf(mechanism, length, chunkOf(planned));
  const isCut = segments > 1 && threads > slices;

  const plan = new ScratchPlan();
  const items = sharedItems(phasesOf(slices, isCut ? segments : 1));
  const itemsAt = plan.words(items.words.length);
  const places = reserveRecurrence(plan, planned);
  const named = ["decay", "write", "g", "beta", "dt"].filter((name) => Object.hasOwn(inputs, name));
  const weightsOf = planWeights(inputs, means.output, named, plan);
  const stateWords = planned.stateWords + planned.channels;
  const states = plan.words(isCut ? slices * segments * stateWords : 0);
  const lanes = Array.from({ length: threads }, () => ({ scratch: plan.words(planned.laneWords) }));
  const call = new Call(plan, inputs, means.output, lanes);
  const given = weightsOf(call);
  call.copy(itemsAt, items.words);
  const at = call.place(places.words);
  call.set({ recurrence: at });
  call.arena.floats(call.place(places.fixedLogs), planned.fixedLogs.length).set(planned.fixedLogs);
  call.arena.floats(call.place(places.offsets), planned.offsets.length).set(planned.offsets);
  const tensor = (name: string): number => (named.includes(name) ? given.at(name) : 0);
  writeWords(call.arena.integers(at, RECURRENCE_WORDS), call.arena.floats(at, RECURRENCE_WORDS), planned, {
    q: call.startOf("q", 0, 0),
    k: call.startOf("k", 0, 0),
    v: call.startOf("v", 0, 0),
    out: call.startOf("output", 0, 0),
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
    states: call.place(states),
    stateBytes: stateWords * FLOAT_BYTES,
    totalAt: planned.stateWords * FLOAT_BYTES,
    ...(keeping !== null && {
      kept: keeping.states.byteOffset,
      ...keptSizes(planned, shape),
      writesOut: Number(keeping.writesOut),
    }),
  });

  const runner = phaseRunner(call, build, "runRecurrenceItems", means.pool);
  const phases = call.phases(itemsAt, items.phaseEnds);
  const counted = { mechanism, shape, segmentTokens, summed: isCut ? (segments - 1) * segmentTokens : 0 };
  return {
    run() {
      given.refresh();
      runner.run(phases);
    },
    ...call.copied,
    output: () => call.output,
    workspaceBytes: call.workspaceBytes,
    executedFlops: slices * recurrenceFlops(planned, counted, build.panelKeys),
    bytes: slices * recurrenceBytes(planned, counted),
    dispose: () => runner.dispose(),
  };
}

/**
 * How the tokens of a slice are cut, whatever the threads, so that there are the same sums on any number of them: into a power of 2 of
 * about equal segments, which two threads, and four, share evenly.
 */
export function segmentsOf(
  { erase }: Recurrence,
  length: number,
  chunk: number,
): { segments: number; segmentTokens: number } {
  if (erase !== null || length < 2 * LEAST_TOKENS) return { segments: 1, segmentTokens: length };
  const count = Math.min(MOST_SEGMENTS, 2 ** Math.floor(Math.log2(length / LEAST_TOKENS)));
  const segmentTokens = Math.ceil(length / chunk / count) * chunk;
  return { segments: Math.ceil(length / segmentTokens), segmentTokens };
}

/** The state of the last segment is not asked for. */
function phasesOf(slices: number, segments: number): number[][][] {
  const each = (kind: number, count: number): number[][] =>
    Array.from({ length: slices * count }, (_, index) => [kind, Math.floor(index / count), index % count]);
  if (segments === 1) return [each(RECURRENCE_ITEM.slice, 1)];
  return [
    each(RECURRENCE_ITEM.sum, segments - 1),
    each(RECURRENCE_ITEM.join, 1),
    each(RECURRENCE_ITEM.walk, segments),
  ];
}
