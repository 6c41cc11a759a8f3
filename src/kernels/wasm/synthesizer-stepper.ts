import type { Task } from "../../core/problem.ts";
import { FLOAT_BYTES, layoutOf, offsetIn } from "../../core/shape.ts";
import { LEARNED, type Logits } from "../../mechanisms/synthesizer/declare.ts";
import { checkStep } from "../decode/refuse.ts";
import { learned } from "../learned.ts";
import type { Stepper, Weights } from "../stepper.ts";
import type { Build } from "./build.ts";
import { ATTENTION, operandWidth } from "./learned-operands.ts";
import { prepareSoftmaxSteps } from "./softmax-stepper.ts";

/**
 * A synthesizer whose logits are products, one token at a time: softmax attention to which each token brings the rows that were
 * learned for its position. The state is the values; the rows beside them are a copy of what was learned.
 */
export function prepareSynthesizerSteps(task: Task, logits: Logits, build: Build, weights: Weights): Stepper {
  const { shape } = task;
  const { batch, heads, headDim, valueDim, length } = shape;
  const slices = batch * heads;
  const dense = logits.kind === "dense";
  const width = operandWidth(logits, headDim);
  const own = { ...shape, headDim: width };
  const keys = learned(weights, dense ? LEARNED.ofHidden : LEARNED.ofKeys);
  const queries = dense ? null : learned(weights, LEARNED.ofQueries);
  const hidden = dense ? learned(weights, LEARNED.hidden) : null;
  const inner = prepareSoftmaxSteps({ ...task, shape: own }, ATTENTION, build, {});
  /** What the inner stepper is given: v and out are those of the token under way. */
  const token = {
    q: new Float32Array(slices * width),
    k: new Float32Array(slices * width),
    v: keys,
    out: keys,
  };
  const valueBytes = FLOAT_BYTES * slices * valueDim;
  const copied = FLOAT_BYTES * slices * width * length;

  /** Puts the row of a table at the position where each slice has its own. */
  const putRows = (table: Float32Array, to: Float32Array): void => {
    for (let slice = 0; slice < slices; slice++) {
      const from = ((slice % heads) * length + inner.position) * width;
      for (let i = 0; i < width; i++) to[slice * width + i] = table[from + i];
    }
  };

  return {
    get position() {
      return inner.position;
    },
    capacity: length,
    get stateBytes() {
      return valueBytes * inner.position;
    },
    get stepBytes() {
      return inner.position < length ? valueBytes * (inner.position + 1) : 0;
    },
    workspaceBytes: (inner.workspaceBytes ?? 0) + copied,
    reset: () => inner.reset(),
    prefill(inputs, count) {
      const given = { ...inputs.shape, headDim: width };
      const ofK = layoutOf(given, "k");
      const k = new Float32Array(slices * given.length * width);
      const from = inner.position;
      const to = Math.min(from + count, given.length, length);
      for (let slice = 0; slice < slices; slice++) {
        const at = offsetIn(ofK, Math.floor(slice / heads), slice % heads, from);
        const row = (slice % heads) * length;
        k.set(keys.subarray((row + from) * width, (row + to) * width), at);
      }
      inner.prefill({ shape: given, q: token.q, k, v: inputs.v }, count);
    },
    step(given) {
      checkStep(shape, inner.position, given);
      putRows(keys, token.k);
      if (queries !== null) putRows(queries, token.q);
      if (hidden !== null) hideQueries(given.q, hidden, heads, width, token.q);
      token.v = given.v;
      token.out = given.out;
      inner.step(token);
    },
    dispose: () => inner.dispose(),
  };
}

/** `relu(W q)` of a token's queries, `[slices, width]`; W is that of each head. */
function hideQueries(
  q: Float32Array,
  matrices: Float32Array,
  heads: number,
  width: number,
  to: Float32Array,
): void {
  for (let at = 0; at < to.length; at += width) {
    const head = (at / width) % heads;
    for (let unit = 0; unit < width; unit++) {
      const row = (head * width + unit) * width;
      let sum = 0;
      for (let i = 0; i < width; i++) sum += matrices[row + i] * q[at + i];
      to[at + unit] = Math.max(sum, 0);
    }
  }
}
