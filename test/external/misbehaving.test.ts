import { describe, expect, it } from "vitest";
import { MISBEHAVIOURS } from "./misbehaving/misbehaviours.ts";
import { leftBehind, outcomeOf } from "./misbehaving/outcome.ts";

/** Of each way to go wrong one; the long suite has them all. */
const some = [
  "dies-at-hello",
  "prints-first",
  "hangs-at-hello",
  "dies-at-supports",
  "dies-at-run",
  "floods-stdout",
  "takes-negative-time",
  "tells-less-than-it-computes",
  "is-late-now-and-then",
  "lies-about-the-shape",
  "grandchild-leaves-the-group",
  "ends-lines-like-windows",
];

describe("a program that", () => {
  it.each(
    MISBEHAVIOURS.filter(({ mode }) => some.includes(mode)).map((one) => ({
      ...one,
      title: `${one.mode}: ${one.outcome}`,
    })),
  )("$title", async (one) => {
    const became = await outcomeOf(one);
    expect(became).toEqual({ outcome: one.outcome, reason: became.reason });
    if (one.reason !== null) expect(became.reason).toMatch(one.reason);
    expect(became.reason ?? "").not.toMatch(/\n/);
    expect(leftBehind()).toEqual([]);
  });
});
