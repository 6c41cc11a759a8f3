import type { BoundPattern } from "../../../core/pattern.ts";
import type { Problem } from "../../../core/problem.ts";
import { FLOAT_BYTES, kvHeadOf } from "../../../core/shape.ts";
import { type SoftmaxPattern, scaleOf } from "../../../mechanisms/softmax-pattern/declare.ts";
import { rowNumbersOf, scoreUnit } from "../../../pairwise/row-numbers.ts";
import { bindHeads } from "../../../pattern/bind.ts";
import { compileSchedule } from "../../compile-schedule.ts";
import type { Runnable } from "../../kernel.ts";
import type { Ffi } from "../call/ffi.ts";
import { addressOf, MemoryPlan, type Region } from "../call/memory.ts";
import { writeWords } from "../call/write-words.ts";
import { LANES } from "../code/transpose.ts";
import type { Means } from "../means.ts";
import { openCrew } from "../threads/crew.ts";
import { planBiases } from "./bias-tables.ts";
import { planNumbers, writeCall } from "./call-words.ts";
import { itemsOf, type RowsItem } from "./items.ts";
import { CALL, CALL_BYTES, HEAD, HEAD_BYTES, ITEM, ITEM_BYTES, LANE, LANE_BYTES, ROWS } from "./layout.ts";
import { ATTENTION } from "./program.ts";
import { type PlacedSchedule, planSchedule } from "./schedule-words.ts";
import { planTurnedRows, type TurnedRows } from "./turned-rows.ts";

const WORD = 8;

/** How a schedule is to be cut: masks of as many keys as three blocks at most. */
export const TILE_SIZES = { queries: ROWS, keys: 128, rows: LANES } as const;

/** What is left of every row for a backward pass, both `[batch, heads, queries]`: weights are 2^(score + base) · factor. */
export interface RowsLeft {
  readonly base: Float32Array;
  readonly factor: Float32Array;
}

/** Makes room for it, whose addresses are known once there is memory. */
function planRowsLeft(
  rows: number,
  plan: MemoryPlan,
): () => { left: RowsLeft; addresses: readonly bigint[] } {
  const planned = [plan.reserve(rows * FLOAT_BYTES), plan.reserve(rows * FLOAT_BYTES)];
  return () => {
    const [base, factor] = planned.map((region) => region());
    const left = { base: base.floats.subarray(0, rows), factor: factor.floats.subarray(0, rows) };
    return { left, addresses: [base.address, factor.address] };
  };
}

/** Softmax attention over any pattern: threads walk the schedule of every head, 48 rows at a time. */
export function prepareAttention(problem: Problem, mechanism: SoftmaxPattern, means: Means): Runnable {
  return prepare(problem, mechanism, means, new MemoryPlan(), null);
}

/** The same, whose calls also leave what a backward pass needs. */
export function prepareLeaving(
  problem: Problem,
  mechanism: SoftmaxPattern,
  means: Means,
): { readonly forward: Runnable; readonly left: RowsLeft } {
  const { batch, heads, queries } = problem.shape;
  const plan = new MemoryPlan();
  const planned = planRowsLeft(batch * heads * queries, plan);
  const forward = prepare(problem, mechanism, means, plan, planned);
  return { forward, left: planned().left };
}

