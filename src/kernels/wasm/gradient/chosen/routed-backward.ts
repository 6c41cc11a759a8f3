import { FLOAT_BYTES } from "../../../../core/shape.ts";
import { type Routing, routingSizes } from "../../../../mechanisms/selection/declare.ts";
import { ScratchPlan } from "../../call.ts";
import { GROUP_ROWS, ROUTED } from "../../layout.ts";
import type { ChosenBackward, ChosenTask } from "./chosen-backward.ts";
import { groupRoom, writeGroup } from "./grouped-tiles.ts";
import { segmentsOfRows } from "./row-segments.ts";
import { prepareTileCall } from "./tile-call.ts";

/** What centres took, of all heads, one array as far behind the other in each head. */
interface Taken {
  readonly queries: Int32Array;
  readonly keys: Int32Array;
}

/** The gradient of attention within clusters: the queries of each centre against its keys, joined where several took a query. */
export function prepareRoutedBackward(rule: Routing, task: ChosenTask, taken: Taken): ChosenBackward {
  const { shape, causal, scale, threads, costs, tensors, means } = task;
  const { length, headDim, valueDim } = shape;
  const { clusters, window } = routingSizes(rule, length);
  const all = clusters * window;
  const segments = segmentsOfRows(
    { rows: all, unit: window, keys: length, pairs: all * window, reach: () => length },
    costs,
  );
  const plan = new ScratchPlan();
  const bitWords = Math.ceil(clusters / 32);
  const places = {
    words: plan.words(Object.keys(ROUTED).length),
    takerAt: plan.words(length + 2),
    takers: plan.words(all),
    slots: plan.words(all),
    keyBits: plan.words(length * bitWords),
  };
  let routed: Int32Array | null = null;
  const group = { rows: { from: 0, to: window }, keys: { from: 0, to: window } };
  const factor = Math.fround(scale * Math.LOG2E);
  const call = prepareTileCall(
    {
      queries: length,
      keys: length,
      headDim,
      valueDim,
      threads,
      // Queries have the scale, as in the forward pass.
      factors: { queries: factor, keys: 1, ofQueries: scale, ofKeys: 1 / Math.LOG2E },
      segments,
      passes: 1,
      packsKeys: false,
      room: groupRoom([group], GROUP_ROWS, clusters),
    },
    tensors,
    means,
    plan,
    {
      sorts: 1,
      shown: bitWords,
      slots: all,
      bind(bound) {
        routed = bound.arena.integers(bound.place(places.words), Object.keys(ROUTED).length);
        routed[ROUTED.clusters] = clusters;
        routed[ROUTED.window] = window;
        routed[ROUTED.bitWords] = bitWords;
        for (const name of ["takerAt", "takers", "slots", "keyBits"] as const) {
          routed[ROUTED[name]] = bound.place(places[name]);
        }
        return { hashed: 0, routed: bound.place(places.words), causal: Number(causal) };
      },
    },
  );
  const { writer } = call;
  const behind = (taken.keys.byteOffset - taken.queries.byteOffset) / FLOAT_BYTES;
  writer.begin();
  for (const [segment, to] of segments.ends.entries()) {
    for (let list = segments.ends[segment - 1] ?? 0; list < to; list += window) {
      const rows = { list, ...group.rows };
      writeGroup(writer, rows, { list: behind + list, ...group.keys }, GROUP_ROWS, {
        begins: true,
        ends: true,
      });
    }
    writer.endRange();
  }
  const [flops, floats] = [writer.flops, writer.floats];
  let heads = 0;
  return {
    begin() {
      heads = 0;
    },
    run(slice, at) {
      const queries = taken.queries.byteOffset + slice * all * FLOAT_BYTES;
      if (routed !== null) {
        routed[ROUTED.queries] = queries;
        routed[ROUTED.keys] = taken.keys.byteOffset + slice * all * FLOAT_BYTES;
      }
      call.run(at, { tokens: queries });
      heads++;
    },
    flops: () => heads * (flops + all * headDim),
    // What centres leave of queries is read, and the gradients of all tokens are written, which few of them may have taken.
    floats: () => heads * (floats + all * headDim + length * (2 * headDim + valueDim)),
    workspaceBytes: call.workspaceBytes,
    dispose: () => call.dispose(),
  };
}
