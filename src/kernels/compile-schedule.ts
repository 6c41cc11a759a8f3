import { type BoundPattern, rowsOf } from "../core/pattern.ts";
import { ClassKeys } from "./class-keys.ts";
import { classPass } from "./class-pass.ts";
import { combPass } from "./comb-pass.ts";
import { naturalPass } from "./natural-pass.ts";
import type { Schedule, TileSizes } from "./schedule.ts";
import { ScheduleWriter } from "./schedule-writer.ts";

/** Compiles a pattern by interval arithmetic: O(rows + tiles) time, and no N×N mask. */
export function compileSchedule(pattern: BoundPattern, tile: TileSizes): Schedule {
  const writer = new ScheduleWriter();
  const { combs, gathered } = pattern;
  const orders = gathered?.orders ?? [];
  const natural = gathered === undefined ? pattern : gathered.rest;
  const hasNaturalPass =
    natural !== null && (combs.length === 0 || natural.someRuns(0, rowsOf(natural)).length > 0);
  const passes = (hasNaturalPass ? 1 : 0) + orders.length + combs.length;
  let pass = 0;
  if (hasNaturalPass) {
    writer.beginPass(pass++, passes);
    naturalPass(natural, orders.length === 0 ? null : new ClassKeys(pattern, orders), tile, writer);
  }
  for (let index = 0; index < orders.length; index++) {
    writer.beginPass(pass++, passes);
    classPass(pattern, index, tile, writer);
  }
  for (let index = 0; index < combs.length; index++) {
    writer.beginPass(pass++, passes);
    combPass(pattern, index, tile, writer);
  }
  return writer.finish(passes, hasNaturalPass);
}
