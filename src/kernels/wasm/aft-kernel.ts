import type { Problem } from "../../core/problem.ts";
import { callBytes, FLOAT_BYTES } from "../../core/shape.ts";
import { biasedKeys, LEARNED, type PositionBiases } from "../../mechanisms/aft/declare.ts";
import type { Runnable } from "../kernel.ts";
import { Call, type CallWords, ScratchPlan } from "./call.ts";
import { planWeights } from "./call-weights.ts";
import { AFT_ITEM, PANEL_QUERIES, PARTS, panelRows, QUERY_ROW, SCORE_ROW, TILE } from "./layout.ts";
import type { Means } from "./means.ts";
import { phaseRunner } from "./run-phases.ts";
import { sharedItems } from "./shared-items.ts";

/** Tokens of a chunk, and rows of a block. */
const CHUNK = TILE.queries;
/** Chunks of an item that prepares them, and blocks of an item that computes them. */
const PREPARED_CHUNKS = 10;
const ITEM_BLOCKS = { kept: 2, made: 20 } as const;
/** Chunks that a block reads, as a share of all, up to which lanes make their own. */
const MOST_MADE = 1 / 8;

/**
 * An attention-free transformer with biases of positions: `e^w` times keys and values side by side, in chunks. What is made of keys and
 * values is kept where rows read many of them, and made anew by each item where a window bounds what it reads.
 */
export function prepareAft(
  problem: Problem,
  biases: PositionBiases,
  means: Means,
  left: LeftOfAft | null = null,
): Runnable {
  const { shape, inputs, causal, threads } = problem;
  const { build } = means;
  const { batch, heads, length, headDim } = shape;
  const { rank } = biases;
  const channels = leftChannels(headDim);
  const width = 2 * channels;
  const chunks = Math.ceil(length / CHUNK);
  const window = biases.window >= length ? 0 : biases.window;
  const windowed = window > 0;
  // What the blocks of an item read at a time, with the block's own chunk in a causal call.
  const ring = blocksOf(problem, { ...biases, window }).reduce(
    (most, { from, to }) => Math.max(most, Math.ceil((to - from) / CHUNK) + 1),
    0,
  );
  const keeps = ring > MOST_MADE * chunks;

  const plan = new ScratchPlan();
  const items = sharedItems(phasesOf(chunks, windowed, keeps ? ITEM_BLOCKS.kept : ITEM_BLOCKS.made));
  const itemsAt = plan.words(items.words.length);
  const places = {
    maxima: plan.words(chunks * channels),
    weighted: plan.words(keeps ? length * width : 0),
    keys: plan.words(keeps ? chunks * CHUNK * rank : 0),
    before: plan.words(windowed ? (chunks + 1) * width : 0),
    after: plan.words(windowed && !causal ? (chunks + 1) * width : 0),
  };
  const planned = planWeights(inputs, means.output, [LEARNED.ofQueries, LEARNED.ofKeys], plan);
  const lanes = Array.from({ length: threads }, () => ({
    queries: plan.words((CHUNK * QUERY_ROW) / FLOAT_BYTES),
    scores: plan.words((CHUNK * SCORE_ROW) / FLOAT_BYTES),
    output: plan.words(CHUNK * width),
    maximum: plan.words(CHUNK),
    total: plan.words(CHUNK),
    parts: plan.words(PARTS),
    scratch: plan.words(8),
    own: plan.words(causal ? CHUNK * width : 0),
    largest: plan.words(channels),
    local: plan.words(channels),
    classKeys: plan.words(keeps ? 0 : ring * CHUNK * rank),
    classValues: plan.words(keeps ? 0 : ring * CHUNK * width),
    made: plan.words(1),
  }));
  const call = new Call(plan, inputs, means.output, lanes);
  call.copy(itemsAt, items.words);
  call.set({ length, d: headDim, width, rank, window, ring, causal: Number(causal) });
  call.set({
    maxima: call.place(places.maxima),
    // What is not used is not there.
    weighted: keeps ? call.place(places.weighted) : 0,
    keys: keeps ? call.place(places.keys) : 0,
    before: windowed ? call.place(places.before) : 0,
    after: windowed && !causal ? call.place(places.after) : 0,
  });
  const weights = planned(call);
  const runner = phaseRunner(call, build, "runAftItems", means.pool);
  const phases = call.phases(itemsAt, items.phaseEnds);

  return {
    run() {
      weights.refresh();
      for (let entry = 0; entry < batch; entry++) {
        for (let head = 0; head < heads; head++) {
          call.pointAt(entry, head);
          const row = head * length * rank;
          call.set(leftWords(left, entry * heads + head, batch * heads));
          call.set({
            rowBiases: weights.at(LEARNED.ofQueries, row),
            keyBiases: weights.at(LEARNED.ofKeys, row),
          });
          runner.run(phases);
        }
      }
    },
    ...call.copied,
    output: () => call.output,
    workspaceBytes: call.workspaceBytes,
    get executedFlops() {
      return batch * heads * headFlops(problem, { ...biases, window }, build.panelKeys);
    },
    get bytes() {
      // Keys are read for the largest of them, and with values to be kept or summed; where they are not kept, once more.
      const again = keeps ? 0 : 1 + ring / ITEM_BLOCKS.made;
      const perToken = headDim * (1 + 2 * again) + rank * (1 + Math.max(1, again));
      return callBytes(shape) + FLOAT_BYTES * batch * heads * length * perToken;
    },
    dispose: () => runner.dispose(),
  };
}

