import type { Problem } from "../../../core/problem.ts";
import { FLOAT_BYTES, type Shape } from "../../../core/shape.ts";
import { type SoftmaxPattern, scaleOf } from "../../../mechanisms/softmax-pattern/declare.ts";
import { rowNumbersOf, scoreUnit } from "../../../pairwise/row-numbers.ts";
import type { Ffi } from "../call/ffi.ts";
import { MemoryPlan } from "../call/memory.ts";
import { writeWords } from "../call/write-words.ts";
import { LANES } from "../code/transpose.ts";
import { planBiases } from "../pairwise/bias-tables.ts";
import { writeCall } from "../pairwise/call-words.ts";
import { CALL, HEAD, ITEM_BYTES, LANE } from "../pairwise/layout.ts";
import type { PlacedSchedule } from "../pairwise/schedule-words.ts";
import { planTurnedRows, planTurning } from "../pairwise/turned-rows.ts";
import { type Crew, openCrew } from "../threads/crew.ts";
import { planBiasSums } from "./bias-sums.ts";
import {
  BACKWARD_CALL,
  BACKWARD_CALL_BYTES,
  BACKWARD_HEAD_BYTES,
  BACKWARD_LANE_BYTES,
  UNIT_BYTES,
} from "./layout.ts";
import { groupsOf, type Phase, planPatterns, writeUnits } from "./plan-units.ts";
import { type BackwardArrays, pointer } from "./point.ts";
import { BACKWARD } from "./program.ts";
import { planSums, sumBytes } from "./sums.ts";
import { cutSegments, type HeadItem } from "./units.ts";

const WORD = 8;

/** A prepared backward pass: figures as those of a `Runnable`. */
export interface Backward {
  run(): void;
  readonly workspaceBytes: number;
  readonly executedFlops: number;
  readonly bytes: number;
  close(): void;
}

