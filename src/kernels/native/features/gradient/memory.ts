import { FLOAT_BYTES } from "../../../../core/shape.ts";
import { floatBits } from "../../assembler/index.ts";
import type { Ffi } from "../../call/ffi.ts";
import { MemoryPlan } from "../../call/memory.ts";
import { CALL, CHUNK, FEATURE_ROW, ITEM_BYTES, VECTOR } from "../layout.ts";
import { callWords, planAngles, planLane, type StateLayout, wholeVectors, writeCall } from "../memory.ts";
import {
  type GradientItems,
  type GradientPhase,
  learnedCount,
  reverseCount,
  writeGradientItems,
} from "./items.ts";

/** Bytes of features of a segment's keys that are kept rather than made again: they and its states share the second cache. */
const MOST_KEPT = 2 ** 18;

/** What a prepared backward pass has in memory. */
export interface GradientMemory {
  /** The words of the call, by `CALL`. */
  readonly words: BigInt64Array;
  /** The lanes of all threads. */
  readonly lanes: readonly bigint[];
  /** The items of all phases, one after the other. */
  readonly items: bigint;
  /** The gradients of what the layer learned, one after the other, as items add to them. */
  readonly learned: Float32Array;
  readonly bytes: number;
}

/** Makes the memory of a call; `states` is where a forward pass left those of keys. */
export function makeGradientMemory(
  ffi: Ffi,
  call: GradientItems,
  state: StateLayout,
  phases: readonly GradientPhase[],
  states: bigint,
): GradientMemory {
  const { shape, map, threads, causal, segments } = call;
  const { headDim, valueDim } = shape;
  const plan = new MemoryPlan();
  const block = plan.reserve(8 * Object.keys(CALL).length);
  const items = plan.reserve(ITEM_BYTES * phases.reduce((sum, phase) => sum + phase.items.length, 0));
  const reverse = plan.reserve(reverseCount(call) * state.stateBytes);
  const angles = planAngles(plan, shape, map);
  const learnedFloats = call.learns ? (map.weights?.rows ?? 0) * headDim : 0;
  const learned = plan.reserve(FLOAT_BYTES * learnedCount(call) * learnedFloats);
  const ofPairs = causal ? CHUNK * FEATURE_ROW : 0;
  const turned = FEATURE_ROW * wholeVectors(valueDim + 1);
  const chunks = segments.tokens / CHUNK;
  const ofFeatures = FEATURE_ROW * wholeVectors(map.features);
  const ofKeys = ofFeatures + (map.inPlace ? 0 : FEATURE_ROW * wholeVectors(map.rows));
  const isKept = causal && chunks * ofKeys <= MOST_KEPT;
  const more = {
    ...{ shares: CHUNK * state.stateRow, turnedShares: turned, turnedValues: turned },
    slopes: ofFeatures,
    back: FEATURE_ROW * wholeVectors(Math.max(map.rows, headDim)),
    ...{ means: CHUNK * FLOAT_BYTES, dots: CHUNK * VECTOR },
    ...{ pairSlopes: ofPairs, turnedSlopes: ofPairs },
    // What each chunk of a segment begins with.
    checkpoints: causal ? chunks * state.stateBytes : 0,
    // Features of its keys, and the rows that they are made of, which those of queries do not share.
    firstKeys: causal ? ofKeys * (isKept ? chunks : 1) : 0,
  };
  const lanes = Array.from({ length: threads }, () => planLane(plan, map, state.stateBytes, more));
  plan.make(ffi);

  const { address, words } = block();
  writeCall(words, {
    ...{ ...callWords(shape, map, state), ...angles(), valueTerms: valueDim + 1 },
    backFactor: floatBits(map.backFactor),
    ...{ keptKeys: isKept ? ofKeys : 0, beyondKeys: map.inPlace ? 0 : ofFeatures },
  });
  writeGradientItems(items().words, phases, {
    ...{ states, reverse: reverse().address, stateBytes: state.stateBytes },
    ...{ learned: learned().address, learnedBytes: FLOAT_BYTES * learnedFloats },
  });
  return {
    ...{ words, lanes: lanes.map((lane) => lane(address)), items: items().address },
    ...{ learned: learned().floats, bytes: plan.bytes },
  };
}
