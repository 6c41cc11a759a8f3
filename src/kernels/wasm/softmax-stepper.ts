import type { Task } from "../../core/problem.ts";
import { FLOAT_BYTES, type Layout, layoutOf, offsetIn } from "../../core/shape.ts";
import type { AttentionInputs } from "../../core/tensors.ts";
import { type SoftmaxPattern, scaleOf } from "../../mechanisms/softmax-pattern/declare.ts";
import type { DecodeSchedule } from "../decode/compile-decode.ts";
import { decodeHeads } from "../decode/heads.ts";
import { checkPrefill, checkStep } from "../decode/refuse.ts";
import type { Stepper } from "../stepper.ts";
import type { Build } from "./build.ts";
import { ScratchPlan } from "./call.ts";
import { DecodeCall } from "./decode-call.ts";
import { PARTS, SLICE } from "./layout.ts";

/** Floats of a row of the cache: whole pairs of vectors. */
function rowFloats(dim: number): number {
  return Math.ceil(dim / 8) * 8;
}

/**
 * Bytes of the caches of keys and values that a task needs, counted without compiling anything if that is
 * enough.
 */
export function cacheBytes(task: Task, mechanism: SoftmaxPattern, enough: number): number {
  const { batch, heads, kvHeads, length, headDim, valueDim } = task.shape;
  const row = FLOAT_BYTES * (rowFloats(headDim) + rowFloats(valueDim)) * batch;
  const most = row * (mechanism.pattern.perHead ? heads : kvHeads) * length;
  if (most <= enough) return most;
  return row * decodeHeads(task, mechanism).caches.reduce((sum, { schedule }) => sum + schedule.slots, 0);
}

/**
 * Softmax attention, one query at a time over the keys that are kept: the module looks up the row's pieces
 * and walks them.
 */
export function prepareSoftmaxSteps(task: Task, mechanism: SoftmaxPattern, build: Build): Stepper {
  const { shape } = task;
  const { batch, kvHeads, length, headDim, valueDim } = shape;
  const planned = decodeHeads(task, mechanism);
  const { readers } = planned;
  const slices = batch * planned.caches.length;
  const keyWidth = rowFloats(headDim);
  const width = rowFloats(valueDim);
  const plan = new ScratchPlan();
  const tables = new Map(planned.distinct.map((schedule) => [schedule, planTables(schedule, plan)]));
  const sliceWords = Object.keys(SLICE).length;
  const slicesAt = plan.words(slices * sliceWords);
  const scoreWords = Math.max(...planned.distinct.map(({ mostKeys }) => mostKeys)) + 8;
  const lane = {
    queries: plan.words(readers * keyWidth),
    output: plan.words(readers * width),
    parts: plan.words(PARTS),
    scores: plan.words(readers * scoreWords),
  };
  const beside = plan.bytes;
  const places = Array.from({ length: slices }, (_, slice) => {
    const { slots } = planned.caches[slice % planned.caches.length].schedule;
    return { keys: plan.words(slots * keyWidth), values: plan.words(slots * width) };
  });
  const call = new DecodeCall(plan, shape, 1, lane, Math.LOG2E * scaleOf(mechanism, headDim));
  for (const [schedule, at] of tables) copyTables(call, schedule, at);
  call.set({ keyWidth, width, slices, slice: call.place(slicesAt) });
  call.set({ readers, cachesPerHead: planned.caches.length / kvHeads, scoreRow: scoreWords * FLOAT_BYTES });
  const caches = places.map(({ keys, values }, slice): Cache => {
    const { kvHead, schedule } = planned.caches[slice % planned.caches.length];
    const words = call.arena.integers(call.place(slicesAt) + slice * sliceWords * FLOAT_BYTES, sliceWords);
    const pointed = { ...tables.get(schedule), keys, values };
    for (const [name, place] of Object.entries(pointed))
      words[SLICE[name as keyof typeof SLICE]] = call.place(place);
    const rows = (at: number, floats: number): Float32Array =>
      call.arena.floats(call.place(at), schedule.slots * floats);
    const entry = Math.floor(slice / planned.caches.length);
    return { entry, kvHead, schedule, keys: rows(keys, keyWidth), values: rows(values, width) };
  });
  const { decodeSoftmax } = call.arena.instance(build);
  let position = 0;

  return {
    get position() {
      return position;
    },
    capacity: length,
    get stateBytes() {
      return planned.stateBytes(position);
    },
    get stepBytes() {
      return planned.stepBytes(position);
    },
    // The schedules are on the JavaScript heap as well: prefills and counts read them there.
    workspaceBytes: beside + planned.tableBytes,
    reset() {
      position = 0;
    },
    prefill(inputs, count) {
      checkPrefill(shape, position, inputs, count);
      for (const cache of caches) fillCache(cache, inputs, position, position + count);
      position += count;
    },
    step(token) {
      checkStep(shape, position, token);
      call.put(token);
      decodeSoftmax(call.at, call.lane, position);
      call.take(token);
      position++;
    },
    dispose: () => call.dispose(),
  };
}

/** Keys and values that are kept of one head of k and v of one batch entry, in rows of whole vectors. */
interface Cache {
  readonly entry: number;
  readonly kvHead: number;
  readonly schedule: DecodeSchedule;
  readonly keys: Float32Array;
  readonly values: Float32Array;
}

/** Puts tokens `from … to - 1` into their slots: those that a query from `to` on attends. */
function fillCache(
  { entry, kvHead, schedule: { slotOf, lastQuery }, keys, values }: Cache,
  { shape, k, v }: AttentionInputs,
  from: number,
  to: number,
): void {
  const copies = [
    copyInto(keys, k, layoutOf(shape, "k"), entry, kvHead),
    copyInto(values, v, layoutOf(shape, "v"), entry, kvHead),
  ];
  const padded = copies.some(({ pads }) => pads);
  for (let token = from; token < to; ) {
    if (lastQuery[token] < to) {
      token++;
      continue;
    }
    const slot = slotOf[token];
    let end = token + 1;
    // Rows without padding that follow one another are copied together.
    if (!padded) {
      while (end < to && lastQuery[end] >= to && slotOf[end] === slot + end - token) end++;
    }
    for (const { copy } of copies) copy(token, end, slot);
    token = end;
  }
}

/** Copies rows `from … to - 1` of one head of a tensor into slots of a cache. */
function copyInto(cache: Float32Array, tensor: Float32Array, layout: Layout, entry: number, head: number) {
  const start = offsetIn(layout, entry, head, 0);
  const { width } = layout;
  const floats = rowFloats(width);
  return {
    pads: floats !== width,
    copy(from: number, to: number, slot: number): void {
      const size = (to - from) * width;
      cache.set(tensor.subarray(start + from * width, start + to * width), slot * floats);
      cache.fill(0, slot * floats + size, (slot + to - from) * floats);
    },
  };
}

/** Where the arrays of a schedule that the module reads are to lie. */
function planTables(schedule: DecodeSchedule, plan: ScratchPlan) {
  const { slotOf, pieces, rowAt, lastCount } = schedule;
  return {
    slotOf: plan.words(slotOf.length),
    pieces: plan.words(pieces.length),
    rowAt: plan.words(rowAt.length),
    lastCount: plan.words(lastCount.length),
  };
}

function copyTables(call: DecodeCall, schedule: DecodeSchedule, at: ReturnType<typeof planTables>): void {
  for (const name of ["slotOf", "pieces", "rowAt", "lastCount"] as const) {
    call.arena.integers(call.place(at[name]), schedule[name].length).set(schedule[name]);
  }
}