function prepare(
  problem: Problem,
  mechanism: SoftmaxPattern,
  { ffi, output }: Means,
  plan: MemoryPlan,
  plannedLeft: ReturnType<typeof planRowsLeft> | null,
): Runnable {
  const { shape, threads } = problem;
  const { batch, heads, kvHeads, length, queries, headDim, valueDim } = shape;
  const patterns = bindHeads(mechanism, problem);
  const distinct = new Map(
    [...new Set(patterns)].map((pattern) => {
      const schedule = compileSchedule(pattern, TILE_SIZES);
      const place = planSchedule(schedule, { queries, keys: length }, plan);
      return [pattern, { schedule, place, items: itemsOf(schedule) }] as const;
    }),
  );
  const numbers = rowNumbersOf(mechanism.normaliser);
  const planned = planNumbers(numbers, [...distinct.keys()], queries, plan);
  const ofHead = patterns.map(
    (pattern) => distinct.get(pattern) as NonNullable<ReturnType<typeof distinct.get>>,
  );
  const passes = Math.max(...ofHead.map(({ items }) => items.length));
  const kept = passes > 1 ? batch * heads * queries : 0;
  const regions = {
    call: plan.reserve(CALL_BYTES),
    heads: plan.reserve(batch * heads * HEAD_BYTES),
    items: plan.reserve(ITEM_BYTES * batch * ofHead.reduce((sum, { items }) => sum + items.flat().length, 0)),
    keptBase: plan.reserve(kept * FLOAT_BYTES),
    keptTotal: plan.reserve(kept * FLOAT_BYTES),
    keptLimit: plan.reserve(kept * FLOAT_BYTES),
  };
  const lanes = Array.from({ length: threads }, () => plan.reserve(LANE_BYTES));
  const plannedTurns = mechanism.turn && planTurnedRows(problem, mechanism.turn, plan);
  const plannedBiases = planBiases(problem, mechanism.bias, scoreUnit(mechanism.normaliser), plan);
  plan.make(ffi);

  const placed = new Map<BoundPattern, PlacedSchedule>();
  for (const [pattern, { place }] of distinct) placed.set(pattern, place());
  const call = regions.call();
  writeCall(call, shape, numbers, scoreUnit(mechanism.normaliser) * scaleOf(mechanism, headDim));
  const biases = plannedBiases?.();
  call.words[CALL.firstQuery / WORD] = BigInt(length - queries);
  if (biases !== undefined) {
    call.words[CALL.biased / WORD] = 1n;
    call.words[CALL.places / WORD] = biases.places;
  }
  const headRegion = regions.heads();
  const setHead = (index: number, field: number, value: bigint): void => {
    writeWords(headRegion, [[field, value]], index * HEAD_BYTES);
  };
  const keptAt = [regions.keptBase(), regions.keptTotal(), regions.keptLimit()];
  const leftAt = plannedLeft?.().addresses;
  for (let index = 0; index < batch * heads; index++) {
    const keptFields = [HEAD.keptBase, HEAD.keptTotal, HEAD.keptLimit];
    for (const [at, { address }] of keptAt.entries()) {
      setHead(index, keptFields[at], kept === 0 ? 0n : address + BigInt(index * queries * FLOAT_BYTES));
    }
    for (const [at, field] of [HEAD.leftBase, HEAD.leftFactor].entries()) {
      setHead(index, field, leftAt === undefined ? 0n : leftAt[at] + bytesOf(index * queries));
    }
    setHead(index, HEAD.bias, biases?.ofHead(index % heads) ?? 0n);
    setHead(index, HEAD.numbers, planned().get(patterns[index % heads]) ?? 0n);
  }
  const itemRegion = regions.items();
  call.words[CALL.items / WORD] = itemRegion.address;
  const phases: { readonly from: number; readonly to: number }[] = [];
  let written = 0;
  for (let pass = 0; pass < passes; pass++) {
    const from = written;
    const all = Array.from({ length: batch * heads }, (_, index) => {
      const place = placed.get(patterns[index % heads]) as PlacedSchedule;
      return (ofHead[index % heads].items[pass] ?? []).map((item) => ({ index, place, item }));
    }).flat();
    // The longest first, so that no thread ends long after the others.
    if (threads > 1) all.sort((a, b) => b.item.keys * b.item.vectors - a.item.keys * a.item.vectors);
    for (const { index, place, item } of all) {
      const head = headRegion.address + BigInt(index * HEAD_BYTES);
      writeItem(itemRegion, written++, head, place, item);
    }
    phases.push({ from, to: written });
  }
  const laneRegions = lanes.map((lane) => lane());
  for (const lane of laneRegions) lane.words[LANE.call / WORD] = call.address;
  const laneAddresses = laneRegions.map(({ address }) => address);
  const crew = openCrew(ATTENTION[numbers.normaliser], "attend", threads);
  const turned = plannedTurns?.();
  const point = pointer(ffi, problem, output, setHead, turned);
  return {
    run() {
      // What is not ours runs first: addresses hold for what follows.
      biases?.refresh();
      point();
      turned?.run();
      for (const { from, to } of phases) {
        call.words[CALL.next / WORD] = BigInt(from);
        call.words[CALL.end / WORD] = BigInt(to);
        crew.run(laneAddresses);
      }
    },
    output: () => output,
    workspaceBytes: plan.bytes,
    get executedFlops() {
      const ofPattern = (items: readonly (readonly RowsItem[])[]): number =>
        items.flat().reduce((sum, { vectors, keys }) => sum + vectors * LANES * keys, 0);
      const pairs = ofHead.reduce((sum, { items }) => sum + ofPattern(items), 0);
      const turnedRows = mechanism.turn === undefined ? 0 : heads * queries + kvHeads * length;
      return batch * (pairs * 2 * (headDim + valueDim) + turnedRows * 3 * headDim);
    },
    get bytes() {
      const ofPattern = (items: readonly (readonly RowsItem[])[]): number =>
        items.flat().reduce((sum, { rows, keys }) => sum + rows * headDim + keys * (headDim + valueDim), 0);
      const floats = ofHead.reduce((sum, { items }) => sum + ofPattern(items) + queries * valueDim, 0);
      return batch * FLOAT_BYTES * floats;
    },
    dispose() {
      crew.close();
      turned?.close();
    },
  };
}

