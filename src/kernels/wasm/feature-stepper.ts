import type { Task } from "../../core/problem.ts";
import { FLOAT_BYTES, layoutOf, offsetIn } from "../../core/shape.ts";
import type { FeatureMap } from "../../mechanisms/feature-map/declare.ts";
import { constantStateStepper } from "../decode/constant-state.ts";
import type { Stepper, Weights } from "../stepper.ts";
import type { Build } from "./build.ts";
import { ScratchPlan } from "./call.ts";
import { DecodeCall } from "./decode-call.ts";
import { fillAngles } from "./feature-angles.ts";
import { preparedRows } from "./feature-call.ts";
import { MAP_SCRATCH } from "./feature-map-kernel.ts";
import { plannedMap, stateLayout } from "./feature-panels.ts";
import { PANEL_KEYS, QUERY_ROW, TILE } from "./layout.ts";

/**
 * Linear attention, one query at a time: a state `(S, z)` for each head of k and v, whose size does not depend on the
 * position.
 */
export function prepareFeatureSteps(
  task: Task,
  mechanism: FeatureMap,
  build: Build,
  given: Weights,
): Stepper {
  const { shape } = task;
  const { batch, heads, kvHeads, length, headDim, valueDim } = shape;
  const slices = batch * kvHeads;
  const sharers = heads / kvHeads;
  const width = Math.ceil(valueDim / build.panelKeys) * build.panelKeys;
  const map = plannedMap(mechanism, headDim, length);
  const layout = stateLayout(map, width);
  const features = map.panels.reduce((sum, { count }) => sum + count, 0);
  const plan = new ScratchPlan();
  const chunk = (TILE.queries * QUERY_ROW) / 4;
  const lane = {
    queries: plan.words(chunk),
    features: plan.words(chunk),
    output: plan.words(TILE.queries * width),
    divisors: plan.words(TILE.queries),
    mapScratch: plan.words(MAP_SCRATCH),
    ...preparedRows(map, plan),
    ...(map.scaled && { maximum: plan.words(TILE.queries), total: plan.words(TILE.queries) }),
  };
  const panelsAt = plan.words(layout.table.length);
  /** An angle for each row of a token, or for each token of a chunk. */
  const angleCount = map.horizon === null ? 0 : Math.max(batch * heads, TILE.queries);
  const anglesAt = plan.words(2 * angleCount);
  const { weights } = map;
  const weightRows = weights?.rows ?? 0;
  const rawAt = plan.words(weightRows * headDim);
  const packedWords = Math.ceil(weightRows / PANEL_KEYS.wide) * PANEL_KEYS.wide * headDim;
  const packedAt = plan.words(kvHeads * packedWords);
  const beside = plan.bytes;
  const states = plan.words(slices * layout.words);
  const call = new DecodeCall(plan, shape, TILE.queries, lane, map.epsilon);
  const { arena } = call;
  const { addTokens, clearStates, decodeFeatures, packHead } = arena.instance(build);
  arena.integers(call.place(panelsAt), layout.table.length).set(layout.table);
  call.set({ width, slices, sharers, kvHeads });
  call.set({ states: call.place(states), stateBytes: layout.words * FLOAT_BYTES });
  call.set({ map: map.map, mapPanels: call.place(panelsAt), mapPanelCount: map.panels.length });
  call.set({ mapWidth: map.width, angles: call.place(anglesAt) });
  call.set({ weightRows, mapWeights: call.place(rawAt) });
  call.set({ weightStart: call.place(packedAt), weightBytes: packedWords * FLOAT_BYTES });
  call.setFloat("mapFactor", map.factor);
  call.setFloat("weightFactor", weights?.factor ?? 1);
  if (weights !== null) {
    const raw = arena.floats(call.place(rawAt), weightRows * headDim);
    for (let head = 0; head < kvHeads; head++) {
      raw.set(given[weights.name].subarray(head * raw.length, (head + 1) * raw.length));
      packHead(call.at, head);
    }
  }
  const angles = arena.floats(call.place(anglesAt), 2 * angleCount);
  const stateBytes = slices * features * (valueDim + 1 + Number(map.scaled)) * FLOAT_BYTES;
  const clear = (): void => clearStates(call.at);
  clear();

  return constantStateStepper(shape, {
    stateBytes,
    workspaceBytes: beside,
    clear,
    takeIn(inputs, from, to) {
      for (let first = from; first < to; first += TILE.queries) {
        const tokens = Math.min(TILE.queries, to - first);
        if (map.horizon !== null) fillAngles(angles, first, map.horizon);
        for (let slice = 0; slice < slices; slice++) {
          const rowOf = (name: "k" | "v"): number =>
            offsetIn(layoutOf(inputs.shape, name), Math.floor(slice / kvHeads), slice % kvHeads, first);
          call.k.set(inputs.k.subarray(rowOf("k"), rowOf("k") + tokens * headDim));
          call.v.set(inputs.v.subarray(rowOf("v"), rowOf("v") + tokens * valueDim));
          addTokens(call.at, call.lane, slice, tokens);
        }
      }
    },
    step(token, position) {
      call.put(token);
      if (map.horizon !== null) {
        const angle = (Math.PI * position) / (2 * map.horizon);
        const cosine = Math.cos(angle);
        const sine = Math.sin(angle);
        for (let at = 0; at < 2 * batch * heads; at += 2) {
          angles[at] = cosine;
          angles[at + 1] = sine;
        }
      }
      decodeFeatures(call.at, call.lane);
      call.take(token);
    },
    dispose: () => call.dispose(),
  });
}
