import { describe, expect, it } from "vitest";
import {
  busyThreads,
  markProcessors,
  type ProcessorMark,
  processorTime,
} from "../../src/timing/processor-time.ts";

const mark = (at_s: number, cpu_s: number, threads: Record<string, number> | null): ProcessorMark => ({
  at_s,
  cpu_s,
  threads: threads === null ? null : new Map(Object.entries(threads)),
});
const start = mark(0, 1, { main: 1, gc: 0 });
const seenAt = (cpu: number, threads: Record<string, number>, without?: ReadonlySet<string>) =>
  processorTime(start, mark(1, 1 + cpu, threads), without).threads_seen;

describe("threads that worked at once", () => {
  it("are one where others helped a little, as V8's do", () => {
    expect(seenAt(1.1, { main: 2, gc: 0.1 })).toBe(1);
    expect(seenAt(0.75, { main: 1.5, gc: 0.15, jit: 0.1 })).toBe(1);
  });

  it("are as many as took about as much, however little the machine gave them all", () => {
    expect(seenAt(2, { main: 2, a: 1 })).toBe(2);
    expect(seenAt(1, { main: 1, a: 0.5, b: 0.5 })).toBe(2);
    expect(seenAt(0.4, { main: 1.1, a: 0.1, b: 0.1, c: 0.1 })).toBe(4);
    expect(seenAt(0.5, { main: 1, a: 0.5 })).toBe(1);
  });

  it("are told by the sum, too, where they ended or shared out unevenly", () => {
    expect(seenAt(3, { main: 2 })).toBe(3);
    expect(seenAt(2, { main: 2, a: 0.25, b: 0.25, c: 0.25, d: 0.25 })).toBe(2);
  });

  it("are not those that are busy whoever is measured", () => {
    const threads = { main: 2, spin: 1, gc: 0.05 };
    expect(seenAt(2.05, threads)).toBe(2);
    expect(seenAt(2.05, threads, new Set(["spin"]))).toBe(1);
  });

  it("are told by the clock where the system tells of no single one", () => {
    const after = mark(1, 3, null);
    expect(processorTime(mark(0, 1, null), after)).toEqual({ wall_s: 1, processor_s: 2, threads_seen: 2 });
    expect(processorTime(mark(0, 2, null), after).threads_seen).toBe(1);
  });

  it("are none of this process that did nothing", () => {
    expect(processorTime(start, mark(1, 1, { main: 1 }))).toEqual({
      wall_s: 1,
      processor_s: 0,
      threads_seen: 0,
    });
    const now = markProcessors();
    expect(processorTime(now, now).processor_s).toBe(0);
  });

  it("are busy where they took a tenth of a time in which nothing was asked of them", () => {
    expect(busyThreads(start, mark(1, 2, { main: 1.05, spin: 0, gc: 0.2 }))).toEqual(["gc"]);
    expect(busyThreads(mark(0, 0, null), mark(1, 1, null))).toEqual([]);
  });
});
