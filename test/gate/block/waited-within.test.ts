import { expect, test } from "vitest";
import type { SlotTimes } from "../../../src/gate/block/arm.ts";
import { waitedWithin } from "../../../src/gate/block/waited-within.ts";

function slot(timed_s: number, beside_s: number, waited_s: number): SlotTimes {
  const times = { median_s: 1e-3, mean_s: 1e-3, min_s: 1e-3, wrong: null };
  return { ...times, timed_s, wall_s: timed_s + beside_s, waited_s };
}

test("what was waited for beside the timed calls is not taken from them", () => {
  const calm = [slot(2e-3, 3e-4, 0), slot(2e-3, 2e-4, 0), slot(2e-3, 4e-4, 0)];
  // Within the calls; beside them; half and half.
  const waited = [slot(6e-3, 3e-4, 4e-3), slot(2e-3, 4.3e-3, 4e-3), slot(4e-3, 2.3e-3, 4e-3)];
  const found = waitedWithin([...calm, ...waited]);
  for (const [at, expected] of [0, 0, 0, 4e-3, 0, 2e-3].entries()) expect(found[at]).toBeCloseTo(expected, 9);
});

test("it is never below nothing and never more than the calls took, even where every slot waited", () => {
  const found = waitedWithin([slot(2e-3, 1e-3, 5e-3), slot(1e-3, 9e-3, 8e-3)]);
  expect(found[0]).toBe(2e-3);
  expect(found[1]).toBeCloseTo(0, 12);
});
