import type { Task } from "../../../core/problem.ts";
import { FLOAT_BYTES } from "../../../core/shape.ts";
import { type SoftmaxPattern, scaleOf } from "../../../mechanisms/softmax-pattern/declare.ts";
import { type RowNumbers, rowNumbersOf, scoreUnit } from "../../../pairwise/row-numbers.ts";
import type { Cache } from "../../decode/fill-cache.ts";
import type { DecodeHeads } from "../../decode/heads.ts";
import type { Weights } from "../../stepper.ts";
import type { Ffi } from "../call/ffi.ts";
import { MemoryPlan, type Region } from "../call/memory.ts";
import type { Program } from "../call/program.ts";
import { writeWords } from "../call/write-words.ts";
import { LANES } from "../code/transpose.ts";
import { planKeyPlaces } from "./key-places.ts";
import {
  BLOCK,
  CALL,
  CALL_BYTES,
  READER,
  READER_BYTES,
  SLICE,
  SLICE_BYTES,
  WEIGHTS_BYTES,
} from "./layout.ts";
import { rowSizes } from "./row-sizes.ts";
import { planTables } from "./tables.ts";
import { planTurnedKeys } from "./turned-keys.ts";

/** A step of decoding in memory: where it is called, the token it takes in, and the caches. */
export interface PlacedStep {
  readonly address: bigint;
  /** Its first word is the position of the token. */
  readonly position: Int32Array;
  readonly token: Readonly<Record<"q" | "k" | "v" | "out", Float32Array>>;
  readonly caches: readonly Cache[];
  /** Notes that a token that a prefill brought lies in its slots. */
  place(token: number): void;
  /** Bytes besides the caches. */
  readonly bytes: number;
}

/** Scores less a maximum of −∞ would be NaN. */
const LEAST = -(2 ** 127) * (2 - 2 ** -23);

/** Bytes that a block of keys, or of values, takes at most of the nearest cache. */
const BLOCK_BYTES = 2 ** 14;

/**
 * Bytes that a step reads of caches, beyond which rows are asked for ahead: what memory itself holds, and not the
 * processor. Where the processor does, it is faster without.
 */
const NEAR_BYTES = 3 * 2 ** 22;

/** Keys of a block, by their width alone, so that sums are made alike however many heads read them: a power of 2. */
function keysOfBlock(rowBytes: number): number {
  return Math.min(BLOCK, Math.max(LANES, 2 ** Math.floor(Math.log2(BLOCK_BYTES / rowBytes))));
}

