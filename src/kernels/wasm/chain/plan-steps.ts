import type {
  Convolve,
  HalfSquares,
  LogSizes,
  Means,
  Product,
  PseudoInverse,
  Segments,
  Step,
  Sum,
} from "../../../mechanisms/summary/declare.ts";
import { TILE } from "../layout.ts";
import { outerRows, rowsComputed, wholePanels } from "./chain-work.ts";
import { rowItems } from "./machine-step.ts";
import { type PlannedMatrix, wholeGroups } from "./matrices.ts";
import { type Planning, planAttend, planLessLogSums, planWeights } from "./plan-attend.ts";
import { type PlannedBalance, planAttendBlocks, planBalance, planMixBlocks } from "./plan-blocks.ts";
import { type PlannedClusters, planClusters, planSpread, spreadAnew } from "./plan-clusters.ts";
import { segmentsOf } from "./segments.ts";

/** Rows of an item that does little to each. */
const ROWS_TOGETHER = 512;

/** A vector that the shape decides. */
export interface Constant {
  readonly matrix: PlannedMatrix;
  readonly values: Float32Array;
}

/** Plans the steps of a chain in their order; returns vectors that are to be written once. */
export function planSteps(planning: Planning, chain: readonly Step[]): readonly Constant[] {
  const constants: Constant[] = [];
  const clusters = new Map<string, PlannedClusters>();
  const balances = new Map<string, PlannedBalance>();
  for (const [index, step] of chain.entries()) {
    switch (step.step) {
      case "means":
        planMeans(planning, step);
        break;
      case "sum":
        planSum(planning, step);
        break;
      case "product":
        if (step.transposed) planOuter(planning, step);
        else planProduct(planning, step);
        break;
      case "attend":
        if (spreadAnew(step, chain)) break;
        planAttend(planning, addsInPlace(planning, chain, index) ? { ...step, to: "out" } : step);
        break;
      case "weights":
        planWeights(planning, step);
        break;
      case "pseudo-inverse":
        planInverse(planning, step);
        break;
      case "log-sizes":
        constants.push(planSizes(planning, step));
        break;
      case "half-squares":
        planHalfSquares(planning, step);
        break;
      case "less-log-sums":
        planLessLogSums(planning, step);
        break;
      case "convolve":
        planConvolve(planning, { ...step, of: addsInPlace(planning, chain, index - 1) ? "out" : step.of });
        break;
      case "clusters":
        clusters.set(step.members, planClusters(planning, step));
        break;
      case "spread":
        planSpread(planning, step, madeIn(clusters, step.members));
        break;
      case "balance":
        balances.set(step.to, planBalance(planning, step));
        break;
      case "mix-blocks":
        planMixBlocks(planning, step, madeIn(balances, step.logs));
        break;
      case "attend-blocks":
        planAttendBlocks(planning, step);
        break;
      default:
        return step satisfies never;
    }
  }
  return constants;
}

function madeIn<Planned>(made: ReadonlyMap<string, Planned>, name: string): Planned {
  const found = made.get(name);
  if (found === undefined) throw new TypeError(`chain: ${name} must be made before it is read`);
  return found;
}

/**
 * Whether what an attention makes is only added to, by the last step after it: it is then written where the
 * output is, instead of into as much memory again. The way back reads it.
 */
function addsInPlace({ left }: Planning, chain: readonly Step[], index: number): boolean {
  const [made, last] = [chain[index], chain[index + 1]];
  return (
    left === undefined &&
    made?.step === "attend" &&
    last?.step === "convolve" &&
    index + 2 === chain.length &&
    last.of === made.to &&
    last.values !== made.to
  );
}

/** How many segments there are, and how many rows each has, 0 where they are balanced. */
export function segmentCount(segments: Segments, rows: number): { count: number; size: number } {
  return "count" in segments
    ? { count: segments.count, size: 0 }
    : { count: Math.ceil(rows / segments.size), size: segments.size };
}

function planMeans({ matrices, steps }: Planning, { of, to, segments }: Means): void {
  const source = matrices.named(of);
  const { count, size } = segmentCount(segments, source.rows);
  const result = matrices.made(to, count, source.columns, source.ready + 1);
  const rows = Math.ceil(source.rows / count);
  steps.push({
    kind: "means",
    words: { of: { matrix: source }, to: { matrix: result }, size },
    phase: source.ready,
    items: rowItems(count, Math.max(1, Math.floor(ROWS_TOGETHER / rows)), rows * source.columns),
    flops: source.rows * source.columns,
    touched: [[source, 1]],
  });
}

function planSum({ matrices, steps }: Planning, { of, to }: Sum): void {
  const [a, b] = of.map((name) => matrices.named(name));
  const phase = Math.max(a.ready, b.ready);
  const result = matrices.made(to, a.rows, a.columns, phase + 1);
  steps.push({
    kind: "add",
    words: { of: { matrix: a }, by: { matrix: b }, to: { matrix: result } },
    phase,
    items: rowItems(a.rows, ROWS_TOGETHER, a.columns),
    flops: a.rows * a.columns,
    touched: [a, b, result].map((one) => [one, 1] as const),
  });
}

/** A product that is planned: its factors, what it makes or adds to, and its first phase. */
interface PlannedProduct {
  readonly a: PlannedMatrix;
  readonly b: PlannedMatrix;
  readonly result: PlannedMatrix;
  readonly phase: number;
  readonly adds?: boolean;
}

