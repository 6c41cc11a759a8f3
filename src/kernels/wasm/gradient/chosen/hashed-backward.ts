import { FLOAT_BYTES } from "../../../../core/shape.ts";
import { hashSizes, type Reformer } from "../../../../mechanisms/selection/declare.ts";
import type { Arena } from "../../arena.ts";
import { ScratchPlan } from "../../call.ts";
import { GROUP_ROWS, HASHED } from "../../layout.ts";
import type { ChosenBackward, ChosenTask } from "./chosen-backward.ts";
import { groupRoom, writeGroup } from "./grouped-tiles.ts";
import { segmentsOfRows } from "./row-segments.ts";
import { prepareTileCall } from "./tile-call.ts";
import { UnitKeys } from "./unit-keys.ts";

/** The gradient of attention within chunks of sorted tokens: round after round, in which each query has one chunk. */
export function prepareHashedBackward(rule: Reformer, task: ChosenTask, arena: Arena): ChosenBackward {
  const { shape, causal, scale, threads, costs, left, tensors, means } = task;
  const { length, headDim, valueDim } = shape;
  const { rounds, chunk } = rule;
  const segments = segmentsOfRows(
    {
      rows: length,
      unit: chunk,
      keys: length,
      pairs: rounds * length * Math.min(length, chunk),
      reach: () => length,
    },
    costs,
  );
  const plan = new ScratchPlan();
  const places = {
    words: plan.words(Object.keys(HASHED).length),
    order: plan.words(rounds * length),
    chunks: plan.words(rounds * length),
    counts: plan.words(rounds * hashSizes(rule, length).buckets),
  };
  let hashed: Int32Array | null = null;
  const groups = [...Array(Math.ceil(length / chunk)).keys()].map((index) => {
    const rows = { from: index * chunk, to: Math.min(length, (index + 1) * chunk) };
    return { rows, keys: { from: Math.max(0, index - 1) * chunk, to: rows.to } };
  });
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
      passes: rounds,
      packsKeys: false,
      room: groupRoom(groups, GROUP_ROWS, rounds),
    },
    tensors,
    means,
    plan,
    {
      sorts: rounds,
      shown: rounds * (rule.sameBucket ? 2 : 1),
      slots: null,
      bind(bound) {
        hashed = bound.arena.integers(bound.place(places.words), Object.keys(HASHED).length);
        hashed[HASHED.rounds] = rounds;
        hashed[HASHED.buckets] = hashSizes(rule, length).buckets;
        hashed[HASHED.chunk] = chunk;
        hashed[HASHED.sameBucket] = Number(rule.sameBucket);
        hashed[HASHED.order] = bound.place(places.order);
        hashed[HASHED.chunks] = bound.place(places.chunks);
        hashed[HASHED.counts] = bound.place(places.counts);
        return {
          hashed: bound.place(places.words),
          routed: 0,
          causal: Number(causal),
          tokens: bound.place(places.order),
        };
      },
    },
  );
  const { writer } = call;
  writer.begin();
  for (let round = 0; round < rounds; round++) {
    const list = round * length;
    const state = { begins: round === 0, ends: round === rounds - 1 };
    for (const [segment, to] of segments.ends.entries()) {
      const from = segments.ends[segment - 1] ?? 0;
      for (const { rows, keys } of groups) {
        if (rows.from < from || rows.from >= to) continue;
        writeGroup(writer, { list, ...rows }, { list, ...keys }, GROUP_ROWS, state);
      }
      writer.endRange();
    }
  }
  const [flops, floats] = [writer.flops, writer.floats];
  const units = new UnitKeys(arena, length, headDim);
  let heads = 0;
  return {
    begin() {
      heads = 0;
    },
    run(slice, at) {
      const of = (address: number, width: number): Float32Array => arena.floats(address, length * width);
      const q = of(at.q, headDim);
      units.open(q);
      const chosen = left.choice.byteOffset + slice * rounds * length * FLOAT_BYTES;
      if (hashed !== null) hashed[HASHED.chosen] = chosen;
      call.run({ ...at, k: units.keysAt, dk: units.gradientsAt });
      units.close(q, of(at.dq, headDim));
      of(at.dk, headDim).fill(0);
      attendThemselves(q, of(at.dout, valueDim), of(at.dv, valueDim), arena.floats(at.sums, 2 * length));
      heads++;
    },
    flops: () => heads * (flops + 8 * length * headDim),
    floats: () => heads * (floats + 6 * length * headDim),
    workspaceBytes: call.workspaceBytes + units.bytes,
    dispose() {
      call.dispose();
      units.dispose();
    },
  };
}

/** A query that sees no key attends its own token: its weight is 1, unless its score is no number. */
function attendThemselves(q: Float32Array, dout: Float32Array, dv: Float32Array, sums: Float32Array): void {
  const rows = sums.length / 2;
  const [headDim, valueDim] = [q.length / rows, dv.length / rows];
  for (let row = 0; row < rows; row++) {
    if (sums[2 * row] !== Number.NEGATIVE_INFINITY) continue;
    const isNumber = q.subarray(row * headDim, (row + 1) * headDim).every(Number.isFinite);
    const weight = isNumber ? 1 : Number.NaN;
    for (let at = row * valueDim; at < (row + 1) * valueDim; at++) dv[at] += weight * dout[at];
  }
}
