import type { Task } from "../../../core/problem.ts";
import { FLOAT_BYTES } from "../../../core/shape.ts";
import { isRecurrence } from "../../../mechanisms/recurrence/declare.ts";
import type { KeptBuffer } from "../kept-buffers.ts";
import { planRecurrence, type RecurrencePlan } from "./plan.ts";
import { segmentsOf } from "./segments.ts";
import { stateColumns, transitionColumns } from "./state-layout.ts";

const QUAD_BYTES = 4 * FLOAT_BYTES;

/** What a recurrence keeps: gates of tokens and channels, the states of segments, and what they leave of a state. */
export function keptByRecurrence({ mechanism, shape }: Task): KeptBuffer[] {
  if (!isRecurrence(mechanism)) return [];
  const { batch, heads, length } = shape;
  const plan = planRecurrence(mechanism, shape);
  const { segments } = segmentsOf(length, mechanism.erase !== null);
  const bytes = keptBytes(plan, batch * heads, length, segments);
  return [
    { label: "gates of tokens", bytes: bytes.tokens },
    ...(plan.channelDecays || plan.channelWrites
      ? [{ label: "gates of channels", bytes: bytes.channels }]
      : []),
    { label: "states", bytes: bytes.states },
    { label: "transitions", bytes: bytes.transitions },
  ];
}

/** The bytes of each buffer. */
export function keptBytes(plan: RecurrencePlan, slices: number, length: number, segments: number) {
  const { quads, mechanism } = plan;
  const all = QUAD_BYTES * slices * segments * quads;
  return {
    tokens: QUAD_BYTES * slices * length,
    channels: QUAD_BYTES * slices * length * quads,
    states: all * stateColumns(plan),
    transitions: all * (mechanism.erase === null ? 1 : transitionColumns(plan)),
  };
}
