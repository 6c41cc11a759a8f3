import type { Problem } from "../../../../core/problem.ts";
import { elementCount } from "../../../../core/shape.ts";
import { tensorNamed } from "../../../../core/tensors.ts";
import type { FeatureMap } from "../../../../mechanisms/feature-map/declare.ts";
import type { Ffi } from "../../call/ffi.ts";
import { addressOf } from "../../call/memory.ts";
import { openCrew } from "../../threads/crew.ts";
import { CALL, ITEM_BYTES } from "../layout.ts";
import { stateLayout } from "../memory.ts";
import { plannedMap } from "../plan-map.ts";
import type { Segments } from "../segments.ts";
import { type GradientItems, gradientPhases, learnedCount, learnedHead } from "./items.ts";
import { makeGradientMemory } from "./memory.ts";
import { featureGradientProgram, GRADIENT_ENTRY } from "./program.ts";
import { gradientBytes, gradientFlops } from "./work.ts";

/** What a backward pass is given besides its problem, and where it writes. */
export interface FeatureArrays {
  /** Of the forward pass. */
  readonly out: Float32Array;
  readonly rowSums: Float32Array;
  readonly states: Float32Array;
  readonly dout: Float32Array;
  readonly dq: Float32Array;
  readonly dk: Float32Array;
  readonly dv: Float32Array;
  /** Of what the layer learned, if that has a gradient. */
  readonly learned: Float32Array | null;
}

/** A prepared backward pass: figures as those of a `Runnable`. */
export interface FeatureBackward {
  run(): void;
  readonly workspaceBytes: number;
  readonly executedFlops: number;
  readonly bytes: number;
  close(): void;
}

/** The backward pass of linear attention: a state of all queries that keys read, or causal in chunks from the last. */
export function prepareFeatureBackward(
  problem: Problem<FeatureMap>,
  ffi: Ffi,
  segments: Segments,
  arrays: FeatureArrays,
): FeatureBackward {
  const { mechanism, shape, inputs, causal, threads } = problem;
  const map = plannedMap(mechanism, shape.headDim, shape.length);
  const state = stateLayout(map, shape.valueDim);
  const call: GradientItems = {
    ...{ shape, map, causal, threads, segments, stateBytes: state.stateBytes },
    learns: arrays.learned !== null,
  };
  const phases = gradientPhases(call);
  const states = addressOf(ffi, arrays.states, 0, arrays.states.length);
  const { words, lanes, items, learned, bytes } = makeGradientMemory(ffi, call, state, phases, states);
  const [ofQueries, ofKeys] = [elementCount(shape, "q"), elementCount(shape, "k")];
  const [ofRows, ofValues] = [elementCount(shape, "output"), elementCount(shape, "v")];
  const weights = map.weights === null ? null : tensorNamed(inputs, map.weights.name);
  const point = (name: keyof typeof CALL, at: Float32Array, count: number): void => {
    words[CALL[name] / 8] = addressOf(ffi, at, 0, count);
  };
  let before = 0;
  const queues = phases.map(({ phase, stride, joined, forwards, items: { length } }) => {
    const first = items + BigInt(before * ITEM_BYTES);
    before += length;
    const end = length / stride;
    const scanStride = forwards ? state.stateBytes : -state.stateBytes;
    return {
      words: { phase, items: first, stride, next: 0, end, segments: joined, scanStride },
      // No more threads than there is to do.
      lanes: lanes.slice(0, end),
    };
  });
  const crew = openCrew(featureGradientProgram, GRADIENT_ENTRY, threads);
  return {
    run() {
      point("q", inputs.q, ofQueries);
      point("k", inputs.k, ofKeys);
      point("v", inputs.v, ofValues);
      point("dq", arrays.dq, ofQueries);
      point("dk", arrays.dk, ofKeys);
      point("dv", arrays.dv, ofValues);
      point("out", arrays.out, ofRows);
      point("dout", arrays.dout, ofRows);
      point("rowSums", arrays.rowSums, shape.batch * shape.heads * shape.queries);
      if (weights !== null) {
        point("weights", weights, shape.kvHeads * (map.weights?.rows ?? 0) * shape.headDim);
      }
      learned.fill(0);
      for (const { words: own, lanes } of queues) {
        for (const [name, value] of Object.entries(own)) {
          words[CALL[name as keyof typeof own] / 8] = BigInt(value);
        }
        crew.run(lanes);
      }
      if (arrays.learned !== null) sumLearned(call, learned, arrays.learned);
    },
    workspaceBytes: bytes,
    executedFlops: gradientFlops(call),
    bytes: gradientBytes(call),
    close: () => crew.close(),
  };
}

/** What items found of the parameters of a head, `[rows, headDim]`, summed in their order, which is of the shape alone. */
function sumLearned(call: GradientItems, from: Float32Array, to: Float32Array): void {
  const floats = (call.map.weights?.rows ?? 0) * call.shape.headDim;
  to.fill(0);
  for (let index = 0; index < learnedCount(call); index++) {
    const start = learnedHead(call, index) * floats;
    for (let i = 0; i < floats; i++) to[start + i] += from[index * floats + i];
  }
}
