import type { BoundPattern } from "../../core/pattern.ts";
import type { Task } from "../../core/problem.ts";
import { FLOAT_BYTES } from "../../core/shape.ts";
import type { SoftmaxPattern } from "../../mechanisms/softmax-pattern/declare.ts";
import { bindHeads } from "../../pattern/bind.ts";
import { compileDecode, type DecodeSchedule } from "./compile-decode.ts";

/** The schedules of a task's heads; heads that do not differ share one. */
export interface DecodeHeads {
  readonly distinct: readonly DecodeSchedule[];
  /** One per head. */
  readonly ofHeads: readonly DecodeSchedule[];
  /** Bytes of the schedules. */
  readonly tableBytes: number;
  /** Bytes of keys and values that must be kept at a position, in all heads of the batch. */
  stateBytes(position: number): number;
  /** Bytes of keys and values that the step at a position reads and writes; 0 past the capacity. */
  stepBytes(position: number): number;
}

/** Compiles the patterns of a causal task. */
export function decodeHeads(task: Task, mechanism: SoftmaxPattern): DecodeHeads {
  const { batch, headDim } = task.shape;
  const compiled = new Map<BoundPattern, DecodeSchedule>();
  const ofHeads = bindHeads(mechanism, task).map((pattern) => {
    const schedule = compiled.get(pattern) ?? compileDecode(pattern);
    compiled.set(pattern, schedule);
    return schedule;
  });
  const bytes = (rows: number): number => rows * batch * 2 * headDim * FLOAT_BYTES;
  const sum = (of: (schedule: DecodeSchedule) => number): number =>
    ofHeads.reduce((total, schedule) => total + of(schedule), 0);
  return {
    distinct: [...compiled.values()],
    ofHeads,
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
function rowKeys({ pieces, rowAt, lastCount }: DecodeSchedule, row: number): number {
  let keys = lastCount[row];
  const at = rowAt[row];
  for (let piece = 1; piece < pieces[at]; piece++) keys += pieces[at + 3 * piece];
  return keys;
}
