import type { Problem } from "../../core/problem.ts";
import { elementCount, FLOAT_BYTES } from "../../core/shape.ts";
import type { SoftmaxPattern } from "../../core/variant.ts";
import { bindHeads } from "../../pattern/bind.ts";
import { compileSchedule } from "../compile-schedule.ts";
import type { Runnable } from "../kernel.ts";
import { type Schedule, TASK_WORDS } from "../schedule.ts";
import { type Build, instantiate } from "./build.ts";
import { CALL, CALL_WORDS, CallMemory, MemoryPlan } from "./call-memory.ts";

/** As `assembly/layout.ts` has them. A partial tile may begin anywhere in a panel, and must still fit into one tile. */
export const PANEL = { queries: 6, keys: 16 } as const;
export const TILE = { queries: 48, columns: 128, keys: 128 - (PANEL.keys - 1) } as const;

/** Softmax attention over any pattern: the module walks the schedule of each head. */
export function prepareSoftmax(problem: Problem, mechanism: SoftmaxPattern, build: Build): Runnable {
  const { shape, inputs } = problem;
  const { batch, heads, length, headDim } = shape;
  const patterns = bindHeads(mechanism, problem);
  const compiled = new Map(patterns.map((pattern) => [pattern, compileSchedule(pattern, TILE)]));
  const schedules = patterns.map((pattern) => compiled.get(pattern) as Schedule);
  const width = Math.ceil(headDim / 16) * 16;
  const kept = schedules.some(({ passes }) => passes > 1) ? length : 0;

  const plan = new MemoryPlan();
  const call = plan.words(CALL_WORDS);
  const places = new Map(
    [...compiled.values()].map((schedule) => [
      schedule,
      { tasks: plan.words(schedule.tasks.length), masks: plan.words(schedule.masks.length) },
    ]),
  );
  const region = {
    queries: plan.words(TILE.queries * headDim),
    keys: plan.words(Math.ceil(length / PANEL.keys) * PANEL.keys * headDim),
    scores: plan.words(TILE.queries * TILE.columns),
    output: plan.words(TILE.queries * width),
    maximum: plan.words(TILE.queries),
    total: plan.words(TILE.queries),
    keptMaximum: plan.words(kept),
    keptTotal: plan.words(kept),
    keptOutput: plan.words(kept * width),
    scratch: plan.words(8),
  };
  const padded = width === headDim ? null : plan.words(length * width);
  const memory = new CallMemory(plan, call, plan.tensors(elementCount(shape)), inputs);
  const { runHead } = instantiate(build, memory.memory);
  for (const [schedule, { tasks, masks }] of places) {
    memory.copyWords(tasks, schedule.tasks);
    memory.copyWords(masks, schedule.masks);
  }
  memory.set({ ...region, length, d: headDim, width });
  memory.floats[CALL.factor] = Math.LOG2E / Math.sqrt(headDim);

  const work = schedules.map((schedule) => countWork(schedule, length, headDim, width));
  const sum = (of: (head: ReturnType<typeof countWork>) => number): number =>
    batch * work.reduce((total, head) => total + of(head), 0);
  return {
    run() {
      for (let entry = 0; entry < batch; entry++) {
        for (let head = 0; head < heads; head++) {
          const schedule = schedules[head];
          const place = places.get(schedule) as { tasks: number; masks: number };
          const values = memory.pointAt(entry, head);
          memory.words[CALL.tasks] = place.tasks;
          memory.words[CALL.tasksEnd] = place.tasks + schedule.tasks.byteLength;
          memory.words[CALL.masks] = place.masks;
          memory.words[CALL.values] = padded ?? values;
          runHead(call);
        }
      }
    },
    inputs: () => memory.inputs(),
    output: () => memory.output(),
    workspaceBytes: memory.workspaceBytes,
    executedFlops: sum(({ flops }) => flops),
    bytes: sum(({ bytes }) => bytes),
    dispose() {},
  };
}

/** Operations of one head, panels counted whole, and bytes of q, k, v and out that it reads and writes. */
function countWork(schedule: Schedule, length: number, headDim: number, width: number) {
  const { tasks, rowsVisited, keysRead } = schedule;
  let flops = 0;
  let keysPacked = 0;
  let packedStep = 0;
  let packedResidue = 0;
  for (let at = 0; at < tasks.length; at += TASK_WORDS) {
    const [keyStart, keyStep, keyCount] = tasks.subarray(at + 3, at + 6);
    if (keyCount === 0) continue;
    const rows = Math.ceil(tasks[at + 2] / PANEL.queries) * PANEL.queries;
    const first = Math.floor(keyStart / keyStep);
    const panels = Math.ceil((first + keyCount) / PANEL.keys) - Math.floor(first / PANEL.keys);
    flops += 2 * rows * (panels * PANEL.keys * headDim + keyCount * width);
    const residue = keyStart % keyStep;
    if (keyStep === packedStep && residue === packedResidue) continue;
    keysPacked += Math.ceil((length - residue) / keyStep);
    packedStep = keyStep;
    packedResidue = residue;
  }
  // Every query of a pass, every key packed, every value of a task, every output.
  return { flops, bytes: FLOAT_BYTES * headDim * (rowsVisited + keysPacked + keysRead + length) };
}