/**
 * What a forward pass leaves, in the memory of the call: of each row the mean of every channel, and the logarithm of its sum,
 * `[batch, heads, rows, 2, channels]`, rows being 1 where all are alike; and its largest bias in powers of 2, and the sum of `e^w` relative to it,
 * `[batch, heads, length, 2]`, where there are biases.
 */
export interface LeftOfAft {
  readonly sums: Float32Array;
  readonly maxima: Float32Array | null;
}

/** Channels of what is left: those of a head, up to whole vectors. */
export function leftChannels(headDim: number): number {
  return Math.ceil(headDim / 8) * 8;
}

/** Where a head leaves it, one of `slices`; nowhere if null. */
export function leftWords(left: LeftOfAft | null, slice: number, slices: number): CallWords {
  const at = (array: Float32Array | null | undefined): number =>
    array ? array.byteOffset + (slice * array.byteLength) / slices : 0;
  return { sums: at(left?.sums), leftMaxima: at(left?.maxima) };
}

/** Chunks `from … to - 1`, in phases: the largest keys, keys and values relative to them, and blocks of rows. */
function phasesOf(chunks: number, windowed: boolean, itemBlocks: number): number[][][] {
  const each = (kind: number, size: number): number[][] =>
    Array.from({ length: Math.ceil(chunks / size) }, (_, index) => [
      kind,
      index * size,
      Math.min(chunks, (index + 1) * size),
    ]);
  return [
    each(AFT_ITEM.maxima, PREPARED_CHUNKS),
    [[AFT_ITEM.joinMaxima, 0, 0]],
    each(AFT_ITEM.weigh, PREPARED_CHUNKS),
    ...(windowed ? [[[AFT_ITEM.joinSums, 0, 0]]] : []),
    // The last blocks of a causal call are the longest.
    each(AFT_ITEM.rows, itemBlocks).reverse(),
  ];
}

/** A block of rows, and the keys of the chunks that all of them see. */
interface Block {
  readonly rows: number;
  readonly from: number;
  readonly to: number;
}

function blocksOf({ causal, shape: { length } }: Problem, biases: PositionBiases): Block[] {
  return Array.from({ length: Math.ceil(length / CHUNK) }, (_, index) => {
    const first = index * CHUNK;
    const rows = Math.min(CHUNK, length - first);
    const from = Math.floor(biasedKeys(biases, first, length).from / CHUNK) * CHUNK;
    const to = Math.ceil(biasedKeys(biases, first + rows - 1, length).to / CHUNK) * CHUNK;
    return { rows, from, to: Math.min(causal ? first : length, to) };
  });
}

/** Operations of one head, with whole panels counted. */
function headFlops(problem: Problem, biases: PositionBiases, panelKeys: number): number {
  const { causal, shape } = problem;
  const width = 2 * Math.ceil(shape.headDim / 8) * 8;
  const panel = (keys: number): number => Math.ceil(keys / panelKeys) * panelKeys;
  let flops = 0;
  for (const { rows, from, to } of blocksOf(problem, biases)) {
    let computed = 0;
    for (let row = 0; row < rows; row += PANEL_QUERIES) computed += panelRows(rows - row);
    flops += 2 * computed * (panel(to - from) * biases.rank + (to - from) * width);
    if (causal) flops += 2 * computed * panel(rows) * biases.rank + rows * (rows + 1) * width;
  }
  // Keys beyond the window are summed, from each end unless the call is causal.
  return flops + (biases.window > 0 ? (causal ? 2 : 4) * shape.length * (width / 2) * 2 : 0);
}
