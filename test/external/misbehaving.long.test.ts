import { describe, expect, it } from "vitest";
import { MISBEHAVIOURS } from "./misbehaving/misbehaviours.ts";
import { leftBehind, outcomeOf } from "./misbehaving/outcome.ts";

describe("a program that", () => {
  it.each(MISBEHAVIOURS.map((one) => ({ ...one, title: `${one.mode}: ${one.outcome}` })))(
    "$title",
    async (one) => {
      const became = await outcomeOf(one);
      expect(became).toEqual({ outcome: one.outcome, reason: became.reason });
      if (one.reason !== null) expect(became.reason).toMatch(one.reason);
      expect(became.reason ?? "").not.toMatch(/\n/);
      expect(leftBehind()).toEqual([]);
    },
  );
});
