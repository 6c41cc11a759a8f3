import type { Problem } from "../../core/problem.ts";
import { FLOAT_BYTES } from "../../core/shape.ts";
import { hashSizes, type Reformer, ROTATIONS } from "../../mechanisms/selection/declare.ts";
import type { Runnable } from "../kernel.ts";
import { Call, ScratchPlan } from "./call.ts";
import { planWeights } from "./call-weights.ts";
import { groupFlops, groupLane, itemsOfTokens, paddedKeys, panelled, SECONDS } from "./group-lanes.ts";
import { GROUP_ITEM, GROUP_ROWS, HASHED, NORMALISER, PANEL_QUERIES, QUERY_ROW, TILE } from "./layout.ts";
import type { Means } from "./means.ts";
import { phaseRunner } from "./run-phases.ts";
import { type LeftOfSelection, sumsOf } from "./selection/left.ts";
import { sharedItems } from "./shared-items.ts";

/** Tokens that are hashed as one item, and places that attend as one where chunks are shorter. */
const HASHED_TOKENS = 4 * TILE.columns;
const ITEM_PLACES = 20 * TILE.queries;

/** Attention within chunks of the tokens, sorted by hashes in several rounds: round after round in dense tiles. */
export function prepareReformer(
  problem: Problem,
  rule: Reformer,
  scale: number,
  means: Means,
  { sums }: LeftOfSelection = {},
): Runnable {
  const { shape, inputs, causal, threads } = problem;
  const { build } = means;
  const { batch, heads, length, headDim, valueDim } = shape;
  const { rounds, chunk } = rule;
  const { first, second, buckets } = hashSizes(rule, length);
  const width = Math.ceil(valueDim / build.panelKeys) * build.panelKeys;
  const inRound = itemsOfRound(rule, length);
  const span = Math.max(...inRound.map(({ keys }) => keys));
  const items = sharedItems([
    ...(rounds > 0 ? [range(rounds).map((round) => [GROUP_ITEM.directions, round, 0])] : []),
    itemsOfTokens(GROUP_ITEM.hash, length, HASHED_TOKENS),
    range(rounds).map((round) => [GROUP_ITEM.sort, round, 0]),
    ...range(rounds).map((round) =>
      inRound.map(({ from, to }) => [GROUP_ITEM.rows, round * length + from, round * length + to]),
    ),
  ]);

  const plan = new ScratchPlan();
  const itemsAt = plan.words(items.words.length);
  const hashedAt = plan.words(Object.keys(HASHED).length);
  const chosenAt = plan.words(batch * heads * rounds * length);
  const shared = {
    directions: plan.words((rounds * (first + second) + PANEL_QUERIES) * (QUERY_ROW / FLOAT_BYTES)),
    order: plan.words(rounds * length),
    chunks: plan.words(rounds * length),
    counts: plan.words(rounds * buckets),
    factors: plan.words(length),
  };
  const kept = rounds > 1 ? length : 0;
  const keptState = { keptMaximum: plan.words(kept), keptTotal: plan.words(kept) };
  // Rows that are whole panels wait in the output itself.
  const keptOutput = width === valueDim ? null : plan.words(kept * width);
  const shown = rounds * (rule.sameBucket ? 2 : 1);
  const lanes = range(threads).map(() => groupLane(plan, { headDim, valueDim, width, span, shown }));
  const weightsOf = planWeights(inputs, means.output, [ROTATIONS], plan);
  const call = new Call(plan, inputs, means.output, lanes);
  const weights = weightsOf(call);
  call.copy(itemsAt, items.words);
  call.set({ length, d: headDim, valueDim, width, causal: Number(causal), routed: 0 });
  call.set({ normaliser: NORMALISER.softmax, sums: 0 });
  call.set({ hashed: call.place(hashedAt), keptOutput: keptOutput === null ? 0 : call.place(keptOutput) });
  for (const [name, place] of Object.entries(keptState)) call.set({ [name]: call.place(place) });
  call.setFloat("factor", scale * Math.LOG2E);
  const hashed = call.arena.integers(call.place(hashedAt), Object.keys(HASHED).length);
  for (const [name, place] of Object.entries(shared)) {
    hashed[HASHED[name as keyof typeof shared]] = call.place(place);
  }
  hashed[HASHED.first] = first;
  hashed[HASHED.second] = second;
  hashed[HASHED.rounds] = rounds;
  hashed[HASHED.buckets] = buckets;
  hashed[HASHED.chunk] = chunk;
  hashed[HASHED.sameBucket] = Number(rule.sameBucket);

  const chosen = call.arena.integers(call.place(chosenAt), batch * heads * rounds * length);
  const phases = call.phases(itemsAt, items.phaseEnds);
  const choosing = phases.slice(0, 3);
  const attending = phases.slice(3);
  const runner = phaseRunner(call, build, "runGroupItems", means.pool);
  const seconds = new Float64Array(1);
  const rows = batch * heads * length;
  return {
    run() {
      weights.refresh();
      for (let entry = 0; entry < batch; entry++) {
        for (let head = 0; head < heads; head++) {
          const start = performance.now();
          call.pointAt(entry, head);
          call.set({ finite: 1 });
          if (sums !== undefined) call.set({ sums: sumsOf(sums, length, entry * heads + head) });
          hashed[HASHED.rotations] = weights.at(ROTATIONS, head * rounds * headDim * (first + second));
          hashed[HASHED.chosen] =
            call.place(chosenAt) + (entry * heads + head) * rounds * length * FLOAT_BYTES;
          runner.run(choosing);
          seconds[0] += (performance.now() - start) / SECONDS;
          runner.run(attending);
        }
      }
    },
    ...call.copied,
    output: () => call.output,
    choice: () => ({ buckets: chosen }),
    selectSeconds: () => seconds[0],
    workspaceBytes: call.workspaceBytes,
    get executedFlops() {
      const hashing = 2 * headDim * paddedKeys(length, build.panelKeys) * rounds;
      const sides = panelled(first, TILE.queries) + panelled(second, TILE.queries);
      const attend = chunkPairs(rule, length, build.panelKeys) * (headDim + width);
      return batch * heads * (hashing * sides + 2 * rounds * attend + groupFlops(rounds * length, headDim));
    },
    bytes: FLOAT_BYTES * (rows * headDim * (1 + 2 * rounds) + rows * valueDim * (1 + 2 * rounds)),
    dispose: () => runner.dispose(),
  };
}