/** Takes the addresses of q, k, v and out anew, and writes those of each head if they have changed. */
function pointer(
  ffi: Ffi,
  { shape, inputs }: Problem,
  output: Float32Array,
  setHead: (index: number, field: number, value: bigint) => void,
  turned: TurnedRows | undefined,
): () => void {
  const { batch, heads, kvHeads, length, queries, headDim, valueDim } = shape;
  const { q, k, v } = inputs;
  let last: readonly bigint[] = [];
  return () => {
    const now = [
      addressOf(ffi, q, 0, batch * heads * queries * headDim),
      addressOf(ffi, k, 0, batch * kvHeads * length * headDim),
      addressOf(ffi, v, 0, batch * kvHeads * length * valueDim),
      addressOf(ffi, output, 0, batch * heads * queries * valueDim),
    ];
    if (now.every((address, at) => address === last[at])) return;
    last = now;
    turned?.point(now[0], now[1]);
    const [from, keys] = turned === undefined ? now : [turned.q, turned.k];
    for (let entry = 0; entry < batch; entry++) {
      for (let head = 0; head < heads; head++) {
        const index = entry * heads + head;
        const kv = entry * kvHeads + kvHeadOf(shape, head);
        setHead(index, HEAD.q, from + bytesOf(index * queries * headDim));
        setHead(index, HEAD.k, keys + bytesOf(kv * length * headDim));
        setHead(index, HEAD.v, now[2] + bytesOf(kv * length * valueDim));
        setHead(index, HEAD.output, now[3] + bytesOf(index * queries * valueDim));
      }
    }
  };
}

function bytesOf(floats: number): bigint {
  return BigInt(floats * FLOAT_BYTES);
}

/** Writes the words of an item of a head. */
export function writeItem(
  region: Region,
  index: number,
  head: bigint,
  place: PlacedSchedule,
  item: RowsItem,
): void {
  const words: readonly (readonly [number, number | bigint])[] = [
    [ITEM.head, head],
    [ITEM.task, place.taskAt(item.task)],
    [ITEM.list, place.entryAt(item.list, item.first)],
    [ITEM.first, item.first],
    [ITEM.rows, item.rows],
    [ITEM.vectors, item.vectors],
  ];
  writeWords(region, words, index * ITEM_BYTES);
}
