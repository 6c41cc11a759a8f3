import type { Task } from "../../core/problem.ts";
import { FLOAT_BYTES, rowOffset } from "../../core/shape.ts";
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
function rowFloats(headDim: number): number {
  return Math.ceil(headDim / 8) * 8;
}

/**
 * Bytes of the caches of keys and values that a task needs, counted without compiling anything if that is
 * enough.
 */
export function cacheBytes(task: Task, mechanism: SoftmaxPattern, enough: number): number {
  const { batch, heads, length, headDim } = task.shape;
  const row = 2 * FLOAT_BYTES * rowFloats(headDim) * batch;
  const most = row * heads * length;
  if (most <= enough) return most;
  return row * decodeHeads(task, mechanism).ofHeads.reduce((sum, { slots }) => sum + slots, 0);
}

/**
 * Softmax attention, one query at a time over the keys that are kept: the module looks up the row's pieces
 * and walks them.
 */
export function prepareSoftmaxSteps(task: Task, mechanism: SoftmaxPattern, build: Build): Stepper {
  const { shape } = task;
  const { batch, heads, length, headDim } = shape;
  const planned = decodeHeads(task, mechanism);
  const width = rowFloats(headDim);
  const plan = new ScratchPlan();
  const tables = new Map(planned.distinct.map((schedule) => [schedule, planTables(schedule, plan)]));
  const sliceWords = Object.keys(SLICE).length;
  const slicesAt = plan.words(batch * heads * sliceWords);
  const lane = {
    queries: plan.words(width),
    output: plan.words(width),
    parts: plan.words(PARTS),
    scores: plan.words(Math.max(...planned.distinct.map(({ mostKeys }) => mostKeys)) + 8),
  };
  const beside = plan.bytes;
  const caches = Array.from({ length: batch * heads }, (_, slice) => {
    const schedule = planned.ofHeads[slice % heads];
    const rows = schedule.slots * width;
    return { schedule, keys: plan.words(rows), values: plan.words(rows) };
  });
  const call = new DecodeCall(plan, shape, 1, lane, Math.LOG2E * scaleOf(mechanism, headDim));
  for (const [schedule, at] of tables) copyTables(call, schedule, at);
  call.set({ width, slices: batch * heads, slice: call.place(slicesAt) });
  const slices = caches.map(({ schedule, keys, values }, index) => {
    const words = call.arena.integers(call.place(slicesAt) + index * sliceWords * 4, sliceWords);
    const places = { ...tables.get(schedule), keys, values };
    for (const [name, place] of Object.entries(places))
      words[SLICE[name as keyof typeof SLICE]] = call.place(place);
    const rows = (at: number): Float32Array => call.arena.floats(call.place(at), schedule.slots * width);
    return { schedule, keys: rows(keys), values: rows(values) };
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
      for (const [index, { schedule, keys, values }] of slices.entries()) {
        const base = rowOffset(inputs.shape, Math.floor(index / heads), index % heads, 0);
        fillCache(schedule, inputs, base, position, position + count, width, keys, values);
      }
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

/**
 * Puts tokens `from … to - 1` of one head, which begins at `base` of the inputs, into their slots: those that
 * a query from `to` on attends.
 */
function fillCache(
  { slotOf, lastQuery }: DecodeSchedule,
  { shape, k, v }: AttentionInputs,
  base: number,
  from: number,
  to: number,
  width: number,
  keys: Float32Array,
  values: Float32Array,
): void {
  const { headDim } = shape;
  for (let token = from; token < to; ) {
    if (lastQuery[token] < to) {
      token++;
      continue;
    }
    const slot = slotOf[token];
    let end = token + 1;
    // Rows without padding that follow one another are copied together.
    if (width === headDim) {
      while (end < to && lastQuery[end] >= to && slotOf[end] === slot + end - token) end++;
    }
    const start = base + token * headDim;
    const size = (end - token) * headDim;
    for (const [tensor, cache] of [
      [k, keys],
      [v, values],
    ] as const) {
      cache.set(tensor.subarray(start, start + size), slot * width);
      cache.fill(0, slot * width + size, (slot + end - token) * width);
    }
    token = end;
  }
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
