import { expect, it } from "vitest";
import { createWasm } from "../../../src/kernels/wasm/index.ts";

const { limits } = createWasm("auto");

it("measures a ceiling for every build, the fastest first, and the wide build only once", () => {
  const ceilings = limits?.ceilings(1) ?? [];
  expect(ceilings.map(({ build }) => build).sort()).toEqual(["plain", "relaxed", "wide"]);
  for (const [index, { threads, flopsPerSecond }] of ceilings.entries()) {
    expect(threads).toBe(1);
    // A billion operations a second and 10 000 times as many: what is wrong by a power of two or a unit is outside.
    expect(flopsPerSecond).toBeGreaterThan(1e8);
    expect(flopsPerSecond).toBeLessThan(1e13);
    if (index > 0) expect(flopsPerSecond).toBeLessThanOrEqual(ceilings[index - 1].flopsPerSecond);
  }
});

it("measures several threads at once, more than there are cores among them", () => {
  for (const { threads, flopsPerSecond } of limits?.ceilings(5) ?? []) {
    expect(threads).toBe(5);
    expect(flopsPerSecond).toBeGreaterThan(1e8);
  }
});

it("measures only the build that was asked for where one was", () => {
  expect(
    createWasm("plain")
      .limits?.ceilings(1)
      .map(({ build }) => build),
  ).toEqual(["plain"]);
});

it("reads memory of any size, and none of nothing or of what there is no room for", () => {
  for (const bytes of [128, 24 * 1024, 3_000_001]) expect(limits?.readBandwidth(bytes)).toBeGreaterThan(1e7);
  for (const bytes of [0, 127, 2 ** 34, Number.NaN]) expect(limits?.readBandwidth(bytes)).toBeNull();
});
