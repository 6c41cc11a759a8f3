import type { Task } from "../../core/problem.ts";
import { FLOAT_BYTES, kvHeadOf, layoutOf, offsetIn } from "../../core/shape.ts";
import { type Convolution, WEIGHTS } from "../../mechanisms/convolution/declare.ts";
import { checkPrefill, checkStep } from "../decode/refuse.ts";
import type { Stepper, Weights } from "../stepper.ts";
import { Arena } from "./arena.ts";
import type { Build } from "./build.ts";
import { ScratchPlan } from "./call.ts";
import { FORM } from "./layout.ts";

/** Tokens that are taken in before the window is moved, so that moving it costs nothing a step. */
const ROOM = 256;

/**
 * A causal convolution, one token at a time. The values of each head of v lie in their order, after zeros in the
 * place of those before the sequence; when the room is full those of the window are moved to its beginning.
 */
export function prepareConvolutionSteps(
  { shape }: Task,
  { form, taps }: Convolution,
  build: Build,
  weights: Weights,
): Stepper {
  const { batch, heads, kvHeads, length, valueDim: d } = shape;
  const slices = batch * kvHeads;
  const window = Math.min(taps, length);
  const before = window - 1;
  const room = before + Math.min(length, window + ROOM);
  const [firstName, secondName] = WEIGHTS[form];
  const first = weights[firstName];
  const second = secondName === null ? new Float32Array(0) : weights[secondName];
  const perTap = first.length / heads / taps;

  const plan = new ScratchPlan();
  const planned = {
    first: plan.words(first.length),
    second: plan.words(second.length),
    hidden: plan.words(d),
    out: plan.words(batch * heads * d),
  };
  const beside = plan.bytes;
  const valuesAt = plan.words(slices * room * d);
  const arena = new Arena();
  const region = arena.reserve(plan.bytes);
  const { convolveRow } = arena.instance(build);
  arena.floats(region.start + planned.first, first.length).set(first);
  arena.floats(region.start + planned.second, second.length).set(second);
  const out = arena.floats(region.start + planned.out, batch * heads * d);
  const values = arena.floats(region.start + valuesAt, slices * room * d);
  const valueBytes = FLOAT_BYTES * slices * d;
  let position = 0;
  let next = 0;

  /** Makes room for a token, and says where it is to be written. */
  const advance = (): number => {
    if (next === room) {
      for (let slice = 0; slice < slices; slice++) {
        const end = (slice + 1) * room * d;
        values.copyWithin(slice * room * d, end - before * d, end);
      }
      next = before;
    }
    position++;
    return next++;
  };
  const reset = (): void => {
    position = 0;
    next = before;
    for (let slice = 0; slice < slices; slice++) {
      values.fill(0, slice * room * d, (slice * room + before) * d);
    }
  };
  const kept = (): number => Math.min(position, before);
  reset();

  return {
    get position() {
      return position;
    },
    capacity: length,
    get stateBytes() {
      return valueBytes * kept();
    },
    get stepBytes() {
      // One is written, and of the window those are read that there are.
      return position < length ? valueBytes * (kept() + 1) : 0;
    },
    workspaceBytes: beside + valueBytes * (room - before),
    reset,
    prefill(inputs, count) {
      checkPrefill(shape, position, inputs, count);
      const layout = layoutOf(inputs.shape, "v");
      for (const end = position + count; position < end; ) {
        const token = position;
        const at = advance();
        for (let slice = 0; slice < slices; slice++) {
          const from = offsetIn(layout, Math.floor(slice / kvHeads), slice % kvHeads, token);
          for (let c = 0; c < d; c++) values[(slice * room + at) * d + c] = inputs.v[from + c];
        }
      }
    },
    step(token) {
      checkStep(shape, position, token);
      const at = advance();
      for (let slice = 0; slice < slices; slice++) {
        for (let c = 0; c < d; c++) values[(slice * room + at) * d + c] = token.v[slice * d + c];
      }
      for (let slice = 0; slice < batch * heads; slice++) {
        const head = slice % heads;
        const from = Math.floor(slice / heads) * kvHeads + kvHeadOf(shape, head);
        convolveRow(
          FORM[form],
          region.start + valuesAt + (from * room + at - before) * d * FLOAT_BYTES,
          window,
          d,
          region.start + planned.first + (head * taps + taps - window) * perTap * FLOAT_BYTES,
          region.start + planned.second + head * d * d * FLOAT_BYTES,
          region.start + planned.hidden,
          region.start + planned.out + slice * d * FLOAT_BYTES,
        );
      }
      token.out.set(out);
    },
    dispose: () => arena.release(region),
  };
}
