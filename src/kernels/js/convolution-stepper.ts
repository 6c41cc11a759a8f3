import type { Task } from "../../core/problem.ts";
import { kvHeadOf, layoutOf, offsetIn } from "../../core/shape.ts";
import type { Convolution } from "../../mechanisms/convolution/declare.ts";
import { checkPrefill, checkStep } from "../decode/refuse.ts";
import type { Stepper, Weights } from "../stepper.ts";
import { WindowLayer } from "./windows.ts";

/** Tokens that are taken in before the window is moved, so that moving it costs nothing a step. */
const ROOM = 256;

/**
 * A causal convolution, one token at a time: the last `taps - 1` values of each head of v, in float64, and a
 * layer for each head of q. Values lie in their order, after zeros in the place of those before the sequence;
 * when the room is full those of the window are moved to its beginning.
 */
export function prepareConvolutionSteps(task: Task, mechanism: Convolution, weights: Weights): Stepper {
  const { shape } = task;
  const { batch, heads, kvHeads, length, valueDim: d } = shape;
  const slices = batch * kvHeads;
  const { taps } = mechanism;
  const window = Math.min(taps, length);
  const before = window - 1;
  const room = before + Math.min(length, window + ROOM);
  const tokens = Array.from({ length: slices }, () => new Float64Array(room * d));
  const layers = Array.from({ length: heads }, (_, head) => {
    const layer = new WindowLayer(mechanism, { from: taps - window, to: taps }, d, 1);
    layer.load((name) => weights[name], head);
    return layer;
  });
  const valueBytes = Float64Array.BYTES_PER_ELEMENT * slices * d;
  let position = 0;
  /** Where the next token goes. */
  let next = before;

  /** Makes room for a token, and says where it is to be written. */
  const advance = (): number => {
    if (next === room) {
      for (const values of tokens) values.copyWithin(0, (room - before) * d, room * d);
      next = before;
    }
    position++;
    return next++;
  };
  const kept = (): number => Math.min(position, before);

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
    workspaceBytes: layers.reduce((sum, { bytes }) => sum + bytes, 0) + valueBytes * (room - before),
    reset() {
      position = 0;
      next = before;
      for (const values of tokens) values.fill(0, 0, before * d);
    },
    prefill(inputs, count) {
      checkPrefill(shape, position, inputs, count);
      const layout = layoutOf(inputs.shape, "v");
      for (const end = position + count; position < end; ) {
        const token = position;
        const at = advance() * d;
        for (let slice = 0; slice < slices; slice++) {
          const values = tokens[slice];
          const from = offsetIn(layout, Math.floor(slice / kvHeads), slice % kvHeads, token);
          for (let c = 0; c < d; c++) values[at + c] = inputs.v[from + c];
        }
      }
    },
    step(token) {
      checkStep(shape, position, token);
      const at = advance();
      for (let slice = 0; slice < slices; slice++) {
        const values = tokens[slice];
        for (let c = 0; c < d; c++) values[at * d + c] = token.v[slice * d + c];
      }
      for (let slice = 0; slice < batch * heads; slice++) {
        const head = slice % heads;
        const values = tokens[Math.floor(slice / heads) * kvHeads + kvHeadOf(shape, head)];
        layers[head].write(values, at - before, 1, token.out, slice * d);
      }
    },
    dispose() {},
  };
}
