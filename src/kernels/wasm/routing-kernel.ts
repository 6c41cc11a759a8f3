import type { Problem } from "../../core/problem.ts";
import { FLOAT_BYTES } from "../../core/shape.ts";
import { CENTRES, ROUTING_ROUNDS, type Routing, routingSizes } from "../../mechanisms/selection/declare.ts";
import type { Runnable } from "../kernel.ts";
import { Call, type Phase, ScratchPlan } from "./call.ts";
import { planWeights } from "./call-weights.ts";
import { groupFlops, groupLane, itemsOfTokens, paddedKeys, panelled, SECONDS } from "./group-lanes.ts";
import {
  CENTRES_TOGETHER,
  GROUP_ITEM,
  GROUP_ROWS,
  PANEL_KEYS,
  PANEL_QUERIES,
  QUERY_ROW,
  ROUTED,
  TILE,
} from "./layout.ts";
import type { Means } from "./means.ts";
import { phaseRunner } from "./run-phases.ts";
import { type LeftOfSelection, sumsOf } from "./selection/left.ts";
import { sharedItems } from "./shared-items.ts";

/** Tokens of an item, whole panels. */
const ITEM_TOKENS = 4 * TILE.columns;
/** Segments of the queries, and of the keys, whose sums are made by themselves, for each of several threads. */
const SEGMENTS = 2;
const FLOAT64_WORDS = 2;
/** Counts of a digit by which the largest numbers are found, and one number more. */
const DIGIT_WORDS = 2049;

