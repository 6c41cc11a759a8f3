import type { Choice } from "../../../core/choice.ts";
import type { Task } from "../../../core/problem.ts";
import { FLOAT_BYTES, layoutOf, offsetIn } from "../../../core/shape.ts";
import type { AttentionInputs } from "../../../core/tensors.ts";
import { NSA_GATES, type Selection } from "../../../mechanisms/selection/declare.ts";
import { rowFloats } from "../../decode/fill-cache.ts";
import { checkPrefill, checkStep } from "../../decode/refuse.ts";
import { learned } from "../../learned.ts";
import type { Stepper, Weights } from "../../stepper.ts";
import type { Build } from "../build.ts";
import { ScratchPlan } from "../call.ts";
import { DecodeCall } from "../decode-call.ts";
import { NORMALISER, PARTS } from "../layout.ts";
import { bestWords, KEPT, RULE } from "./layout.ts";
import { type BlockRule, sizesOf } from "./sizes.ts";
import { mostAttended, stateBytes, stepBytes, summaryFloats } from "./step-bytes.ts";

/** Words that scores have behind them, up to whole vectors. */
const BEHIND_SCORES = 16;

/** One query at a time chooses among all tokens so far, which are kept with summaries of their blocks. */
export function prepareSelectionSteps(
  { shape, mechanism }: Task<Selection>,
  rule: BlockRule,
  build: Build,
  weights: Weights,
): Stepper {
  const { batch, heads, kvHeads, length, headDim, valueDim } = shape;
  const sizes = sizesOf(rule, { ...shape, queries: 1 });
  const { blocks, most } = sizes;
  const slices = batch * kvHeads;
  const [keyWidth, width] = [rowFloats(headDim), rowFloats(valueDim)];
  const sums = rule.id === "nsa";
  const plan = new ScratchPlan();
  const scores = Math.max(rule.id === "top-k" ? length : blocks, mostAttended(rule, length)) + BEHIND_SCORES;
  const lane = {
    queries: plan.words(keyWidth),
    queryRows: plan.words(2 * keyWidth),
    output: plan.words(width),
    parts: plan.words(PARTS),
    scratch: plan.words(8),
    scores: plan.words(scores),
    best: plan.words(bestWords(most)),
    rowSpans: plan.words(2 * (most + 4)),
  };
  const choiceAt = plan.words(batch * heads * most);
  const wordsAt = plan.words(Object.keys(KEPT).length);
  const gatesAt = plan.words(sums ? 3 * heads * headDim : 0);
  const beside = plan.bytes;
  const places = {
    keys: plan.words(slices * length * keyWidth),
    values: plan.words(slices * length * width),
    summaries: plan.words(slices * blocks * summaryFloats(rule, keyWidth)),
    meanValues: plan.words(sums ? slices * blocks * width : 0),
    sums: plan.words(2 * slices * (headDim + valueDim)),
  };
  const factor = (mechanism.scale ?? 1 / Math.sqrt(headDim)) * Math.LOG2E;
  const call = new DecodeCall(plan, shape, 1, lane, factor);
  call.set({
    keyWidth,
    width,
    slices,
    readers: heads / kvHeads,
    sharers: heads,
    normaliser: NORMALISER.softmax,
  });
  call.setFloat("rowNumber", Number.NEGATIVE_INFINITY);
  call.set({ selection: call.place(wordsAt) });
  const words = call.arena.integers(call.place(wordsAt), Object.keys(KEPT).length);
  for (const [name, place] of Object.entries(places))
    words[KEPT[name as keyof typeof places]] = call.place(place);
  words[KEPT.rule] = RULE[sizes.rule];
  words[KEPT.block] = sizes.block;
  words[KEPT.blocks] = blocks;
  words[KEPT.most] = most;
  words[KEPT.capacity] = length;
  words[KEPT.window] = sums ? rule.window : 0;
  words[KEPT.summaryBytes] = FLOAT_BYTES * summaryFloats(rule, keyWidth);
  words[KEPT.choice] = call.place(choiceAt);
  words[KEPT.gateWeights] = call.place(gatesAt);
  const gates = call.arena.floats(call.place(gatesAt), sums ? 3 * heads * headDim : 0);
  if (sums)
    for (const [index, name] of NSA_GATES.entries())
      gates.set(learned(weights, name), index * heads * headDim);
  const chosen = call.arena.integers(call.place(choiceAt), batch * heads * most);
  const choice: Choice = { [sizes.name]: chosen };
  const keys = call.arena.floats(call.place(places.keys), slices * length * keyWidth);
  const values = call.arena.floats(call.place(places.values), slices * length * width);
  const { decodeSelected, summariseTokens } = call.arena.instance(build);
  let position = 0;

  const fill = (inputs: AttentionInputs, slice: number, end: number): void => {
    const [entry, kvHead] = [Math.floor(slice / kvHeads), slice % kvHeads];
    const [ofK, ofV] = [layoutOf(inputs.shape, "k"), layoutOf(inputs.shape, "v")];
    const at = slice * length + position;
    const count = end - position;
    copyRows(inputs.k, offsetIn(ofK, entry, kvHead, position), headDim, count, keys, at * keyWidth, keyWidth);
    copyRows(inputs.v, offsetIn(ofV, entry, kvHead, position), valueDim, count, values, at * width, width);
    summariseTokens(call.at, slice, position, count);
  };

  return {
    get position() {
      return position;
    },
    capacity: length,
    get stateBytes() {
      return slices * stateBytes(rule, shape, position);
    },
    get stepBytes() {
      return position < length ? slices * stepBytes(rule, shape, position) : 0;
    },
    workspaceBytes: beside,
    reset() {
      position = 0;
    },
    prefill(inputs, count) {
      checkPrefill(shape, position, inputs, count);
      for (let slice = 0; slice < slices; slice++) fill(inputs, slice, position + count);
      position += count;
    },
    step(token) {
      checkStep(shape, position, token);
      call.put(token);
      decodeSelected(call.at, call.lane, position);
      call.take(token);
      position++;
    },
    choice: () => choice,
    dispose: () => call.dispose(),
  };
}

/** Copies rows into wider ones, which are filled up with zeros. */
function copyRows(
  from: Float32Array,
  start: number,
  width: number,
  count: number,
  to: Float32Array,
  at: number,
  floats: number,
): void {
  if (floats === width) {
    to.set(from.subarray(start, start + count * width), at);
    return;
  }
  for (let row = 0; row < count; row++) {
    const first = start + row * width;
    to.set(from.subarray(first, first + width), at + row * floats);
    to.fill(0, at + row * floats + width, at + (row + 1) * floats);
  }
}
