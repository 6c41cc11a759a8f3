import { type BoundPattern, rowsOf } from "../core/pattern.ts";
import { combPass } from "./comb-pass.ts";
import { naturalPass } from "./natural-pass.ts";
import type { Schedule, TileSizes } from "./schedule.ts";
import { ScheduleWriter } from "./schedule-writer.ts";

/** Compiles a pattern by interval arithmetic: O(rows + tiles) time, and no N×N mask. */
export function compileSchedule(pattern: BoundPattern, tile: TileSizes): Schedule {
  const writer = new ScheduleWriter();
  const hasRuns = pattern.combs.length === 0 || pattern.someRuns(0, rowsOf(pattern)).length > 0;
  const passes = (hasRuns ? 1 : 0) + pattern.combs.length;
  let pass = 0;
  if (hasRuns) {
    writer.beginPass(pass++, passes);
    naturalPass(pattern, tile, writer);
  }
  for (let index = 0; index < pattern.combs.length; index++) {
    writer.beginPass(pass++, passes);
    combPass(pattern, index, tile, writer);
  }
  return writer.finish(passes, hasRuns);
}
