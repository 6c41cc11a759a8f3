import type { Task } from "../../core/problem.ts";
import { FLOAT_BYTES } from "../../core/shape.ts";
import { type SoftmaxPattern, scaleOf } from "../../mechanisms/softmax-pattern/declare.ts";
import { BIAS_TABLE } from "../../pairwise/bind-biases.ts";
import { rowNumbersOf, scoreUnit } from "../../pairwise/row-numbers.ts";
import type { DecodeSchedule } from "../decode/compile-decode.ts";
import { type Cache, fillCache, rowFloats } from "../decode/fill-cache.ts";
import { decodeHeads, rowKeys } from "../decode/heads.ts";
import { checkPrefill, checkStep } from "../decode/refuse.ts";
import { learned } from "../learned.ts";
import type { Stepper, Weights } from "../stepper.ts";
import type { Build } from "./build.ts";
import { ScratchPlan } from "./call.ts";
import { DecodeCall } from "./decode-call.ts";
import { planBiases } from "./forms/planned-biases.ts";
import { planRowNumbers } from "./forms/planned-row-numbers.ts";
import { PRODUCTS, planScores } from "./forms/planned-scores.ts";
import { planTurns } from "./forms/planned-turns.ts";
import { NORMALISER, PARTS, SLICE, TANH_WORDS } from "./layout.ts";

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
export function prepareSoftmaxSteps(
  task: Task,
  mechanism: SoftmaxPattern,
  build: Build,
  weights: Weights,
): Stepper {
  const { shape } = task;
  const { batch, heads, kvHeads, length, headDim, valueDim } = shape;
  const { score, turn, bias, normaliser } = mechanism;
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
    exact: plan.words(score === undefined ? 0 : TANH_WORDS + readers),
  };
  const unit = scoreUnit(normaliser);
  const tokens = { from: 0, to: length };
  const turns = planTurns(turn, headDim, tokens, plan);
  const table = bias?.table && learned(weights, BIAS_TABLE);
  const biasedCall = { heads, keys: length, queries: tokens, causal: true, unit, table };
  const plannedBiases = bias && planBiases(bias, biasedCall, plan);
  const vector = (name: string): Float32Array => learned(weights, name);
  const plannedScores = score && planScores(score, { heads, headDim, unit, exact: false, vector }, plan);
  const rowNumbers = rowNumbersOf(normaliser);
  const plannedNumbers = planRowNumbers(rowNumbers, planned.distinct, length, keysOfRows, plan);
  const placesAt = new Map(
    planned.distinct.map((schedule) => [schedule, plan.words(bias === undefined ? 0 : schedule.slots)]),
  );
  const beside = plan.bytes;
  const places = Array.from({ length: slices }, (_, slice) => {
    const { slots } = planned.caches[slice % planned.caches.length].schedule;
    return { keys: plan.words(slots * keyWidth), values: plan.words(slots * width) };
  });
  const call = new DecodeCall(
    plan,
    shape,
    1,
    lane,
    score === undefined ? unit * scaleOf(mechanism, headDim) : 1,
  );
  for (const [schedule, at] of tables) copyTables(call, schedule, at);
  call.set({ ...turns(call), normaliser: NORMALISER[rowNumbers.normaliser] });
  call.setFloat("rowNumber", rowNumbers.number);
  const biases = plannedBiases?.(call);
  call.set({ ...biases?.words, bias: Number(biases !== undefined) });
  const scores = plannedScores?.(call);
  call.set(scores?.words ?? PRODUCTS);
  const numbersAt = plannedNumbers(call);
  call.set({ keyWidth, width, slices, slice: call.place(slicesAt) });
  call.set({ readers, cachesPerHead: planned.caches.length / kvHeads, scoreRow: scoreWords * FLOAT_BYTES });
  const { decodeSoftmax, turnRows } = call.arena.instance(build);
  const caches = places.map(({ keys, values }, slice): Cache => {
    const cache = slice % planned.caches.length;
    const { kvHead, schedule } = planned.caches[cache];
    const words = call.arena.integers(call.place(slicesAt) + slice * sliceWords * FLOAT_BYTES, sliceWords);
    const pointed = { ...tables.get(schedule), keys, values, placeAt: placesAt.get(schedule) ?? 0 };
    for (const [name, place] of Object.entries(pointed))
      words[SLICE[name as keyof typeof SLICE]] = call.place(place);
    words[SLICE.bias] = biases?.ofHead(cache * readers) ?? 0;
    words[SLICE.score] = scores?.ofHead(cache * readers) ?? 0;
    words[SLICE.rowNumbers] = numbersAt.get(schedule) ?? 0;
    const rows = (at: number, floats: number): Float32Array =>
      call.arena.floats(call.place(at), schedule.slots * floats);
    const entry = Math.floor(slice / planned.caches.length);
    const turned = (slot: number, count: number, token: number): void => {
      const at = call.place(keys) + slot * keyWidth * FLOAT_BYTES;
      const rowBytes = keyWidth * FLOAT_BYTES;
      turnRows(call.at, at, rowBytes, count, token, 1, at, rowBytes);
    };
    return {
      entry,
      kvHead,
      schedule,
      keys: rows(keys, keyWidth),
      values: rows(values, width),
      ...(turn && { turn: turned }),
    };
  });
  const placed = [...placesAt].map(([{ slotOf, slots }, at]) => ({
    slotOf,
    placeAt: call.arena.integers(call.place(at), bias === undefined ? 0 : slots),
  }));
  /** Notes that a token lies in its slot from now on. */
  const place = (token: number): void => {
    if (biases === undefined) return;
    for (const { slotOf, placeAt } of placed) {
      const slot = slotOf[token];
      if (slot >= 0) placeAt[slot] = biases.placeOf(token);
    }
  };
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
      // A slot's last token is the one that lies there.
      for (let token = position; token < position + count; token++) place(token);
      position += count;
    },
    step(token) {
      checkStep(shape, position, token);
      call.put(token);
      place(position);
      decodeSoftmax(call.at, call.lane, position);
      call.take(token);
      position++;
    },
    dispose: () => call.dispose(),
  };
}

function keysOfRows(schedule: DecodeSchedule): Int32Array {
  return Int32Array.from({ length: schedule.capacity }, (_, row) => rowKeys(schedule, row));
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
