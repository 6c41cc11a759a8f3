import type { Moba, Quest } from "../../../../mechanisms/selection/declare.ts";
import { IN_ORDER } from "../../../schedule.ts";
import { TILE } from "../../layout.ts";
import { leastPairsOf, type Sizes, sizesOf } from "../../selection/sizes.ts";
import { BlockOrder } from "./block-order.ts";
import type { ChosenBackward, ChosenTask } from "./chosen-backward.ts";
import { segmentsOfRows } from "./row-segments.ts";
import { prepareTileCall } from "./tile-call.ts";
import type { TileRoom } from "./tile-writer.ts";

/** The gradient of attention to chosen blocks: rows that chose a block are tiles against all of its keys. */
export function prepareBlockBackward(rule: Moba | Quest, task: ChosenTask): ChosenBackward {
  const { shape, causal, scale, threads, costs, left, tensors, means } = task;
  const { length, headDim, valueDim } = shape;
  const sizes = sizesOf(rule, shape);
  const { block, most } = sizes;
  const segments = segmentsOfRows(
    {
      rows: length,
      unit: TILE.queries,
      keys: length,
      pairs: leastPairsOf(rule, shape, causal),
      reach: (end) => (causal ? end : length),
    },
    costs,
  );
  const order = new BlockOrder(sizes, segments);
  const room = roomOf(sizes, length, segments.count, order.room(length));
  // Keys have the scale, as in the forward pass.
  const factors = { queries: 1, keys: scale * Math.LOG2E, ofQueries: scale, ofKeys: scale };
  const call = prepareTileCall(
    {
      queries: length,
      keys: length,
      headDim,
      valueDim,
      threads,
      factors,
      segments,
      passes: 1,
      packsKeys: true,
      room,
    },
    tensors,
    means,
  );
  const { writer } = call;
  /** The keys of its own block that a row attends. */
  const ownSpan = (choice: Int32Array, row: number, r: number): void => {
    const first = row - (row % block);
    const isOwn = rule.id === "moba" || order.hasChosen(choice, row, first / block);
    writer.from[r] = isOwn ? first : 0;
    writer.to[r] = isOwn ? (causal ? row + 1 : Math.min(length, first + block)) : 0;
  };
  return {
    run(slice, at) {
      const choice = left.choice.subarray(slice * length * most, (slice + 1) * length * most);
      writer.begin();
      for (const [segment, to] of segments.ends.entries()) {
        const from = segments.ends[segment - 1] ?? 0;
        order.write(writer, choice, from, to, length);
        for (let first = from; first < to; first += TILE.queries) {
          const count = Math.min(TILE.queries, to - first);
          for (let r = 0; r < count; r++) ownSpan(choice, first + r, r);
          writer.spans({ list: IN_ORDER, first, count }, { ends: true });
        }
        writer.endRange();
      }
      call.clearQueries(at.dq);
      call.run(at);
    },
    begin: () => writer.count(),
    flops: () => writer.flops,
    floats: () => writer.floats,
    workspaceBytes: call.workspaceBytes + order.bytes,
    dispose: () => call.dispose(),
  };
}

/** What is written of lists of rows, and of rows in their order against their own blocks. */
function roomOf(
  { block }: Sizes,
  length: number,
  segments: number,
  listed: Omit<TileRoom, "ranges">,
): Omit<TileRoom, "ranges"> {
  const groups = Math.ceil(length / TILE.queries) + segments;
  const tiles = tilesOfSpan(TILE.queries + 2 * block);
  return {
    tasks: listed.tasks + groups * tiles,
    entries: listed.entries,
    masks: listed.masks + length * tiles,
    groups: listed.groups + groups,
  };
}

/** Tiles of so many keys at most, wherever they begin, and one task more where there are none. */
export function tilesOfSpan(keys: number): number {
  return Math.ceil(keys / TILE.columns) + 2;
}
