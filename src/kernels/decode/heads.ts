import type { BoundPattern } from "../../core/pattern.ts";
import type { Task } from "../../core/problem.ts";
import { remembered } from "../../core/remembered.ts";
import { FLOAT_BYTES, kvHeadOf } from "../../core/shape.ts";
import type { SoftmaxPattern } from "../../mechanisms/softmax-pattern/declare.ts";
import { bindHeads } from "../../pattern/bind.ts";
import { headsTogether } from "../heads-together.ts";
import { compileDecode, type DecodeSchedule } from "./compile-decode.ts";

/** The schedules of a task's heads, and the caches that they read. */
export interface DecodeHeads {
  readonly distinct: readonly DecodeSchedule[];
  /** The caches of one batch entry, each read by the next `readers` heads of q. */
  readonly caches: readonly DecodeCache[];
  readonly readers: number;
  /** Bytes of the schedules. */
  readonly tableBytes: number;
  /** Bytes of keys and values that are kept at a position, in all caches of the batch. */
  stateBytes(position: number): number;
  /**
   * Bytes of keys and values that the step at a position reads and writes, once for all heads that read them
   * from the same cache; 0 past the capacity.
   */
  stepBytes(position: number): number;
}

/**
 * Keys and values of one head of k and v. The heads of q that read that head share one if they attend alike;
 * if they do not, they keep other keys in other slots, and have one each.
 */
export interface DecodeCache {
  readonly kvHead: number;
  readonly schedule: DecodeSchedule;
}

/** Compiles the patterns of a causal task. */
export function decodeHeads(task: Task, mechanism: SoftmaxPattern): DecodeHeads {
  const { batch, headDim, valueDim } = task.shape;
  const patterns = bindHeads(mechanism, task);
  const compiled = new Map<BoundPattern, DecodeSchedule>();
  const { firsts, readers } = headsTogether(patterns, task.shape);
  const caches = firsts.map((head): DecodeCache => {
    const schedule = remembered(compiled, patterns[head], () => compileDecode(patterns[head]));
    return { kvHead: kvHeadOf(task.shape, head), schedule };
  });
  const bytes = (rows: number): number => rows * batch * (headDim + valueDim) * FLOAT_BYTES;
  const sum = (of: (schedule: DecodeSchedule) => number): number =>
    caches.reduce((total, { schedule }) => total + of(schedule), 0);
  return {
    distinct: [...compiled.values()],
    caches,
    readers,
    tableBytes: [...compiled.values()].reduce((total, schedule) => total + tableBytes(schedule), 0),
    stateBytes: (position) => bytes(sum(({ keptKeys }) => keptKeys[position])),
    stepBytes: (position) =>
      bytes(
        sum((schedule) =>
          position < schedule.capacity
            ? rowKeys(schedule, position) + (schedule.slotOf[position] >= 0 ? 1 : 0)
            : 0,
        ),
      ),
  };
}

function tableBytes({ slotOf, lastQuery, keptKeys, pieces, rowAt, lastCount }: DecodeSchedule): number {
  const tables = [slotOf, lastQuery, keptKeys, pieces, rowAt, lastCount];
  return tables.reduce((bytes, { byteLength }) => bytes + byteLength, 0);
}

/** Keys of one row. */
export function rowKeys({ pieces, rowAt, lastCount }: DecodeSchedule, row: number): number {
  let keys = lastCount[row];
  const at = rowAt[row];
  for (let piece = 1; piece < pieces[at]; piece++) keys += pieces[at + 3 * piece];
  return keys;
}