/** Lays out all that the steps of a task read and write, and writes what does not change. */
export function placeStep(
  { shape }: Task,
  mechanism: SoftmaxPattern,
  { caches, readers, distinct }: DecodeHeads,
  weights: Weights,
  program: Program,
  ffi: Ffi,
): PlacedStep {
  const { batch, heads, kvHeads, headDim, valueDim } = shape;
  const slices = batch * caches.length;
  const [ofKeys, ofValues] = [rowSizes(headDim), rowSizes(valueDim)];
  const numbers = rowNumbersOf(mechanism.normaliser);
  const plan = new MemoryPlan();
  const tables = new Map(distinct.map((one) => [one, planTables(one, numbers.of, plan)]));
  const turns = planTurnedKeys(mechanism.turn, shape, ofKeys, plan);
  const unit = scoreUnit(mechanism.normaliser);
  const biases = planKeyPlaces(mechanism.bias, shape, unit, distinct, weights, plan);
  const [call, sliceRecords] = [plan.reserve(CALL_BYTES), plan.reserve(slices * SLICE_BYTES)];
  const readerRecords = plan.reserve(readers * READER_BYTES);
  const scratch = {
    query: { region: plan.reserve(readers * ofKeys.padded), bytes: ofKeys.padded },
    weights: { region: plan.reserve(readers * WEIGHTS_BYTES), bytes: WEIGHTS_BYTES },
    output: { region: plan.reserve(readers * ofValues.padded), bytes: ofValues.padded },
  };
  const nothing = plan.reserve(Math.max(ofKeys.padded, ofValues.padded));
  const token = {
    q: plan.reserve(batch * heads * ofKeys.bytes),
    k: plan.reserve(batch * kvHeads * ofKeys.bytes),
    v: plan.reserve(batch * kvHeads * ofValues.bytes),
    out: plan.reserve(batch * heads * ofValues.bytes),
  };
  const bytes = plan.bytes;
  const rooms = Array.from({ length: slices }, (_, index) => {
    const { slots } = caches[index % caches.length].schedule;
    return { keys: plan.reserve(slots * ofKeys.row), values: plan.reserve(slots * ofValues.row) };
  });
  plan.make(ffi);
  const block = keysOfBlock(Math.max(ofKeys.row, ofValues.row));
  const most = slices * Math.max(...distinct.map(({ mostKeys }) => mostKeys)) * (ofKeys.row + ofValues.row);

  writeWords(call(), [
    [CALL.slices, slices],
    [CALL.firstSlice, sliceRecords().address],
    [CALL.readers, readers],
    [CALL.cachesPerHead, caches.length / kvHeads],
    [CALL.state, readerRecords().address],
    [CALL.q, token.q().address],
    [CALL.k, token.k().address],
    [CALL.v, token.v().address],
    [CALL.out, token.out().address],
    [CALL.queryBytes, ofKeys.bytes],
    [CALL.valueBytes, ofValues.bytes],
    [CALL.keyRow, ofKeys.row],
    [CALL.valueRow, ofValues.row],
    [CALL.keyLast, ofKeys.last],
    [CALL.keyTail, ofKeys.tail],
    [CALL.keyVectors, ofKeys.vectors],
    [CALL.valueLast, ofValues.last],
    [CALL.valueTail, ofValues.tail],
    [CALL.valueVectors, ofValues.vectors],
    [CALL.nothing, nothing().address],
    [CALL.block, block],
    [CALL.ahead, most > NEAR_BYTES ? block * ofKeys.row : 0],
  ]);
  writeNumbers(call(), numbers, unit * scaleOf(mechanism, headDim));
  for (let reader = 0; reader < readers; reader++) {
    const rows = Object.entries(scratch).map(([name, { region, bytes: row }]) => {
      return [READER[name as keyof typeof scratch], region().address + BigInt(reader * row)] as const;
    });
    writeWords(readerRecords(), rows, reader * READER_BYTES);
  }
  const placedTables = new Map([...tables].map(([schedule, place]) => [schedule, place()]));
  const turned = turns?.();
  turned?.writeCall(call(), { q: token.q().address, k: token.k().address });
  const placed = biases?.();
  placed?.writeCall(call());
  const placedCaches = rooms.map(({ keys, values }, index): Cache => {
    const { kvHead, schedule } = caches[index % caches.length];
    const pointed = {
      ...placedTables.get(schedule),
      keys: keys().address,
      values: values().address,
      placeAt: placed?.placeAt(schedule) ?? 0n,
      bias: placed?.ofHead((index % caches.length) * readers) ?? 0n,
    };
    const record = Object.entries(pointed).map(
      ([name, at]) => [SLICE[name as keyof typeof SLICE], at] as const,
    );
    writeWords(sliceRecords(), record, index * SLICE_BYTES);
    const region = keys();
    return {
      entry: Math.floor(index / caches.length),
      kvHead,
      schedule,
      keys: region.floats,
      values: values().floats,
      ...(turned && { turn: (slot, count, first) => turned.turn(program, region, slot, count, first) }),
    };
  });
  const floats = (region: () => Region): Float32Array => {
    const { floats: all, bytes: size } = region();
    return all.subarray(0, size / FLOAT_BYTES);
  };
  return {
    address: call().address,
    position: call().integers.subarray(CALL.position / FLOAT_BYTES),
    token: { q: floats(token.q), k: floats(token.k), v: floats(token.v), out: floats(token.out) },
    caches: placedCaches,
    place: (first) => placed?.place(first),
    bytes,
  };
}

/** The numbers of rows, and the factor of scores. A sink is a key that is there before all others: its score is the first maximum, its weight 1. */
function writeNumbers({ floats }: Region, { number }: RowNumbers, factor: number): void {
  floats[CALL.factor / FLOAT_BYTES] = factor;
  floats[CALL.rowNumber / FLOAT_BYTES] = Math.max(number, LEAST);
  floats[CALL.firstTotal / FLOAT_BYTES] = number > Number.NEGATIVE_INFINITY ? 1 : 0;
}
