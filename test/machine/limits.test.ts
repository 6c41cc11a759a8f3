import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { builtInKernels } from "../../src/kernels/index.ts";
import type { Kernel, MachineLimits } from "../../src/kernels/kernel.ts";
import { cpuFeatures } from "../../src/machine/cpu-features.ts";
import { limitsFor, measureCeilings, measureReads } from "../../src/machine/limits.ts";
import { workingSets } from "../../src/machine/working-sets.ts";
import { MEMORY_LEVEL, type Plan } from "../../src/record/schema/result-lines.ts";

/** A kernel that says of the machine what it is told to. */
function telling(limits?: Partial<MachineLimits>): Kernel {
  return {
    id: "told",
    title: "told",
    ...(limits && { limits: { ceilings: () => [], readBandwidth: () => null, ...limits } }),
    supports: () => true,
    prepare: () => {
      throw new TypeError("told: it runs nothing");
    },
  };
}
const rated = (flopsPerSecond: number) =>
  telling({ ceilings: (threads) => [{ build: "wide", threads, flopsPerSecond }] });

describe("ceilings", () => {
  test("are those of every kernel that can tell, for each thread count", () => {
    expect(measureCeilings([telling(), rated(5e9), rated(7e9)], [1, 4])).toEqual([
      { build: "wide", kernel: "told", threads: 1, flops_per_s: 5e9 },
      { build: "wide", kernel: "told", threads: 1, flops_per_s: 7e9 },
      { build: "wide", kernel: "told", threads: 4, flops_per_s: 5e9 },
      { build: "wide", kernel: "told", threads: 4, flops_per_s: 7e9 },
    ]);
  });

  test("that no results file could hold are left out", () => {
    const broken = [0, -1, Number.NaN, Number.POSITIVE_INFINITY].map(rated);
    expect(measureCeilings(broken, [1])).toEqual([]);
    expect(measureCeilings([telling(), telling({})], [1, 2])).toEqual([]);
  });

  test("are measured for the thread counts of cases that can run, each once", () => {
    const asked: number[] = [];
    const kernel = telling({
      ceilings(threads) {
        asked.push(threads);
        return [];
      },
    });
    const one = { threads: 2, unsupported: null };
    const cases = [one, one, { threads: 1, unsupported: null }, { threads: 256, unsupported: "too many" }];
    const limits = limitsFor({ cases } as unknown as Plan, {}, [kernel]);
    expect(asked).toEqual([2, 1]);
    expect(limits).toEqual({ ceilings: [], read_bandwidth_bytes_per_s: null });
  });

  test("of this machine are rates, by what is built in", () => {
    for (const { build, threads, flops_per_s } of measureCeilings(builtInKernels(), [1])) {
      expect(build).toMatch(/^[a-z]+( 512(, registers)?)?$/);
      expect(threads).toBe(1);
      expect(flops_per_s).toBeGreaterThan(0);
    }
  });
});

test("a working set is read at the rate of the kernel that is best at it, and at none that is no rate", () => {
  const rates = [3, 9, Number.NaN, 0, Number.POSITIVE_INFINITY].map((rate) =>
    telling({ readBandwidth: () => rate }),
  );
  const sets = [{ level: "L1d", bytes: 64 }];
  expect(measureReads([telling(), ...rates], sets)).toEqual([{ level: "L1d", bytes: 64, bytes_per_s: 9 }]);
  expect(measureReads([telling(), telling({})], sets)).toEqual([
    { level: "L1d", bytes: 64, bytes_per_s: null },
  ]);
});

describe("working sets", () => {
  const plenty = 2 ** 36;
  const KiB = 1024;

  test("are half of each cache, and several times the largest for memory", () => {
    const caches = { L1d: 48 * KiB, L1i: 32 * KiB, L2: 1024 * KiB, L3: 32 * 1024 * KiB };
    expect(workingSets(caches, plenty)).toEqual([
      { level: "L1d", bytes: 24 * KiB },
      { level: "L2", bytes: 512 * KiB },
      { level: "L3", bytes: 16 * 1024 * KiB },
      { level: MEMORY_LEVEL, bytes: 128 * 1024 * KiB },
    ]);
  });

  test("have usual sizes where the machine does not tell, and skip a cache that it has not", () => {
    expect(workingSets({}, plenty).map(({ level }) => level)).toEqual(["L1d", "L2", "L3", MEMORY_LEVEL]);
    expect(workingSets({ L1d: 0, L2: 0 }, plenty)).toEqual(workingSets({}, plenty));
    expect(workingSets({ L1d: 64 * KiB, L2: 4096 * KiB }, plenty).map(({ level }) => level)).toEqual([
      "L1d",
      "L2",
      MEMORY_LEVEL,
    ]);
  });

  test("are whole lines, and what is called memory is past every cache, within 256 MiB and a quarter of what is free", () => {
    const size = fc.option(fc.integer({ min: 0, max: 2 ** 28 }), { nil: undefined });
    const caches = fc.record({ L1d: size, L2: size, L3: size });
    fc.assert(
      fc.property(caches, fc.integer({ min: 0, max: 2 ** 30 }), (some, free) => {
        const known = Object.fromEntries(Object.entries(some).filter(([, bytes]) => bytes !== undefined));
        const largest = Math.max(...Object.values(known as Record<string, number>));
        for (const { level, bytes } of workingSets(known as Record<string, number>, free)) {
          expect(bytes > 0 && bytes % 64 === 0).toBe(true);
          if (level !== MEMORY_LEVEL) continue;
          expect(bytes).toBeLessThanOrEqual(Math.min(256 * KiB * KiB, free / 4));
          if (largest > 0) expect(bytes).toBeGreaterThanOrEqual(2 * largest);
        }
      }),
    );
  });
});

describe("processor features", () => {
  test("are told by the flags of the first processor, whole words alone", () => {
    const cpuinfo = "processor\t: 0\nmodel name\t: avx512f\nflags\t\t: fpu avx avx2 fma4\n\nflags\t\t: fma\n";
    expect(cpuFeatures(cpuinfo)).toEqual({
      avx2: true,
      fma: false,
      avx512f: false,
      avx512dq: false,
      avx512bw: false,
    });
  });

  test("are not known where there is no such file, or another kind of processor", () => {
    for (const text of [null, "", "Features\t: fp asimd\n", "vmx flags\t: vnmi\n"]) {
      expect(cpuFeatures(text)).toBeNull();
    }
    expect(Object.values(cpuFeatures("flags\t\t:\n") ?? {})).toEqual(Array(5).fill(false));
  });
});
