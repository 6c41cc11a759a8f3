import type { BoundPattern } from "../../../core/pattern.ts";
import type { Problem } from "../../../core/problem.ts";
import { remembered } from "../../../core/remembered.ts";
import { FLOAT_BYTES, kvHeadOf, type Shape } from "../../../core/shape.ts";
import { type SoftmaxPattern, scaleOf } from "../../../mechanisms/softmax-pattern/declare.ts";
import { rowNumbersOf, scoreUnit } from "../../../pairwise/row-numbers.ts";
import { bindHeads } from "../../../pattern/bind.ts";
import { compileSchedule } from "../../compile-schedule.ts";
import type { Schedule } from "../../schedule.ts";
import type { Ffi } from "../call/ffi.ts";
import { addressOf, MemoryPlan, type Region } from "../call/memory.ts";
import { writeWords } from "../call/write-words.ts";
import { LANES } from "../code/transpose.ts";
import { planBiases } from "../pairwise/bias-tables.ts";
import { writeCall } from "../pairwise/call-words.ts";
import { itemsOf, type RowsItem } from "../pairwise/items.ts";
import { CALL, HEAD, ITEM_BYTES, LANE } from "../pairwise/layout.ts";
import { type PlacedSchedule, planSchedule } from "../pairwise/schedule-words.ts";
import { type RowsLeft, TILE_SIZES, writeItem } from "../pairwise/softmax-kernel.ts";
import { planTurnedRows, planTurning, type TurnedRows, type Turning } from "../pairwise/turned-rows.ts";
import { type Crew, openCrew } from "../threads/crew.ts";
import {
  BACKWARD_CALL,
  BACKWARD_CALL_BYTES,
  BACKWARD_HEAD,
  BACKWARD_HEAD_BYTES,
  BACKWARD_LANE_BYTES,
  UNIT,
  UNIT_BYTES,
} from "./layout.ts";
import { BACKWARD } from "./program.ts";
import { type PlacedSums, planSums, sumBytes } from "./sums.ts";
import { cutSegments, type HeadItem, pairsOf, type Segment } from "./units.ts";

const WORD = 8;

/** What a backward pass reads besides q, k and v, and what it writes. */
export interface BackwardArrays {
  readonly left: RowsLeft;
  /** `[batch, heads, queries, valueDim]`, as the forward pass left it; null if weights share no sum, for which it is read. */
  readonly out: Float32Array | null;
  readonly dout: Float32Array;
  readonly dq: Float32Array;
  readonly dk: Float32Array;
  readonly dv: Float32Array;
}

/** A prepared backward pass: figures as those of a `Runnable`. */
export interface Backward {
  run(): void;
  readonly workspaceBytes: number;
  readonly executedFlops: number;
  readonly bytes: number;
  close(): void;
}

/** Units of one pass, by their numbers: threads take them in turn. */
interface Phase {
  readonly from: number;
  readonly to: number;
}

/** A pattern as items, which several heads may share. */
interface PlannedPattern {
  readonly schedule: Schedule;
  readonly items: readonly (readonly RowsItem[])[];
  readonly place: () => PlacedSchedule;
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
  });
  const laneRegions = lanes.map((lane) => lane());
  for (const lane of laneRegions) lane.words[LANE.call / WORD] = call.address;
  const addresses = laneRegions.map(({ address }) => address);
  const program = BACKWARD[numbers.normaliser];
  const backward = openCrew(program, "backward", threads);
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
      point();
      turned?.run();
      for (const phase of phases) share(backward, phase);
      share(join, { from: 0, to: sums.joinCount });
      turnBack?.run();
    },
    workspaceBytes: plan.bytes,
    ...countWork(shape, groups.flat(2), turn !== undefined),
    close() {
      for (const one of [backward, join, turned, turnBack]) one?.close();
    },
  };
}

/** The schedule of each head; those of equal patterns are the same object. */
function planPatterns(mechanism: SoftmaxPattern, problem: Problem, plan: MemoryPlan): PlannedPattern[] {
  const { queries, length } = problem.shape;
  const known = new Map<BoundPattern, PlannedPattern>();
  return bindHeads(mechanism, problem).map((pattern) =>
    remembered(known, pattern, () => {
      const schedule = compileSchedule(pattern, TILE_SIZES);
      const place = planSchedule(schedule, { queries, keys: length }, plan);
      return { schedule, place, items: itemsOf(schedule) };
    }),
  );
}

/** The items of each head of keys, counted over all batch entries, by passes. */
function groupsOf(shape: Shape, ofHead: readonly PlannedPattern[]): HeadItem[][][] {
  const { batch, heads, kvHeads } = shape;
  const passes = Math.max(...ofHead.map(({ items }) => items.length));
  return Array.from({ length: batch * kvHeads }, (_, group) => {
    const entry = Math.floor(group / kvHeads);
    const readers = [...ofHead.keys()].filter((head) => kvHeadOf(shape, head) === group % kvHeads);
    return Array.from({ length: passes }, (_, pass) =>
      readers.flatMap((head) => {
        const { schedule, items } = ofHead[head];
        return (items[pass] ?? []).map((item): HeadItem => ({ head: entry * heads + head, schedule, item }));
      }),
    );
  });
}

/** Where units and items are written, and where what they name is. */
interface UnitPlaces {
  readonly units: Region;
  readonly items: Region;
  head(index: number): bigint;
  schedule(schedule: Schedule): PlacedSchedule;
}

