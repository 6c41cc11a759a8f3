import type { Task } from "../../../core/problem.ts";
import { FLOAT_BYTES, type Shape } from "../../../core/shape.ts";
import { isFeatureMap } from "../../../mechanisms/feature-map/declare.ts";
import type { KeptBuffer } from "../kept-buffers.ts";
import type { CallSizes } from "./call-uniform.ts";
import { type MapPlan, planMap } from "./plan.ts";
import type { Side } from "./prepare-rows.ts";
import { segmentsOf } from "./segments.ts";
import { type StateLayout, stateLayout } from "./state-layout.ts";

/** What linear attention keeps: prepared rows of q and k, if there are any, and the states of segments. */
export function keptByFeatureMap({ mechanism, shape, causal }: Task, most: number): KeptBuffer[] {
  if (!isFeatureMap(mechanism)) return [];
  const map = planMap(mechanism, shape);
  const state = stateLayout(map.blocks, shape.valueDim);
  const cut = segmentsOf(shape, map, state, causal, most);
  const rows = map.preparation === null ? [] : (["q", "k"] as const);
  return [
    ...rows.map((side) => ({ label: preparedLabel(side), bytes: preparedBytes(map, shape, side) })),
    { label: "states", bytes: statesBytes(state, shape.batch * shape.kvHeads, cut) },
  ];
}

/** What the buffer of prepared rows is called. */
export function preparedLabel(side: Side): string {
  return `features of ${side}`;
}

/** Its bytes. */
export function preparedBytes({ width }: MapPlan, shape: Shape, side: Side): number {
  const { batch, heads, kvHeads, length, queries } = shape;
  return FLOAT_BYTES * batch * (side === "q" ? heads * queries : kvHeads * length) * width;
}

/** Bytes of the states of all segments of so many slices. */
export function statesBytes(
  { quads }: StateLayout,
  slices: number,
  { segments }: Pick<CallSizes, "segments">,
): number {
  return 4 * FLOAT_BYTES * slices * segments * quads;
}