/** The backward pass of softmax attention over any pattern: threads take parts of the queries of each head of keys. */
export function prepareBackward(
  problem: Problem,
  mechanism: SoftmaxPattern,
  ffi: Ffi,
  arrays: BackwardArrays,
): Backward {
  const { shape, threads } = problem;
  const { batch, heads, length, queries, headDim, valueDim } = shape;
  const { turn, normaliser, bias } = mechanism;
  const [scale, unit] = [scaleOf(mechanism, headDim), scoreUnit(normaliser)];
  const plan = new MemoryPlan();
  const planned = planPatterns(mechanism, problem, plan);
  const groups = groupsOf(shape, planned);
  const segments = cutSegments(groups, length);
  const regions = {
    call: plan.reserve(BACKWARD_CALL_BYTES),
    heads: plan.reserve(batch * heads * BACKWARD_HEAD_BYTES),
    items: plan.reserve(groups.flat(2).length * ITEM_BYTES),
    units: plan.reserve(segments.flatMap((of) => of.flatMap(({ passes }) => passes)).length * UNIT_BYTES),
  };
  const plannedSums = planSums(segments, shape, { k: scale, v: 1 }, plan);
  const lanes = Array.from({ length: threads }, () => plan.reserve(BACKWARD_LANE_BYTES));
  const plannedTurns = turn && planTurnedRows(problem, turn, plan);
  const plannedBack = turn && planTurning(problem, turn, plan, "back");
  const plannedBiases = planBiases(problem, bias, unit, plan);
  const plannedBiasSums =
    bias?.table &&
    arrays.dtable &&
    planBiasSums(problem, { ...bias, table: bias.table }, segments.flat(), plan);
  plan.make(ffi);

  const [call, headRegion, itemRegion, unitRegion] = [
    regions.call(),
    regions.heads(),
    regions.items(),
    regions.units(),
  ];
  const [sums, biases, turned, turnBack] = [
    plannedSums(),
    plannedBiases?.(),
    plannedTurns?.(),
    plannedBack?.(),
  ];
  const biasSums = plannedBiasSums?.();
  const numbers = rowNumbersOf(normaliser);
  writeCall(call, shape, numbers, unit * scale);
  call.floats[BACKWARD_CALL.factor / FLOAT_BYTES] = scale;
  writeWords(call, [
    // What is written of each row is dq.
    [CALL.outputBytes, headDim * FLOAT_BYTES],
    [CALL.firstQuery, length - queries],
    [CALL.biased, biases === undefined ? 0 : 1],
    [CALL.places, biases?.places ?? 0],
    [BACKWARD_CALL.units, unitRegion.address],
    [BACKWARD_CALL.joins, sums.joins.address],
    [BACKWARD_CALL.channelBytes, sumBytes(headDim)],
    [BACKWARD_CALL.columnBytes, sumBytes(valueDim)],
  ]);
  const setHead = (index: number, field: number, value: bigint): void => {
    writeWords(headRegion, [[field, value]], index * BACKWARD_HEAD_BYTES);
  };
  for (let index = 0; index < batch * heads; index++) {
    setHead(index, HEAD.bias, biases?.ofHead(index % heads) ?? 0n);
  }
  const places = new Map(planned.map(({ schedule, place }) => [schedule, place]));
  const placed = new Map([...places].map(([schedule, place]) => [schedule, place()]));
  const phases = writeUnits(segments, sums, threads > 1, {
    units: unitRegion,
    items: itemRegion,
    head: (index) => headRegion.address + BigInt(index * BACKWARD_HEAD_BYTES),
    schedule: (schedule) => placed.get(schedule) as PlacedSchedule,
    biasSums: (segment, head) => biasSums?.ofHead(segment, head) ?? 0n,
  });
  const laneRegions = lanes.map((lane) => lane());
  for (const lane of laneRegions) lane.words[LANE.call / WORD] = call.address;
  const addresses = laneRegions.map(({ address }) => address);
  const program = BACKWARD[numbers.normaliser];
  const backward = openCrew(program, "backward_pass", threads);
  const join = openCrew(program, "join", threads);
  const share = (crew: Crew, { from, to }: Phase): void => {
    call.words[CALL.next / WORD] = BigInt(from);
    call.words[CALL.end / WORD] = BigInt(to);
    crew.run(addresses);
  };
  const point = pointer(ffi, problem, arrays, { setHead, sums, turned, turnBack });
  return {
    run() {
      // What is not ours runs first: addresses hold for what follows.
      biases?.refresh();
      biasSums?.clear();
      point();
      turned?.run();
      for (const phase of phases) share(backward, phase);
      share(join, { from: 0, to: sums.joinCount });
      turnBack?.run();
      if (arrays.dtable) biasSums?.write(arrays.dtable);
    },
    workspaceBytes: plan.bytes + (biasSums?.bytes ?? 0),
    ...countWork(shape, groups.flat(2), { turns: turn !== undefined, learnsBias: biasSums !== undefined }),
    close() {
      for (const one of [backward, join, turned, turnBack]) one?.close();
    },
  };
}

/**
 * Products over whole vectors of queries for scores, `dout · v` and dq, and over whole vectors of columns for dk and dv.
 * Bytes are of the arrays of the call, and of out.
 */
function countWork(
  { batch, heads, kvHeads, length, queries, headDim, valueDim }: Shape,
  items: readonly HeadItem[],
  { turns, learnsBias }: { readonly turns: boolean; readonly learnsBias: boolean },
): Pick<Backward, "executedFlops" | "bytes"> {
  const ofColumns = (sumBytes(headDim) + sumBytes(valueDim)) / FLOAT_BYTES;
  let [flops, floats] = [0, 0];
  for (const {
    item: { vectors, rows, keys },
  } of items) {
    flops += keys * (vectors * LANES * (4 * headDim + 2 * valueDim) + rows * 2 * ofColumns);
    flops += rows * 2 * valueDim + (learnsBias ? keys * rows : 0);
    floats += rows * 2 * (headDim + valueDim) + keys * (headDim + valueDim);
  }
  floats += batch * kvHeads * length * (headDim + valueDim);
  const turned = turns ? 2 * batch * (heads * queries + kvHeads * length) * 3 * headDim : 0;
  return { executedFlops: flops + turned, bytes: FLOAT_BYTES * floats };
}