/** Attention within clusters: centres by spherical k-means, and then the queries of each with its keys in dense tiles. */
export function prepareRouting(
  problem: Problem,
  rule: Routing,
  scale: number,
  means: Means,
  { sums }: LeftOfSelection = {},
): Runnable {
  const { shape, inputs, causal, threads } = problem;
  const { build } = means;
  const { batch, heads, length, headDim, valueDim } = shape;
  const { clusters, window } = routingSizes(rule, length);
  const width = Math.ceil(valueDim / build.panelKeys) * build.panelKeys;
  const share = threads > 1 ? Math.ceil(length / (SEGMENTS * threads)) : length;
  const segmentTokens = paddedKeys(share, TILE.columns);
  const segments = Math.ceil(length / segmentTokens);
  const together = Math.max(1, Math.min(clusters, Math.floor((2 * length) / window)));
  const centres = range(clusters);
  const batches = Math.ceil(clusters / together);
  const items = sharedItems([
    itemsOfTokens(GROUP_ITEM.measure, length, ITEM_TOKENS),
    itemsOfTokens(GROUP_ITEM.begin, clusters, CENTRES_TOGETHER),
    range(2 * segments).map((segment) => [GROUP_ITEM.assign, segment, 0]),
    itemsOfTokens(GROUP_ITEM.move, clusters, CENTRES_TOGETHER),
    itemsOfTokens(GROUP_ITEM.take, clusters, CENTRES_TOGETHER).flatMap(([kind, from, to]) => [
      [kind, from, to],
      [kind, clusters + from, clusters + to],
    ]),
    [[GROUP_ITEM.turn, 0, 0]],
    ...range(batches).flatMap((index) => [
      centres.slice(index * together, (index + 1) * together).map((centre) => [GROUP_ITEM.meet, centre, 0]),
      itemsOfTokens(GROUP_ITEM.join, length, ITEM_TOKENS),
    ]),
  ]);

  const plan = new ScratchPlan();
  const taken = clusters * window;
  const all = batch * heads;
  const bitWords = Math.ceil(clusters / 32);
  const padded = paddedKeys(length, PANEL_KEYS.wide);
  const itemsAt = plan.words(items.words.length);
  const routedAt = plan.words(Object.keys(ROUTED).length);
  const chosenAt = {
    centres: plan.words(all * ROUTING_ROUNDS * 2 * length),
    queries: plan.words(all * taken),
    keys: plan.words(all * taken),
  };
  const sumWords = clusters * (1 + headDim) * FLOAT64_WORDS;
  const shared = {
    units: plan.words(2 * padded * headDim),
    inverses: plan.words(2 * length * FLOAT64_WORDS),
    factors: plan.words(2 * length),
    centres: plan.words((clusters + PANEL_QUERIES) * (QUERY_ROW / FLOAT_BYTES)),
    sums: plan.words(2 * segments * sumWords),
    takerAt: plan.words(length + 2),
    takers: plan.words(taken),
    slots: plan.words(taken),
    keyBits: plan.words(length * bitWords),
    maxima: plan.words(together * window),
    totals: plan.words(together * window),
    outputs: plan.words(together * window * width),
  };
  const kept = batches > 1 ? length : 0;
  const keptState = { keptMaximum: plan.words(kept), keptTotal: plan.words(kept) };
  // Rows that are whole panels wait in the output itself.
  const keptOutput = width === valueDim ? null : plan.words(kept * width);
  const sizes = { headDim, valueDim, width, span: window, shown: bitWords };
  const lanes = range(threads).map(() => ({
    ...groupLane(plan, sizes),
    rows: plan.words(CENTRES_TOGETHER * padded),
    otherRows: plan.words(2 * length),
    spare: plan.words(DIGIT_WORDS),
  }));
  const weightsOf = planWeights(inputs, means.output, [CENTRES], plan);
  const call = new Call(plan, inputs, means.output, lanes);
  const weights = weightsOf(call);
  call.copy(itemsAt, items.words);
  call.set({ length, d: headDim, valueDim, width, causal: Number(causal), hashed: 0, sums: 0 });
  call.set({ routed: call.place(routedAt), keptOutput: keptOutput === null ? 0 : call.place(keptOutput) });
  for (const [name, place] of Object.entries(keptState)) call.set({ [name]: call.place(place) });
  call.setFloat("factor", scale * Math.LOG2E);
  const routed = call.arena.integers(call.place(routedAt), Object.keys(ROUTED).length);
  for (const [name, place] of Object.entries(shared)) {
    routed[ROUTED[name as keyof typeof shared]] = call.place(place);
  }
  routed[ROUTED.clusters] = clusters;
  routed[ROUTED.window] = window;
  routed[ROUTED.sumBytes] = sumWords * FLOAT_BYTES;
  routed[ROUTED.segments] = segments;
  routed[ROUTED.segmentTokens] = segmentTokens;
  routed[ROUTED.bitWords] = bitWords;

  const choice = {
    centres: call.arena.integers(call.place(chosenAt.centres), all * ROUTING_ROUNDS * 2 * length),
    queries: call.arena.integers(call.place(chosenAt.queries), all * taken),
    keys: call.arena.integers(call.place(chosenAt.keys), all * taken),
  };
  const phases = call.phases(itemsAt, items.phaseEnds);
  const [beginning, moving, taking] = [phases.slice(0, 2), phases.slice(2, 4), phases.slice(4, 6)];
  const attending: Phase[][] = range(batches).map((index) => phases.slice(6 + 2 * index, 8 + 2 * index));
  const runner = phaseRunner(call, build, "runGroupItems", means.pool);
  const seconds = new Float64Array(1);
  const choose = (place: number): void => {
    routed[ROUTED.assigned] = choice.centres.byteOffset + place * ROUTING_ROUNDS * 2 * length * FLOAT_BYTES;
    routed[ROUTED.queries] = choice.queries.byteOffset + place * taken * FLOAT_BYTES;
    routed[ROUTED.keys] = choice.keys.byteOffset + place * taken * FLOAT_BYTES;
    runner.run(beginning);
    for (let round = 0; round < ROUTING_ROUNDS; round++) {
      routed[ROUTED.round] = round;
      runner.run(moving);
    }
    runner.run(taking);
  };
  const attend = (): void => {
    for (let index = 0; index < batches; index++) {
      routed[ROUTED.firstCentre] = index * together;
      routed[ROUTED.endCentre] = Math.min(clusters, (index + 1) * together);
      runner.run(attending[index]);
    }
  };
  const rows = all * length;
  return {
    run() {
      weights.refresh();
      for (let entry = 0; entry < batch; entry++) {
        for (let head = 0; head < heads; head++) {
          const start = performance.now();
          call.pointAt(entry, head);
          call.set({ finite: 1 });
          if (sums !== undefined) call.set({ sums: sumsOf(sums, length, entry * heads + head) });
          routed[ROUTED.starts] = weights.at(CENTRES, head * clusters);
          choose(entry * heads + head);
          seconds[0] += (performance.now() - start) / SECONDS;
          attend();
        }
      }
    },
    ...call.copied,
    output: () => call.output,
    choice: () => choice,
    selectSeconds: () => seconds[0],
    workspaceBytes: call.workspaceBytes,
    get executedFlops() {
      const tokens = 2 * paddedKeys(length, build.panelKeys);
      const inTiles =
        ROUTING_ROUNDS * panelled(clusters, TILE.queries) + panelled(clusters, CENTRES_TOGETHER);
      const sums = 2 * ROUTING_ROUNDS * 2 * length * headDim;
      const pairs = clusters * panelled(window, GROUP_ROWS) * paddedKeys(window, build.panelKeys);
      const attended = 2 * pairs * (headDim + width) + groupFlops(taken, headDim);
      return all * (2 * headDim * tokens * inTiles + sums + attended);
    },
    bytes:
      FLOAT_BYTES *
      (rows * (2 * headDim * (1 + ROUTING_ROUNDS) + valueDim) + all * taken * (2 * headDim + valueDim)),
    dispose: () => runner.dispose(),
  };
}

function range(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index);
}
