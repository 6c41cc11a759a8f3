import { FLOAT_BYTES } from "../../../../core/shape.ts";
import { tensorNamed } from "../../../../core/tensors.ts";
import { gradientName } from "../../../../mechanisms/gradient/declare.ts";
import { NSA_GATES, type Nsa } from "../../../../mechanisms/selection/declare.ts";
import { IN_ORDER } from "../../../schedule.ts";
import type { Arena } from "../../arena.ts";
import { TILE } from "../../layout.ts";
import { leastPairsOf, sizesOf } from "../../selection/sizes.ts";
import { tilesOfSpan } from "./block-backward.ts";
import { BlockOrder } from "./block-order.ts";
import type { BranchesLeft, ChosenBackward, ChosenTask } from "./chosen-backward.ts";
import { NsaGates } from "./nsa-gates.ts";
import { NsaMeans } from "./nsa-means.ts";
import { segmentsOfRows } from "./row-segments.ts";
import { type HeadPlaces, prepareTileCall } from "./tile-call.ts";

/**
 * The gradient of three softmaxes with gates: of that over means in tiles of its own, whose sums go on to the tokens of each block, and
 * of those over chosen blocks and over the window in the same tiles, one after the other. A gate is part of the factor of its weights.
 */
export function prepareNsaBackward(
  rule: Nsa,
  task: ChosenTask & { readonly branches: BranchesLeft },
  gradients: Readonly<Record<string, Float32Array>>,
  arena: Arena,
): ChosenBackward {
  const { shape, causal, scale, threads, costs, left, branches, tensors, means } = task;
  const { heads, length, headDim, valueDim } = shape;
  const { block, window } = rule;
  const sizes = sizesOf(rule, shape);
  const { blocks, most } = sizes;
  const factor = Math.fround(scale * Math.LOG2E);
  const ofRows = { rows: length, unit: TILE.queries };
  const groups = (segments: number): number => Math.ceil(length / TILE.queries) + segments;

  const ended = segmentsOfRows(
    {
      ...ofRows,
      keys: blocks,
      pairs: (length * blocks) / 2,
      reach: (end) => Math.floor(end / block),
    },
    { ...costs, inPlace: false },
  );
  const acrossMeans = blocks === 0 ? 0 : tilesOfSpan(blocks);
  const overMeans = prepareTileCall(
    {
      queries: length,
      keys: blocks,
      headDim,
      valueDim,
      threads,
      // Means have the factor, as in the forward pass.
      factors: { queries: 1, keys: 1, ofQueries: 1 / Math.LOG2E, ofKeys: scale },
      segments: ended,
      passes: 1,
      packsKeys: true,
      room: {
        tasks: groups(ended.count) * acrossMeans,
        entries: 0,
        masks: length * acrossMeans,
        groups: groups(ended.count),
      },
    },
    tensors,
    means,
  );
  const segments = segmentsOfRows(
    { ...ofRows, keys: length, pairs: leastPairsOf(rule, shape, causal), reach: (end) => end },
    // Two softmaxes add to the same sums.
    { ...costs, inPlace: false },
  );
  const order = new BlockOrder(sizes, segments);
  const listed = order.room(length);
  const across = tilesOfSpan(TILE.queries + Math.max(2 * block, window));
  const overKeys = prepareTileCall(
    {
      queries: length,
      keys: length,
      headDim,
      valueDim,
      threads,
      factors: { queries: 1, keys: factor, ofQueries: scale, ofKeys: scale },
      segments,
      passes: 1,
      packsKeys: true,
      room: {
        // And rows against the first block.
        tasks: listed.tasks + groups(segments.count) * across + segments.count,
        entries: listed.entries,
        masks: length * across,
        groups: listed.groups + 2 * groups(segments.count) + segments.count,
      },
    },
    tensors,
    means,
  );

  const meanRows = new NsaMeans(arena, { length, block, headDim, valueDim }, factor);
  const gates = new NsaGates(arena, { length, headDim, valueDim }, NSA_GATES.length);
  const weights = NSA_GATES.map((name) => tensorNamed(tensors.inputs, name));
  const ofWeights = NSA_GATES.map((name) => gradients[gradientName(name)]);
  const sums = NSA_GATES.map(() => new Float64Array(heads * headDim));
  const rowGroups = (from: number, to: number, act: (first: number, count: number) => void): void => {
    for (let first = from; first < to; first += TILE.queries) act(first, Math.min(TILE.queries, to - first));
  };

  const writeMeans = (): void => {
    const { writer } = overMeans;
    writer.begin();
    for (const [segment, to] of ended.ends.entries()) {
      rowGroups(ended.ends[segment - 1] ?? 0, to, (first, count) => {
        for (let r = 0; r < count; r++) {
          writer.from[r] = 0;
          writer.to[r] = Math.floor((first + r + 1) / block);
        }
        writer.spans({ list: IN_ORDER, first, count }, { begins: true, ends: true });
      });
      writer.endRange();
    }
  };
  const writeChosen = (slice: number): void => {
    const { writer } = overKeys;
    const choice = left.choice.subarray(slice * length * most, (slice + 1) * length * most);
    writer.begin();
    for (const [segment, to] of segments.ends.entries()) {
      const from = segments.ends[segment - 1] ?? 0;
      order.write(writer, choice, from, to, length);
      const first = Math.max(from, 2 * block);
      if (first < to) {
        const rows = { list: IN_ORDER, first, count: to - first };
        writer.full(rows, { list: IN_ORDER, first: 0, count: block }, {});
      }
      rowGroups(from, to, (row, count) => {
        for (let r = 0; r < count; r++) {
          writer.from[r] = Math.max(0, Math.floor((row + r) / block) - 1) * block;
          writer.to[r] = row + r + 1;
        }
        writer.spans({ list: IN_ORDER, first: row, count }, {});
      });
      writer.endRange();
    }
  };
  const writeWindow = (): void => {
    const { writer } = overKeys;
    writer.begin();
    for (const [segment, to] of segments.ends.entries()) {
      rowGroups(segments.ends[segment - 1] ?? 0, to, (first, count) => {
        for (let r = 0; r < count; r++) {
          writer.from[r] = Math.max(0, first + r - window + 1);
          writer.to[r] = first + r + 1;
        }
        writer.spans({ list: IN_ORDER, first, count }, { ends: true });
      });
      writer.endRange();
    }
  };
  const floats = (at: number, count: number): Float32Array => arena.floats(at, count);
  let macs = 0;

  return {
    run(slice, at) {
      const head = slice % heads;
      const rows = NSA_GATES.length * length;
      const q = floats(at.q, length * headDim);
      const outs = branches.outs.subarray(slice * rows * valueDim, (slice + 1) * rows * valueDim);
      const left = branches.sums.subarray(slice * rows * 2, (slice + 1) * rows * 2);
      const ofHead = weights.map((one) => one.subarray(head * headDim, (head + 1) * headDim));
      gates.open({ q, dout: floats(at.dout, length * valueDim), outs, sums: left }, ofHead);
      meanRows.open(floats(at.k, length * headDim), floats(at.v, length * valueDim));
      const branch = (index: number): Pick<HeadPlaces, "out" | "sums"> => ({
        out: outs.byteOffset + index * length * valueDim * FLOAT_BYTES,
        sums: gates.sumsAt(index),
      });
      writeMeans();
      overMeans.run({ ...at, ...branch(0), ...meanRows.places, dq: gates.ofMeansAt, adds: false });
      overKeys.clearQueries(at.dq);
      writeChosen(slice);
      overKeys.run({ ...at, ...branch(1) });
      writeWindow();
      overKeys.run({ ...at, ...branch(2), adds: true });
      meanRows.close(floats(at.dk, length * headDim), floats(at.dv, length * valueDim));
      const ofGates = sums.map((one) => one.subarray(head * headDim, (head + 1) * headDim));
      gates.close(q, floats(at.dq, length * headDim), ofHead, ofGates);
      macs += length * (NSA_GATES.length * (3 * headDim + valueDim) + 2 * (headDim + valueDim));
    },
    begin() {
      macs = 0;
      overMeans.writer.count();
      overKeys.writer.count();
      for (const sum of sums) sum.fill(0);
    },
    end() {
      for (const [index, to] of ofWeights.entries()) to.set(sums[index]);
    },
    flops: () => overMeans.writer.flops + overKeys.writer.flops + 2 * macs,
    floats: () => overMeans.writer.floats + overKeys.writer.floats + macs,
    workspaceBytes:
      overMeans.workspaceBytes +
      overKeys.workspaceBytes +
      order.bytes +
      meanRows.bytes +
      gates.bytes +
      sums.length * heads * headDim * 8,
    dispose() {
      overMeans.dispose();
      overKeys.dispose();
      meanRows.dispose();
      gates.dispose();
    },
  };
}
