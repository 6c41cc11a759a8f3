import { FLOAT_BYTES } from "../../../../core/shape.ts";
import type { TopK } from "../../../../mechanisms/selection/declare.ts";
import { rowFloats } from "../../../decode/fill-cache.ts";
import { Call, ScratchPlan } from "../../call.ts";
import { NORMALISER, PARTS } from "../../layout.ts";
import { phaseRunner } from "../../run-phases.ts";
import { sizesOf } from "../../selection/sizes.ts";
import { sharedItems } from "../../shared-items.ts";
import { inPieces } from "../items.ts";
import type { ChosenBackward, ChosenTask } from "./chosen-backward.ts";
import { LISTED, LISTED_ITEM, LISTED_ROWS, LISTED_WORDS } from "./layout.ts";

/** Rows of an item, and keys. */
const ITEM_ROWS = 16 * LISTED_ROWS;
const ITEM_KEYS = 512;

/** Words behind the scores of a row of keys, up to whole vectors. */
const BEHIND_SCORES = 15;

/** The gradient of attention to single keys that were chosen: rows fetch their keys, and keys fetch the rows that read them. */
export function prepareListedBackward(rule: TopK, task: ChosenTask): ChosenBackward {
  const { shape, scale, threads, left, tensors, means } = task;
  const { length, headDim, valueDim } = shape;
  const { most } = sizesOf(rule, shape);
  const pairs = length * most;
  const plan = new ScratchPlan();
  const places = {
    starts: plan.words(length + 2),
    places: plan.words(pairs),
    readers: plan.words(pairs),
    weights: plan.words(pairs),
    slopes: plan.words(pairs),
    words: plan.words(LISTED_WORDS),
  };
  const rows = Math.max(rowFloats(headDim), rowFloats(valueDim));
  const lanes = Array.from({ length: threads }, () => ({
    queries: plan.words(rows),
    douts: plan.words(rows),
    scores: plan.words(LISTED_ROWS * (most + BEHIND_SCORES)),
    products: plan.words(LISTED_ROWS * (most + BEHIND_SCORES)),
    output: plan.words(rows),
    parts: plan.words(PARTS),
  }));
  const items = sharedItems([
    [[LISTED_ITEM.sort, 0, length]],
    inPieces(LISTED_ITEM.rows, length, ITEM_ROWS),
    inPieces(LISTED_ITEM.keys, length, ITEM_KEYS),
  ]);
  const itemsAt = plan.words(items.words.length);
  const call = new Call(plan, tensors.inputs, tensors.dout, lanes);
  const place = (name: keyof typeof places): number => call.place(places[name]);
  call.copy(itemsAt, items.words);
  call.set({ length, d: headDim, valueDim, normaliser: NORMALISER.softmax, rowNumbers: 0 });
  call.setFloat("factor", scale * Math.LOG2E);
  call.setFloat("rowNumber", Number.NEGATIVE_INFINITY);
  call.set({ gradient: place("words") });
  const words = call.arena.integers(place("words"), LISTED_WORDS);
  const set = (some: Partial<Record<keyof typeof LISTED, number>>): void => {
    for (const [name, value] of Object.entries(some)) words[LISTED[name as keyof typeof LISTED]] = value;
  };
  set({ most, starts: place("starts"), places: place("places"), readers: place("readers") });
  set({ weights: place("weights"), slopes: place("slopes") });
  call.arena.floats(place("words"), LISTED_WORDS)[LISTED.scale] = scale;
  const starts = call.arena.integers(place("starts"), length + 2);
  const phases = call.phases(itemsAt, items.phaseEnds);
  const runner = phaseRunner(call, means.build, "runListedGradientItems", means.pool);
  let listed = 0;
  let heads = 0;
  return {
    begin() {
      listed = 0;
      heads = 0;
    },
    run(slice, { q, k, v, dout, dq, dk, dv, adds }) {
      call.set({ q, k, v, out: dout });
      const choice = left.choice.byteOffset + slice * pairs * FLOAT_BYTES;
      set({ choice, dq, dk, dv, adds: Number(adds) });
      runner.run(phases);
      listed += starts[length];
      heads++;
    },
    flops: () => listed * (6 * headDim + 4 * valueDim) + heads * length * (2 * headDim + valueDim),
    // A pair fetches its key twice, a value, a query and a row of dout.
    floats: () => listed * (3 * headDim + 2 * valueDim) + heads * length * (3 * headDim + 2 * valueDim),
    workspaceBytes: call.workspaceBytes,
    dispose: () => runner.dispose(),
  };
}