function range(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index);
}

/** Whole chunks of a round as items, or parts of one where chunks are long; and keys that each packs. */
function itemsOfRound(
  { chunk }: Reformer,
  length: number,
): Array<{ from: number; to: number; keys: number }> {
  const step = chunk >= ITEM_PLACES ? ITEM_PLACES : Math.floor(ITEM_PLACES / chunk) * chunk;
  const items: Array<{ from: number; to: number; keys: number }> = [];
  for (let from = 0; from < length; ) {
    // Parts of a long chunk end with it.
    const end = chunk >= ITEM_PLACES ? (Math.floor(from / chunk) + 1) * chunk : length;
    const to = Math.min(from + step, end, length);
    const firstKey = Math.max(0, Math.floor(from / chunk) - 1) * chunk;
    const keys = Math.min(length, (Math.floor((to - 1) / chunk) + 1) * chunk) - firstKey;
    items.push({ from, to, keys });
    from = to;
  }
  return items;
}

/** Pairs of a round that tiles compute, with whole panels counted. */
function chunkPairs(rule: Reformer, length: number, panelKeys: number): number {
  const { chunk } = rule;
  let pairs = 0;
  for (const { from, to } of itemsOfRound(rule, length)) {
    const firstKey = Math.max(0, Math.floor(from / chunk) - 1) * chunk;
    for (let place = from; place < to; ) {
      const index = Math.floor(place / chunk);
      const rows = Math.min(GROUP_ROWS, to - place, (index + 1) * chunk - place);
      const begin = Math.max(0, index - 1) * chunk - firstKey;
      const end = Math.min(length, (index + 1) * chunk) - firstKey;
      const low = Math.floor(begin / panelKeys) * panelKeys;
      pairs += panelled(rows, GROUP_ROWS) * (Math.ceil(end / panelKeys) * panelKeys - low);
      place += rows;
    }
  }
  return pairs;
}
