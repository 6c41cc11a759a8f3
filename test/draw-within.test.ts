import { setTimeout } from "node:timers/promises";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { drawWithin } from "./draw-within.ts";

const noTime = { plugins: [drawWithin(0)] };

describe("a property whose time is over", () => {
  it("draws no further examples than the one that holds", async () => {
    let drawn = 0;
    fc.assert(
      fc.property(fc.nat(), () => void drawn++),
      noTime,
    );
    expect(drawn).toBe(1);
    await fc.assert(
      fc.asyncProperty(fc.nat(), async () => void drawn++),
      noTime,
    );
    expect(drawn).toBe(2);
  });

  it("goes on where an example was left out, until one holds", async () => {
    let drawn = 0;
    fc.assert(
      fc.property(fc.nat(), () => fc.pre(++drawn === 7)),
      noTime,
    );
    expect(drawn).toBe(7);
    await fc.assert(
      fc.asyncProperty(fc.nat(), async () => fc.pre(++drawn === 12)),
      noTime,
    );
    expect(drawn).toBe(12);
  });

  it("waits for an example that takes longer", async () => {
    let ended = 0;
    await fc.assert(
      fc.asyncProperty(fc.nat(), async () => {
        await setTimeout(20);
        ended++;
      }),
      noTime,
    );
    expect(ended).toBe(1);
  });

  it("is red where its first example is", async () => {
    const wrong = () => {
      throw new Error("never so");
    };
    expect(() => fc.assert(fc.property(fc.nat(), wrong), noTime)).toThrow("Property failed after 1 tests");
    await expect(
      fc.assert(
        fc.asyncProperty(fc.nat(), async () => wrong()),
        noTime,
      ),
    ).rejects.toThrow("Property failed after 1 tests");
  });
});

it("draws every example in time", () => {
  let drawn = 0;
  fc.assert(
    fc.property(fc.nat(), () => void drawn++),
    { numRuns: 50, plugins: [drawWithin(600)] },
  );
  expect(drawn).toBe(50);
});