function planOuter(planning: Planning, step: Product): void {
  const { matrices } = planning;
  const [a, b] = [matrices.named(step.a), matrices.named(step.b)];
  const phase = Math.max(a.ready, b.ready);
  const result = matrices.made(step.to, a.columns, b.columns, phase + 2);
  pushOuter(planning, { a, b, result, phase });
}

function planProduct(planning: Planning, step: Product): void {
  const { matrices } = planning;
  const [a, b] = [matrices.named(step.a), matrices.named(step.b)];
  const phase = Math.max(a.ready, b.ready);
  const result = matrices.made(step.to, a.rows, b.columns, phase + 1);
  pushProduct(planning, { a, b, result, phase });
}

/** aᵀ·b: segments of rows are summed by themselves, and joined in the phase after. */
export function pushOuter({ steps, plan, panelKeys }: Planning, product: PlannedProduct): void {
  const { a, b, result, phase, adds = false } = product;
  const { segments, segmentRows } = segmentsOf(a.rows);
  const width = wholePanels(b.columns, panelKeys);
  const partialWords = wholeGroups(a.columns) * width;
  const words = {
    of: { matrix: a },
    by: { matrix: b },
    to: { matrix: result },
    segments,
    segmentRows,
    partials: { place: plan.words(segments * partialWords) },
    partialBytes: partialWords * 4,
    adds: Number(adds),
  };
  const computed = outerRows(a.columns);
  steps.push({
    kind: "outer",
    words,
    phase,
    items: rowItems(a.rows, segmentRows, a.columns * width),
    flops: 2 * a.rows * computed * width,
    touched: [
      [a, 1],
      [b, 1],
    ],
  });
  steps.push({
    kind: "joinOuter",
    words,
    phase: phase + 1,
    items: rowItems(a.columns, TILE.queries, segments * width),
    flops: (segments - 1 + Number(adds)) * a.columns * width,
    touched: adds ? [[result, 2]] : [],
  });
}

/** a·b. */
export function pushProduct({ steps, panelKeys }: Planning, product: PlannedProduct): void {
  const { a, b, result, phase, adds = false } = product;
  const width = wholePanels(b.columns, panelKeys);
  steps.push({
    kind: "multiply",
    words: { of: { matrix: a }, by: { matrix: b }, to: { matrix: result }, width, adds: Number(adds) },
    phase,
    items: rowItems(a.rows, TILE.queries, a.columns * width),
    flops: 2 * rowsComputed(a.rows) * a.columns * width,
    touched: [
      [a, 1],
      [b, 1],
      [result, adds ? 2 : 1],
    ],
  });
}

/** All steps towards an inverse are one item: they follow from one another, and run beside what reads keys. */
function planInverse({ matrices, steps, plan, panelKeys }: Planning, step: PseudoInverse): void {
  const source = matrices.named(step.of);
  const { rows } = source;
  const result = matrices.made(step.to, rows, rows, source.ready + 1);
  const words = (wholeGroups(rows) * source.rowBytes) / 4;
  const width = wholePanels(rows, panelKeys);
  steps.push({
    kind: "inverse",
    words: {
      of: { matrix: source },
      to: { matrix: result },
      size: step.iterations,
      partials: { place: plan.words(4 * words) },
    },
    phase: source.ready,
    items: [{ from: 0, to: rows, cost: 4 * step.iterations * rows ** 3 }],
    flops: step.iterations * (8 * rowsComputed(rows) * rows * width + 4 * rows * width),
    touched: [],
  });
}

function planSizes({ matrices }: Planning, { of, to, segments }: LogSizes): Constant {
  const { rows } = matrices.named(of);
  const { count, size } = segmentCount(segments, rows);
  const start = (segment: number): number =>
    size === 0 ? Math.floor((segment * rows) / count) : Math.min(rows, segment * size);
  const values = Float32Array.from({ length: count }, (_, segment) =>
    Math.log(start(segment + 1) - start(segment)),
  );
  return { matrix: matrices.vector(to, count, 0), values };
}

function planHalfSquares({ matrices, steps }: Planning, { of, to, factor }: HalfSquares): void {
  const source = matrices.named(of);
  steps.push({
    kind: "halfSquares",
    words: {
      of: { matrix: source },
      to: { matrix: matrices.vector(to, source.rows, source.ready + 1) },
      factor: { float: factor },
    },
    phase: source.ready,
    items: rowItems(source.rows, ROWS_TOGETHER, source.columns),
    flops: 2 * source.rows * source.columns,
    touched: [[source, 1]],
  });
}

function planConvolve({ matrices, steps, panelKeys }: Planning, step: Convolve): void {
  const [source, values, taps] = [step.of, step.values, step.taps].map((name) => matrices.named(name));
  const phase = Math.max(source.ready, values.ready, taps.ready);
  const result = matrices.made(step.to, source.rows, source.columns, phase + 1);
  const width = wholePanels(values.columns, panelKeys);
  steps.push({
    kind: "convolve",
    words: {
      of: { matrix: source },
      by: { matrix: taps },
      values: { matrix: values },
      to: { matrix: result },
      before: values.rows - source.rows,
      width,
    },
    phase,
    items: rowItems(source.rows, ROWS_TOGETHER, taps.columns * width),
    flops: 2 * outerRows(source.rows) * (taps.columns + 5) * width + source.rows * source.columns,
    touched: [source, values, taps, result].map((one) => [one, 1] as const),
  });
}
