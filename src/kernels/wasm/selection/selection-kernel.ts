import type { Choice } from "../../../core/choice.ts";
import type { Problem } from "../../../core/problem.ts";
import { callBytes, FLOAT_BYTES, kvHeadOf } from "../../../core/shape.ts";
import { NSA_GATES, type Selection } from "../../../mechanisms/selection/declare.ts";
import type { Runnable } from "../../kernel.ts";
import { Call, ScratchPlan } from "../call.ts";
import { planWeights } from "../call-weights.ts";
import { PRODUCTS } from "../forms/planned-scores.ts";
import { NORMALISER, PANEL_KEYS } from "../layout.ts";
import type { Means } from "../means.ts";
import { phaseRunner } from "../run-phases.ts";
import { RULE, SELECTION, SELECTION_WORDS } from "./layout.ts";
import { type LeftOfSelection, sumsOf } from "./left.ts";
import { planLane } from "./plan-lane.ts";
import { rowsTogether, selectionItems } from "./selection-items.ts";
import { type BlockRule, leastFlops, sizesOf } from "./sizes.ts";

/**
 * Attention to what a rule chooses, head by head: keys are packed and blocks summarised, rows choose, and rows are brought together by
 * what they chose, into the tiles of the softmax kernel.
 */
export function prepareSelection(
  problem: Problem<Selection>,
  rule: BlockRule,
  means: Means,
  left: LeftOfSelection = {},
): Runnable {
  const { mechanism, shape, inputs, threads, causal } = problem;
  const { build } = means;
  const { batch, heads, length, queries, headDim, valueDim } = shape;
  const sizes = sizesOf(rule, shape);
  const { blocks, most } = sizes;
  const width = Math.ceil(valueDim / build.panelKeys) * build.panelKeys;
  const sums = rule.id === "nsa";
  const gates = sums ? NSA_GATES : [];
  const together = rowsTogether(queries, threads);
  const plan = new ScratchPlan();
  const packed = (rows: number): number => Math.ceil(rows / PANEL_KEYS.wide) * PANEL_KEYS.wide * headDim;
  const summaries = rule.id === "top-k" ? 0 : packed(blocks);
  const places = {
    keys: plan.words(packed(length)),
    candidates: plan.words(summaries),
    moreCandidates: plan.words(rule.id === "quest" ? summaries : 0),
    meanValues: plan.words(sums ? blocks * valueDim : 0),
    gates: plan.words(sums ? 8 * queries : 0),
    keptMaximum: plan.words(queries),
    keptTotal: plan.words(queries),
    choice: plan.words(batch * heads * queries * most),
    words: plan.words(SELECTION_WORDS),
  };
  // Rows that are whole panels wait in the output itself, unless that holds a sum.
  const keptOutput = width === valueDim && !sums ? null : plan.words(queries * width);
  const lanes = Array.from({ length: threads }, () => planLane(plan, sizes, width, together));
  const items = selectionItems(sizes, shape, together);
  const itemsAt = plan.words(items.words.length);
  const plannedWeights = planWeights(inputs, means.output, gates, plan);
  const call = new Call(plan, inputs, means.output, lanes);
  const weights = plannedWeights(call);
  const scale = (mechanism.scale ?? 1 / Math.sqrt(headDim)) * Math.LOG2E;

  const place = (name: keyof typeof places): number => call.place(places[name]);
  const firstQuery = length - queries;
  call.set({ ...PRODUCTS, length, d: headDim, channels: headDim, valueDim, width, firstQuery });
  call.set({
    causal: Number(causal),
    normaliser: NORMALISER.softmax,
    bias: 0,
    projection: 0,
    turns: 0,
    rowNumbers: 0,
    sums: 0,
  });
  call.setFloat("factor", scale);
  call.setFloat("rowNumber", Number.NEGATIVE_INFINITY);
  call.set({ keys: place("keys"), keptMaximum: place("keptMaximum"), keptTotal: place("keptTotal") });
  call.set({ keptOutput: keptOutput === null ? 0 : call.place(keptOutput), selection: place("words") });
  const words = call.arena.integers(place("words"), SELECTION_WORDS);
  const choices = call.arena.integers(place("choice"), batch * heads * queries * most);
  words.fill(0);
  words[SELECTION.rule] = RULE[sizes.rule];
  words[SELECTION.block] = sizes.block;
  words[SELECTION.blocks] = blocks;
  words[SELECTION.most] = most;
  words[SELECTION.queries] = queries;
  words[SELECTION.candidates] = place(rule.id === "top-k" ? "keys" : "candidates");
  words[SELECTION.moreCandidates] = rule.id === "quest" ? place("moreCandidates") : 0;
  words[SELECTION.window] = sums ? rule.window : 0;
  words[SELECTION.meanValues] = place("meanValues");
  words[SELECTION.gates] = place("gates");
  const factorAt = call.arena.floats(place("words"), SELECTION_WORDS);
  factorAt[SELECTION.candidateFactor] = sums ? scale : 1;
  call.copy(itemsAt, items.words);
  const [pack, summarise, choose, attend] = call.phases(itemsAt, items.phaseEnds);
  const phases = { pack: [pack], choose: [summarise, choose], attend: [attend] };
  const runner = phaseRunner(call, build, "runSelectionItems", means.pool);
  const counters = lanes.map(({ counted }) => call.arena.doubles(call.place(counted), 2));
  const choiceBytes = 4 * queries * most;
  let selected = 0;
  let ran = false;
  const { sums: ofRows, branches } = left;
  const leave = (slice: number): void => {
    if (ofRows !== undefined) call.set({ sums: sumsOf(ofRows, queries, slice) });
    if (branches === undefined) return;
    const rows = gates.length * queries;
    words[SELECTION.branchSums] = sumsOf(branches.sums, rows, slice);
    words[SELECTION.branchOuts] = branches.outs.byteOffset + slice * rows * valueDim * FLOAT_BYTES;
  };
  return {
    run() {
      weights.refresh();
      for (const counter of counters) counter.fill(0);
      for (let entry = 0; entry < batch; entry++) {
        let packedHead = -1;
        for (let head = 0; head < heads; head++) {
          call.pointAt(entry, head);
          words[SELECTION.choice] = place("choice") + (entry * heads + head) * choiceBytes;
          leave(entry * heads + head);
          for (const [index, name] of gates.entries())
            words[SELECTION.gateWeights + index] = weights.at(name, head * headDim);
          if (kvHeadOf(shape, head) !== packedHead) {
            packedHead = kvHeadOf(shape, head);
            call.set({ finite: 1 });
            runner.run(phases.pack);
          }
          const start = performance.now();
          runner.run(phases.choose);
          selected += performance.now() - start;
          runner.run(phases.attend);
        }
      }
      ran = true;
    },
    ...call.copied,
    output: () => call.output,
    choice: (): Choice => ({ [sizes.name]: choices }),
    selectSeconds: () => selected / 1000,
    workspaceBytes: call.workspaceBytes,
    get executedFlops() {
      return ran ? counters.reduce((sum, [flops]) => sum + flops, 0) : leastFlops(rule, shape, causal);
    },
    get bytes() {
      return ran ? FLOAT_BYTES * counters.reduce((sum, [, floats]) => sum + floats, 0) : callBytes(shape);
    },
    dispose: () => runner.dispose(),
  };
}
