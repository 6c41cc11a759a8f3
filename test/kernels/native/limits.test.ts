import { afterAll, expect, it } from "vitest";
import { machineLimits } from "../../../src/kernels/native/limits/index.ts";
import { endThreads } from "../../../src/kernels/native/threads/crew.ts";
import { describeNative } from "./here.ts";

describeNative("the limits that machine code measures", () => {
  afterAll(endThreads);

  it.each([1, 2])(
    "are the rates of registers alone and of a tile, fastest first, on %i threads",
    (threads) => {
      const all = machineLimits.ceilings(threads);
      expect(all.map(({ build }) => build).sort()).toEqual(["native 512", "native 512, registers"]);
      for (const one of all) {
        expect(one.threads).toBe(threads);
        expect(one.flopsPerSecond).toBeGreaterThan(0);
      }
      expect(all[0].flopsPerSecond).toBeGreaterThanOrEqual(all[1].flopsPerSecond);
    },
  );

  it("are none on more threads than there can be", () => {
    expect(machineLimits.ceilings(257)).toEqual([]);
  });

  it("are bytes read a second, of whole vectors, as far as there is memory", () => {
    for (const bytes of [64, 1000, 100_000]) {
      const rate = machineLimits.readBandwidth(bytes) ?? Number.NaN;
      expect(rate > 0 && rate < Number.POSITIVE_INFINITY).toBe(true);
    }
    for (const bytes of [0, 63, 2 ** 52]) expect(machineLimits.readBandwidth(bytes)).toBeNull();
  });
});
