import { FLOAT_BYTES, type Shape } from "../../../core/shape.ts";
import { floatBits } from "../assembler/index.ts";
import type { Ffi } from "../call/ffi.ts";
import { MemoryPlan, type Region } from "../call/memory.ts";
import { type FeatureItems, firstPosition, type Phase, stateCount, writeItems } from "./items.ts";
import { CALL, CHUNK, FEATURE_ROW, ITEM_BYTES, LANE, LANE_BYTES, LANES, SCRATCH } from "./layout.ts";
import type { PlannedMap } from "./plan-map.ts";
import { STATE_BLOCK } from "./states.ts";

/** The parts of a state, in bytes from its beginning: rows, then sums, then exponents. */
export interface StateLayout {
  readonly stateRow: number;
  readonly sums: number;
  readonly exponents: number;
  readonly stateBytes: number;
}

/** Each part is filled up to whole vectors. */
export function stateLayout({ features }: PlannedMap, valueDim: number): StateLayout {
  const stateRow = FLOAT_BYTES * wholeVectors(valueDim);
  const sums = features * stateRow;
  const exponents = sums + FLOAT_BYTES * wholeVectors(features);
  const end = exponents + FLOAT_BYTES * wholeVectors(features);
  return { stateRow, sums, exponents, stateBytes: Math.ceil(end / STATE_BLOCK) * STATE_BLOCK };
}

/** What a prepared call has in memory. */
export interface FeatureMemory {
  /** The words of the call, by `CALL`. */
  readonly words: BigInt64Array;
  /** The lanes of all threads. */
  readonly lanes: readonly bigint[];
  /** The items of all phases, one after the other. */
  readonly items: bigint;
  /** All states, one after the other. */
  readonly states: Float32Array;
  readonly bytes: number;
}

/** Makes the memory of a call: its words, its items, states, and what threads have for themselves. */
export function makeMemory(
  ffi: Ffi,
  call: FeatureItems,
  state: StateLayout,
  phases: readonly Phase[],
): FeatureMemory {
  const { shape, map, threads, segments } = call;
  const plan = new MemoryPlan();
  const block = plan.reserve(8 * Object.keys(CALL).length);
  const items = plan.reserve(ITEM_BYTES * phases.reduce((sum, phase) => sum + phase.items.length, 0));
  const states = plan.reserve(stateCount(call) * state.stateBytes);
  const angles = planAngles(plan, shape, map);
  const lanes = Array.from({ length: threads }, () => planLane(plan, map, state.stateBytes));
  plan.make(ffi);

  const { address, words } = block();
  const scan = { segments: segments.count, scanStride: state.stateBytes };
  writeCall(words, { ...callWords(shape, map, state), ...angles(), ...scan });
  writeItems(items().words, phases, states().address, state.stateBytes);
  return {
    ...{ words, lanes: lanes.map((lane) => lane(address)), items: items().address },
    ...{ states: states().floats, bytes: plan.bytes },
  };
}

/** Words of a call, by their names. */
export type CallWords = Partial<Record<keyof typeof CALL, bigint | number>>;

/** Writes all words of a call: what is not named is 0. */
export function writeCall(to: BigInt64Array, words: CallWords): void {
  for (const [name, place] of Object.entries(CALL)) {
    to[place / 8] = BigInt(words[name as keyof typeof CALL] ?? 0);
  }
}

/** What a call knows of its tensors, its map and its states. */
export function callWords({ headDim, valueDim }: Shape, map: PlannedMap, state: StateLayout): CallWords {
  return {
    ...state,
    ...{ channels: headDim, keyRow: FLOAT_BYTES * headDim, sumRow: FLOAT_BYTES },
    ...{ columns: valueDim, valueRow: FLOAT_BYTES * valueDim, features: map.features },
    ...{ map: map.map, weightRows: map.weights?.rows ?? 0, rolls: map.rolls },
    ...{ factor: floatBits(map.factor), weightFactor: floatBits(map.weightFactor) },
    ...{ epsilon: floatBits(map.epsilon), projected: FEATURE_ROW * wholeVectors(headDim) },
  };
}

/** Room for the cosines and sines of a map that has angles; they are made once there is memory, and their addresses told. */
export function planAngles(plan: MemoryPlan, shape: Shape, { horizon }: PlannedMap): () => CallWords {
  // A chunk reads the angles of 64 tokens, however many it has.
  const positions = horizon === null ? 0 : firstPosition(shape) + shape.length + CHUNK;
  const [cosines, sines] = [0, 1].map(() => plan.reserve(FLOAT_BYTES * positions));
  return () => {
    if (horizon === null) return {};
    fillAngles(cosines().floats, Math.cos, firstPosition(shape), horizon);
    fillAngles(sines().floats, Math.sin, firstPosition(shape), horizon);
    return { cosines: cosines().address, sines: sines().address };
  };
}

/**
 * What a thread has for itself, and `more`, in bytes, some of which may take the place of others. Once memory is made, its words are written, and its address is told.
 */
export function planLane(
  plan: MemoryPlan,
  map: PlannedMap,
  stateBytes: number,
  more: Readonly<Record<string, number>> = {},
): (call: bigint) => bigint {
  const features = FEATURE_ROW * wholeVectors(map.features);
  const [queries, keys] = [plan.reserve(features), plan.reserve(features)];
  const rows = map.inPlace ? null : plan.reserve(FEATURE_ROW * wholeVectors(map.rows));
  const places: Readonly<Record<string, () => Region>> = {
    ...{ queries, keys, queryRows: rows ?? queries, keyRows: rows ?? keys },
    ...{ local: plan.reserve(stateBytes), total: plan.reserve(stateBytes) },
    ...Object.fromEntries(
      Object.entries({ ...SCRATCH, ...more }).map(([name, bytes]) => [name, plan.reserve(bytes)]),
    ),
  };
  const lane = plan.reserve(LANE_BYTES);
  return (call) => {
    const { address, words } = lane();
    words[LANE.call / 8] = call;
    for (const [name, at] of Object.entries(places))
      words[LANE[name as keyof typeof LANE] / 8] = at().address;
    return address;
  };
}

/** `of(π·i / (2·horizon))` for positions i, of which the first is `-before`. Made in float64. */
function fillAngles(to: Float32Array, of: (angle: number) => number, before: number, horizon: number): void {
  for (let at = 0; at < to.length; at++) to[at] = of((Math.PI * (at - before)) / (2 * horizon));
}

export function wholeVectors(floats: number): number {
  return Math.ceil(floats / LANES) * LANES;
}
