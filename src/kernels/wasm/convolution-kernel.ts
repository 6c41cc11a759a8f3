import type { Problem } from "../../core/problem.ts";
import { callBytes, elementCount, FLOAT_BYTES } from "../../core/shape.ts";
import { type Convolution, tokensBefore, WEIGHTS } from "../../mechanisms/convolution/declare.ts";
import type { Runnable } from "../kernel.ts";
import { Call, ScratchPlan } from "./call.ts";
import { planWeights } from "./call-weights.ts";
import { type Filters, filtersOf, filterWords } from "./filters.ts";
import {
  CONVOLUTION_ITEM,
  FILTER_WORDS,
  FORM,
  MOST_TAPS,
  PANEL_QUERIES,
  panelRows,
  QUERY_ROW,
  TILE,
} from "./layout.ts";
import type { Means } from "./means.ts";
import { phaseRunner } from "./run-phases.ts";

/** Tiles of an item: long enough that taking one costs nothing, and a multiple of what filters make together. */
const ITEM_TILES = 20;

/** Convolutions in tiles of rows; their weights are packed on each call, since they may change. */
export function prepareConvolution(problem: Problem, mechanism: Convolution, means: Means): Runnable {
  const { shape, inputs, causal, threads } = problem;
  const { build } = means;
  const { batch, heads, length, valueDim: d } = shape;
  const { form, taps, image } = mechanism;
  const [first, second] = WEIGHTS[form];
  const before = tokensBefore(mechanism, causal);
  const used =
    image === undefined
      ? { from: Math.max(0, before - (length - 1)), to: Math.min(taps, length + before) }
      : { from: 0, to: taps };
  const count = used.to - used.from;
  const width = Math.ceil(d / build.panelKeys) * build.panelKeys;
  const isProduct = form !== "depthwise";
  const isNetwork = form === "network";

  // Filters end with a panel, and their weights are sums of taps, which the used ones must all be.
  const byFilters = form === "full" && image === undefined && count === taps && d % build.panelKeys === 0;
  const filters = filtersOf(byFilters ? taps : 1);
  const { phases } = filters;
  const filterCount = phases > 1 ? filters.all.length : 0;

  const plan = new ScratchPlan();
  const items = itemsOf(length, image?.width ?? 1, isProduct ? width / build.panelKeys : 0, isNetwork);
  const itemsAt = plan.words(items.words.length);
  const packed = plan.words(isProduct ? count * d * width : 0);
  const filtersAt = plan.words(filterCount * FILTER_WORDS);
  const filtersPacked = plan.words((filterCount * taps * d * d) / phases);
  const morePacked = plan.words(isNetwork ? d * width : 0);
  const names = second === null ? [first] : [first, second];
  const weightsOf = planWeights(inputs, means.output, names, plan);
  const lanes = Array.from({ length: threads }, () => ({
    ...(isProduct && {
      queries: plan.words(((TILE.queries + Math.min(count, MOST_TAPS)) * QUERY_ROW) / 4),
      output: plan.words(TILE.queries * width),
    }),
    ...(filterCount > 0 && { spare: plan.words((TILE.queries * phases + taps) * d) }),
    ...(isNetwork && { features: plan.words((TILE.queries * QUERY_ROW) / 4) }),
  }));
  const call = new Call(plan, inputs, means.output, lanes);
  const weights = weightsOf(call);
  call.copy(itemsAt, items.words);
  call.set({ length, valueDim: d, width, form: FORM[form], taps: count, tapsBefore: before - used.from });
  call.set({ packed: call.place(packed), morePacked: call.place(morePacked) });
  if (image !== undefined) {
    const { width: imageWidth, side: imageSide, border } = image;
    call.set({ imageWidth, imageSide, imageNearest: border === "nearest" ? 1 : 0 });
  }
  if (filterCount > 0) {
    call.copy(filtersAt, filterWords(filters));
    call.set({ filters: call.place(filtersAt), filterCount, phases });
    call.set({ filtersPacked: call.place(filtersPacked) });
  }

  const runner = phaseRunner(call, build, "runConvolutionItems", means.pool);
  const itemPhases = call.phases(itemsAt, items.phaseEnds);
  const rowPhases = itemPhases.slice(-1);
  const perTap = isProduct ? d * d : d;
  return {
    run() {
      weights.refresh();
      for (let head = 0; head < heads; head++) {
        call.set({ weights: weights.at(first, (head * taps + used.from) * perTap) });
        call.set({ finite: 1 });
        if (second !== null) call.set({ moreWeights: weights.at(second, head * d * d) });
        for (let entry = 0; entry < batch; entry++) {
          call.pointAt(entry, head);
          runner.run(entry === 0 ? itemPhases : rowPhases);
        }
      }
    },
    ...call.copied,
    output: () => call.output,
    workspaceBytes: call.workspaceBytes,
    executedFlops: batch * heads * headFlops(mechanism, length, count, d, width, filters),
    bytes: callBytes(shape) - FLOAT_BYTES * (elementCount(shape, "q") + elementCount(shape, "k")),
    dispose: () => runner.dispose(),
  };
}

/** Items of a head: panels of weights to be packed, if any, and then rows, as many as are a multiple of `lineTokens`. */
function itemsOf(
  length: number,
  lineTokens: number,
  panels: number,
  isNetwork: boolean,
): { words: Int32Array; phaseEnds: number[] } {
  const words: number[] = [];
  for (let panel = 0; panel < panels; panel++) {
    words.push(CONVOLUTION_ITEM.pack, panel, 0);
    if (isNetwork) words.push(CONVOLUTION_ITEM.packMore, panel, 0);
  }
  const packedAt = words.length;
  // Whole rows of an image.
  const rows = Math.max(1, Math.floor((ITEM_TILES * TILE.queries) / lineTokens)) * lineTokens;
  for (let from = 0; from < length; from += rows) {
    words.push(CONVOLUTION_ITEM.rows, from, Math.min(length, from + rows));
  }
  const ends = packedAt > 0 ? [packedAt, words.length] : [words.length];
  return { words: Int32Array.from(words), phaseEnds: ends };
}

/** Operations of one head, with whole panels counted. */
function headFlops(
  { form, image }: Convolution,
  length: number,
  taps: number,
  d: number,
  width: number,
  { phases, all }: Filters,
): number {
  if (form === "depthwise") return 2 * length * taps * d;
  const perRow = 2 * (taps + (form === "network" ? 1 : 0)) * d * width;
  if (image !== undefined) return (length / image.width) * perRow * rowsComputed(image.width);
  let flops = 0;
  for (let from = 0; from < length; from += ITEM_TILES * TILE.queries) {
    let rows = Math.min(length - from, ITEM_TILES * TILE.queries);
    if (phases > 1) {
      const panels = Math.floor(rows / phases / PANEL_QUERIES);
      flops += 2 * panels * PANEL_QUERIES * all.length * (taps / phases) * d * width;
      rows -= panels * PANEL_QUERIES * phases;
    }
    flops += perRow * rowsComputed(rows);
  }
  return flops;
}

/** Rows that the panels of tiles compute: those of the last panel, too, that are none. */
function rowsComputed(rows: number): number {
  const whole = Math.floor(rows / PANEL_QUERIES) * PANEL_QUERIES;
  return whole + (rows > whole ? panelRows(rows - whole) : 0);
}
