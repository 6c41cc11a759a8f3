import { describe, expect, it } from "vitest";
import { callAgain } from "../../src/verify/call-again.ts";
import { speedLimit, tooFast } from "../../src/verify/speed-limit.ts";

const limit = speedLimit({ avx2: true, fma: true, avx512f: true });
const work = { flops: 16.8e6, bytes: 0 };

describe("a call that is faster than any processor", () => {
  it("is wrong, and one that a processor could make is not", () => {
    const at = (seconds: number, threads = 1) => tooFast(work, { seconds, calls: 1000, threads }, limit);
    expect(at(7.5e-9)).toMatch(
      /^a call of 16.8 MFLOP must take at least 40.4 µs on 1 thread of any processor of this kind, got 7.50 ns; /,
    );
    expect(at(39e-6)).not.toBeNull();
    expect(at(41e-6)).toBeNull();
    expect(at(39e-6, 2)).toBeNull();
  });

  it("is told by the bytes that it must touch, too", () => {
    const seconds = { seconds: 1e-6, calls: 1000, threads: 1 };
    expect(tooFast({ flops: 0, bytes: 8e6 }, seconds, limit)).not.toBeNull();
    expect(tooFast({ flops: 0, bytes: 8e5 }, seconds, limit)).toBeNull();
  });

  it("is not told where the clock is too coarse, nor where there is nothing to do", () => {
    expect(tooFast({ flops: 1e5, bytes: 0 }, { seconds: 0, calls: 1, threads: 1 }, limit)).toBeNull();
    expect(tooFast({ flops: 0, bytes: 0 }, { seconds: 0, calls: 1e6, threads: 1 }, limit)).toBeNull();
  });

  it("may be twice as fast with wider instructions, and much faster on a processor that nobody knows", () => {
    const rate = (features: Record<string, boolean> | null) => speedLimit(features).flopsPerSecond;
    expect(rate({ avx512f: false })).toBe(rate({ avx512f: true }) / 2);
    expect(rate(null)).toBeGreaterThan(rate({ avx512f: true }));
  });

  it("shows when a kernel is called again and does nothing", () => {
    let calls = 0;
    const again = callAgain(() => calls++, { flops: 1e9, bytes: 0 }, 1, limit);
    expect(again.fault).toMatch(/^called again, a call of 1.00 GFLOP must take at least/);
    expect(calls).toBeGreaterThan(0);
  });
});
