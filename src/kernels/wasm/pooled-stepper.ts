import type { Task } from "../../core/problem.ts";
import { FLOAT_BYTES, layoutOf, offsetIn } from "../../core/shape.ts";
import { chainOf, poolingOf, type Summary } from "../../mechanisms/summary/declare.ts";
import { rowFloats } from "../decode/fill-cache.ts";
import { checkPrefill, checkStep } from "../decode/refuse.ts";
import type { Stepper } from "../stepper.ts";
import type { Build } from "./build.ts";
import { ScratchPlan } from "./call.ts";
import { DecodeCall } from "./decode-call.ts";
import { NORMALISER, PARTS } from "./layout.ts";

/** Tokens of a head that a prefill takes in at once. */
const TOKENS_TOGETHER = 64;
/** Sums of blocks under way are float64. */
const SUM_BYTES = 8;

/** Pooled attention, one query at a time over the means of the blocks that have ended. */
export function preparePooledSteps({ mechanism, shape }: Task<Summary>, build: Build): Stepper {
  const { batch, heads, kvHeads, length, headDim, valueDim } = shape;
  const pooling = poolingOf(chainOf(mechanism, shape, true));
  if (pooling === null) throw new TypeError(`${mechanism.text}: it is not decoded`);
  const { size, scale } = pooling;
  const slices = batch * kvHeads;
  const blocks = Math.floor(length / size);
  const keyWidth = rowFloats(headDim);
  const width = rowFloats(valueDim);
  const stateWords = ((headDim + valueDim) * SUM_BYTES) / FLOAT_BYTES;
  const plan = new ScratchPlan();
  const lane = {
    queries: plan.words(keyWidth),
    output: plan.words(width),
    parts: plan.words(PARTS),
    scores: plan.words(blocks + 8),
  };
  const beside = plan.bytes;
  const keys = plan.words(slices * blocks * keyWidth);
  const values = plan.words(slices * blocks * width);
  const sums = plan.words(slices * stateWords);
  const call = new DecodeCall(plan, shape, TOKENS_TOGETHER, lane, scale * Math.LOG2E);
  call.set({ keyWidth, width, slices, readers: heads / kvHeads, blocks, blockTokens: size });
  call.set({ pooledKeys: call.place(keys), pooledValues: call.place(values) });
  call.set({ states: call.place(sums), stateBytes: stateWords * FLOAT_BYTES });
  call.set({ normaliser: NORMALISER.softmax });
  call.setFloat("rowNumber", Number.NEGATIVE_INFINITY);
  const running = call.arena.floats(call.place(sums), slices * stateWords);
  const { addPooled, decodePooled } = call.arena.instance(build);
  const numbers = slices * (headDim + valueDim);
  let position = 0;
  const reset = (): void => {
    running.fill(0);
    position = 0;
  };
  reset();

  return {
    get position() {
      return position;
    },
    capacity: length,
    get stateBytes() {
      const means = Math.floor(position / size);
      return numbers * (means * FLOAT_BYTES + (position % size > 0 ? SUM_BYTES : 0));
    },
    get stepBytes() {
      if (position >= length) return 0;
      // The means that are attended, and the running sums before and after.
      const attended = Math.floor((position + 1) / size);
      return numbers * (attended * FLOAT_BYTES + (position % size > 0 ? 2 : 1) * SUM_BYTES);
    },
    workspaceBytes: beside,
    reset,
    prefill(inputs, count) {
      checkPrefill(shape, position, inputs, count);
      const [ofK, ofV] = [layoutOf(inputs.shape, "k"), layoutOf(inputs.shape, "v")];
      const end = position + count;
      for (let slice = 0; slice < slices; slice++) {
        const [entry, kvHead] = [Math.floor(slice / kvHeads), slice % kvHeads];
        for (let from = position; from < end; from += TOKENS_TOGETHER) {
          const tokens = Math.min(TOKENS_TOGETHER, end - from);
          const [keyAt, valueAt] = [ofK, ofV].map((layout) => offsetIn(layout, entry, kvHead, from));
          call.k.set(inputs.k.subarray(keyAt, keyAt + tokens * headDim));
          call.v.set(inputs.v.subarray(valueAt, valueAt + tokens * valueDim));
          addPooled(call.at, slice, from, tokens);
        }
      }
      position = end;
    },
    step(token) {
      checkStep(shape, position, token);
      call.put(token);
      decodePooled(call.at, call.lane, position);
      call.take(token);
      position++;
    },
    dispose: () => call.dispose(),
  };
}