/** Writes the units of each pass, and what they consist of. Threads have the longest first, so that none ends long after the others. */
function writeUnits(
  groups: readonly (readonly Segment[])[],
  sums: PlacedSums,
  longestFirst: boolean,
  places: UnitPlaces,
): Phase[] {
  const all = groups.flatMap((segments, group) =>
    segments.map((segment, index) => ({ segment, sums: sums.ofSegment[group][index] })),
  );
  const passes = Math.max(...all.map(({ segment }) => segment.passes.length));
  const cleared = new Set<Segment>();
  let [units, items] = [0, 0];
  return Array.from({ length: passes }, (_, pass) => {
    const from = units;
    const ofPass = all.filter(({ segment }) => segment.passes[pass].length > 0);
    const work = ({ segment }: (typeof all)[number]): number =>
      segment.passes[pass].reduce((sum, item) => sum + pairsOf(item), 0);
    if (longestFirst) ofPass.sort((one, other) => work(other) - work(one));
    for (const { segment, sums: own } of ofPass) {
      const first = items;
      for (const { head, schedule, item } of segment.passes[pass]) {
        writeItem(places.items, items++, places.head(head), places.schedule(schedule), item);
      }
      const clears = own !== null && !cleared.has(segment);
      cleared.add(segment);
      const { address } = places.items;
      writeWords(
        places.units,
        [
          [UNIT.clear, own?.clear ?? 0],
          [UNIT.clearBytes, clears ? own.clearBytes : 0],
          [UNIT.item, address + BigInt(first * ITEM_BYTES)],
          [UNIT.end, address + BigInt(items * ITEM_BYTES)],
          [UNIT.keySums, own?.keySums ?? 0],
          [UNIT.valueSums, own?.valueSums ?? 0],
        ],
        units++ * UNIT_BYTES,
      );
    }
    return { from, to: units };
  });
}

/** What is told where arrays are. */
interface Pointed {
  setHead(index: number, field: number, value: bigint): void;
  readonly sums: PlacedSums;
  readonly turned: TurnedRows | undefined;
  readonly turnBack: Turning | undefined;
}

/** Takes the addresses of all arrays anew, and writes those of each head if they have changed. */
function pointer(
  ffi: Ffi,
  { shape, inputs }: Problem,
  { left, out, dout, dq, dk, dv }: BackwardArrays,
  { setHead, sums, turned, turnBack }: Pointed,
): () => void {
  const { batch, heads, kvHeads, length, queries, headDim, valueDim } = shape;
  const rows = batch * heads * queries;
  const keys = batch * kvHeads * length;
  const counted: readonly (readonly [Float32Array, number])[] = [
    [inputs.q, rows * headDim],
    [inputs.k, keys * headDim],
    [inputs.v, keys * valueDim],
    [dout, rows * valueDim],
    [left.base, rows],
    [left.factor, rows],
    [dq, rows * headDim],
    [dk, keys * headDim],
    [dv, keys * valueDim],
  ];
  let last: readonly bigint[] = [];
  return () => {
    const now = counted.map(([array, count]) => addressOf(ffi, array, 0, count));
    now.push(out === null ? 0n : addressOf(ffi, out, 0, rows * valueDim));
    if (now.every((address, at) => address === last[at])) return;
    last = now;
    const [q, k, v, ofDout, base, factor, ofQ, ofK, ofV, ofOut] = now;
    turned?.point(q, k);
    turnBack?.point({ q: ofQ, k: ofK }, { q: ofQ, k: ofK });
    sums.point(ofK, ofV);
    for (let index = 0; index < batch * heads; index++) {
      const row = index * queries;
      const key = (Math.floor(index / heads) * kvHeads + kvHeadOf(shape, index % heads)) * length;
      setHead(index, HEAD.q, (turned?.q ?? q) + bytesOf(row * headDim));
      setHead(index, HEAD.k, (turned?.k ?? k) + bytesOf(key * headDim));
      setHead(index, HEAD.v, v + bytesOf(key * valueDim));
      setHead(index, HEAD.output, ofQ + bytesOf(row * headDim));
      setHead(index, HEAD.leftBase, base + bytesOf(row));
      setHead(index, HEAD.leftFactor, factor + bytesOf(row));
      setHead(index, BACKWARD_HEAD.dout, ofDout + bytesOf(row * valueDim));
      setHead(index, BACKWARD_HEAD.out, ofOut + bytesOf(row * valueDim));
    }
  };
}

/**
 * Products over whole vectors of queries for scores, `dout · v` and dq, and over whole vectors of columns for dk and dv.
 * Bytes are of the arrays of the call, and of out.
 */
function countWork(
  { batch, heads, kvHeads, length, queries, headDim, valueDim }: Shape,
  items: readonly HeadItem[],
  turns: boolean,
): Pick<Backward, "executedFlops" | "bytes"> {
  const ofColumns = (sumBytes(headDim) + sumBytes(valueDim)) / FLOAT_BYTES;
  let [flops, floats] = [0, 0];
  for (const {
    item: { vectors, rows, keys },
  } of items) {
    flops += keys * (vectors * LANES * (4 * headDim + 2 * valueDim) + rows * 2 * ofColumns);
    flops += rows * 2 * valueDim;
    floats += rows * 2 * (headDim + valueDim) + keys * (headDim + valueDim);
  }
  floats += batch * kvHeads * length * (headDim + valueDim);
  const turned = turns ? 2 * batch * (heads * queries + kvHeads * length) * 3 * headDim : 0;
  return { executedFlops: flops + turned, bytes: FLOAT_BYTES * floats };
}

function bytesOf(floats: number): bigint {
  return BigInt(floats * FLOAT_BYTES);
}
