import type { BoundPattern } from "../../../core/pattern.ts";
import type { Problem } from "../../../core/problem.ts";
import { remembered } from "../../../core/remembered.ts";
import { kvHeadOf, type Shape } from "../../../core/shape.ts";
import type { SoftmaxPattern } from "../../../mechanisms/softmax-pattern/declare.ts";
import { bindHeads } from "../../../pattern/bind.ts";
import { compileSchedule } from "../../compile-schedule.ts";
import type { Schedule } from "../../schedule.ts";
import type { MemoryPlan, Region } from "../call/memory.ts";
import { writeWords } from "../call/write-words.ts";
import { LANES } from "../code/transpose.ts";
import { itemsOf, type RowsItem } from "../pairwise/items.ts";
import { ITEM, ITEM_BYTES } from "../pairwise/layout.ts";
import { type PlacedSchedule, planSchedule } from "../pairwise/schedule-words.ts";
import { TILE_SIZES, writeItem } from "../pairwise/softmax-kernel.ts";
import { UNIT, UNIT_BYTES } from "./layout.ts";
import type { PlacedSums } from "./sums.ts";
import { type HeadItem, pairsOf, type Segment } from "./units.ts";

/** A pattern as items, which several heads may share. */
export interface PlannedPattern {
  readonly schedule: Schedule;
  readonly items: readonly (readonly RowsItem[])[];
  readonly place: () => PlacedSchedule;
}

/** The schedule of each head; those of equal patterns are the same object. */
export function planPatterns(
  mechanism: SoftmaxPattern,
  problem: Problem,
  plan: MemoryPlan,
): PlannedPattern[] {
  const { queries, length } = problem.shape;
  const known = new Map<BoundPattern, PlannedPattern>();
  return bindHeads(mechanism, problem).map((pattern) =>
    remembered(known, pattern, () => {
      const schedule = compileSchedule(pattern, TILE_SIZES);
      const place = planSchedule(schedule, { queries, keys: length }, plan);
      return { schedule, place, items: itemsOf(schedule) };
    }),
  );
}

/** The items of each head of keys, counted over all batch entries, by passes. */
export function groupsOf(shape: Shape, ofHead: readonly PlannedPattern[]): HeadItem[][][] {
  const { batch, heads, kvHeads } = shape;
  const passes = Math.max(...ofHead.map(({ items }) => items.length));
  return Array.from({ length: batch * kvHeads }, (_, group) => {
    const entry = Math.floor(group / kvHeads);
    const readers = [...ofHead.keys()].filter((head) => kvHeadOf(shape, head) === group % kvHeads);
    return Array.from({ length: passes }, (_, pass) =>
      readers.flatMap((head) => {
        const { schedule, items } = ofHead[head];
        return (items[pass] ?? []).map((item): HeadItem => ({ head: entry * heads + head, schedule, item }));
      }),
    );
  });
}

/** Units of one pass, by their numbers: threads take them in turn. */
export interface Phase {
  readonly from: number;
  readonly to: number;
}

/** Where units and items are written, and where what they name is. */
export interface UnitPlaces {
  readonly units: Region;
  readonly items: Region;
  head(index: number): bigint;
  schedule(schedule: Schedule): PlacedSchedule;
  /** Where a segment sums what biases of distance 0 of a head get; 0 if nothing is learned. */
  biasSums(segment: Segment, head: number): bigint;
}

/** Writes the units of each pass, and what they consist of. Threads have the longest first, so that none ends long after the others. */
export function writeUnits(
  groups: readonly (readonly Segment[])[],
  sums: PlacedSums,
  longestFirst: boolean,
  places: UnitPlaces,
): Phase[] {
  const all = groups.flatMap((segments, group) =>
    segments.map((segment, index) => ({ segment, sums: sums.ofSegment[group][index] })),
  );
  const passes = Math.max(...all.map(({ segment }) => segment.passes.length));
  const cleared = new Set<Segment>();
  let [units, items] = [0, 0];
  return Array.from({ length: passes }, (_, pass) => {
    const from = units;
    const ofPass = all.filter(({ segment }) => segment.passes[pass].length > 0);
    const work = ({ segment }: (typeof all)[number]): number =>
      segment.passes[pass].reduce((sum, item) => sum + pairsOf(item), 0);
    if (longestFirst) ofPass.sort((one, other) => work(other) - work(one));
    for (const { segment, sums: own } of ofPass) {
      const first = items;
      for (const { head, schedule, item } of segment.passes[pass]) {
        const own = [
          [ITEM.biasSums, places.biasSums(segment, head)],
          [ITEM.rowTail, 2 ** (((item.rows - 1) % LANES) + 1) - 1],
        ] as const;
        writeWords(places.items, own, items * ITEM_BYTES);
        writeItem(places.items, items++, places.head(head), places.schedule(schedule), item);
      }
      const clears = own !== null && !cleared.has(segment);
      cleared.add(segment);
      const { address } = places.items;
      writeWords(
        places.units,
        [
          [UNIT.clear, own?.clear ?? 0],
          [UNIT.clearBytes, clears ? own.clearBytes : 0],
          [UNIT.item, address + BigInt(first * ITEM_BYTES)],
          [UNIT.end, address + BigInt(items * ITEM_BYTES)],
          [UNIT.keySums, own?.keySums ?? 0],
          [UNIT.valueSums, own?.valueSums ?? 0],
        ],
        units++ * UNIT_BYTES,
      );
    }
    return { from, to: units };
  });
}
