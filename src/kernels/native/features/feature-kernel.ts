import type { Problem } from "../../../core/problem.ts";
import { elementCount, FLOAT_BYTES } from "../../../core/shape.ts";
import { tensorNamed } from "../../../core/tensors.ts";
import type { FeatureMap } from "../../../mechanisms/feature-map/declare.ts";
import type { Runnable } from "../../kernel.ts";
import { floatBits } from "../assembler/index.ts";
import { addressOf, MemoryPlan, type Region } from "../call/memory.ts";
import type { Means } from "../means.ts";
import { openCrew } from "../threads/crew.ts";
import { type FeatureItems, firstPosition, phasesOf, stateCount, writeItems } from "./items.ts";
import { CALL, CHUNK, FEATURE_ROW, ITEM_BYTES, LANE, LANE_BYTES, LANES, SCRATCH } from "./layout.ts";
import { plannedMap } from "./plan-map.ts";
import { ENTRY, featureProgram } from "./program.ts";
import { segmentsOf } from "./segments.ts";
import { STATE_BLOCK } from "./states.ts";
import { featureBytes, featureFlops } from "./work.ts";

/** Linear attention: a state of all keys that queries read, or causal in chunks. */
export function prepareFeatureMap(problem: Problem<FeatureMap>, { ffi, output }: Means): Runnable {
  const { mechanism, shape, inputs, causal, threads } = problem;
  const { length, headDim, valueDim } = shape;
  const map = plannedMap(mechanism, headDim, length);
  const stateRow = FLOAT_BYTES * whole(valueDim);
  const sums = map.features * stateRow;
  const exponents = sums + FLOAT_BYTES * whole(map.features);
  const stateBytes = Math.ceil((exponents + FLOAT_BYTES * whole(map.features)) / STATE_BLOCK) * STATE_BLOCK;
  const items: FeatureItems = {
    ...{ shape, map, causal, threads, stateBytes },
    segments: segmentsOf(shape, map.features),
  };
  const phases = phasesOf(items);
  const itemCount = phases.reduce((sum, phase) => sum + phase.items.length, 0);

  const plan = new MemoryPlan();
  const block = plan.reserve(8 * Object.keys(CALL).length);
  const itemsAt = plan.reserve(itemCount * ITEM_BYTES);
  const states = plan.reserve(stateCount(items) * stateBytes);
  const positions = map.horizon === null ? 0 : firstPosition(shape) + length + CHUNK;
  const angles = [0, 1].map(() => plan.reserve(FLOAT_BYTES * positions));
  const rows = FEATURE_ROW * whole(map.rows);
  const features = FEATURE_ROW * whole(map.features);
  const lanes = Array.from({ length: threads }, () => {
    const [queriesAt, keysAt] = [plan.reserve(features), plan.reserve(features)];
    const turned = map.inPlace ? undefined : plan.reserve(rows);
    const scratch = Object.entries(SCRATCH).map(([name, bytes]) => [name, plan.reserve(bytes)] as const);
    return {
      words: plan.reserve(LANE_BYTES),
      places: {
        ...{ queries: queriesAt, keys: keysAt, queryRows: turned ?? queriesAt, keyRows: turned ?? keysAt },
        ...{ local: plan.reserve(stateBytes), total: plan.reserve(stateBytes) },
        ...Object.fromEntries(scratch),
      } satisfies Partial<Record<keyof typeof LANE, () => Region>>,
    };
  });
  plan.make(ffi);

  const call = block();
  const set = (words: Readonly<Record<string, bigint | number>>): void => {
    for (const [name, value] of Object.entries<bigint | number>(words)) {
      call.words[CALL[name as keyof typeof CALL] / 8] = BigInt(value);
    }
  };
  set({
    ...{
      channels: headDim,
      keyRow: FLOAT_BYTES * headDim,
      columns: valueDim,
      valueRow: FLOAT_BYTES * valueDim,
    },
    ...{ features: map.features, stateRow, sums, exponents, stateBytes, segments: items.segments.count },
    ...{
      map: map.map,
      weightRows: map.weights?.rows ?? 0,
      rolls: map.rolls,
      projected: FEATURE_ROW * whole(headDim),
    },
    ...{ factor: floatBits(map.factor), weightFactor: floatBits(map.weightFactor) },
    ...{ epsilon: floatBits(map.epsilon), cosines: angles[0]().address, sines: angles[1]().address },
  });
  if (map.horizon !== null) {
    const [cosines, sines] = angles.map((at) => at().floats);
    for (let at = 0; at < positions; at++) {
      const angle = (Math.PI * (at - firstPosition(shape))) / (2 * map.horizon);
      cosines[at] = Math.cos(angle);
      sines[at] = Math.sin(angle);
    }
  }
  writeItems(itemsAt().words, phases, states().address, stateBytes);
  const addresses = lanes.map(({ words, places }) => {
    const lane = words();
    lane.words[LANE.call / 8] = call.address;
    for (const [name, at] of Object.entries(places)) {
      lane.words[LANE[name as keyof typeof LANE] / 8] = at().address;
    }
    return lane.address;
  });

  const crew = openCrew(featureProgram, ENTRY, threads);
  const weights =
    map.weights === null ? null : { ...map.weights, values: tensorNamed(inputs, map.weights.name) };
  const work = { map, shape, causal, threads };
  return {
    run() {
      const { q, k, v } = inputs;
      set({
        q: addressOf(ffi, q, 0, elementCount(shape, "q")),
        k: addressOf(ffi, k, 0, elementCount(shape, "k")),
        v: addressOf(ffi, v, 0, elementCount(shape, "v")),
        out: addressOf(ffi, output, 0, elementCount(shape, "output")),
      });
      if (weights !== null) {
        const count = shape.kvHeads * weights.rows * headDim;
        set({ weights: addressOf(ffi, weights.values, 0, count) });
      }
      let first = 0;
      for (const { phase, items } of phases) {
        set({ phase, items: itemsAt().address, next: first, end: first + items.length });
        crew.run(addresses);
        first += items.length;
      }
    },
    output: () => output,
    workspaceBytes: plan.bytes,
    executedFlops: featureFlops(work),
    bytes: featureBytes(work),
    dispose: () => crew.close(),
  };
}

function whole(count: number): number {
  return Math.ceil(count / LANES) * LANES;
}
