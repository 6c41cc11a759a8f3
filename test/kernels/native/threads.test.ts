import fc from "fast-check";
import { afterAll, expect, it } from "vitest";
import {
  type Assembler,
  at,
  number,
  r12,
  rax,
  rbx,
  rcx,
  rdi,
  rdx,
  zmm,
} from "../../../src/kernels/native/assembler/index.ts";
import { MemoryPlan } from "../../../src/kernels/native/call/memory.ts";
import { ffiOrThrow, Program } from "../../../src/kernels/native/call/program.ts";
import { exp2 } from "../../../src/kernels/native/code/exp2.ts";
import { forEachItem, functionOf } from "../../../src/kernels/native/code/frame.ts";
import { endThreads, openCrew } from "../../../src/kernels/native/threads/crew.ts";
import { describeNative } from "./here.ts";

/** Bytes and floats of a vector. */
const VECTOR = 64;
const LANES = 16;
/** The words of a lane: addresses of the queue and of the vectors, and how many items this thread took. */
const LANE = { queue: 0, vectors: 8, taken: 16 } as const;

/** Item i replaces vector i by 2 to its power, 50 times over, so that every thread finds some. */
const powers = new Program("powers", (a: Assembler) => {
  functionOf(a, "raise", () => {
    a.mov(rbx, rdi);
    a.mov(r12, at(rbx, LANE.queue));
    forEachItem(
      a,
      () => r12,
      () => {
        a.mov(rcx, at(rbx, LANE.taken));
        a.add(rcx, number(1));
        a.store(at(rbx, LANE.taken), rcx);
        a.imulImmediate(rdx, rax, VECTOR);
        a.add(rdx, at(rbx, LANE.vectors));
        a.vmovups(zmm(0), at(rdx));
        a.movImmediate(rcx, 50);
        const again = a.fresh("again");
        a.label(again);
        exp2(a, [{ x: zmm(0), fraction: zmm(1), power: zmm(2) }]);
        a.sub(rcx, number(1));
        a.jumpIf("ne", again);
        a.vmovupsStore(at(rdx), zmm(0));
      },
    );
  });
});

/** Raises so many vectors in jobs of some items each, and tells what came out and how many items were taken. */
function raised(jobs: readonly number[], threads: number): { floats: Float32Array; taken: number } {
  const items = Math.max(0, ...jobs);
  const plan = new MemoryPlan();
  const queue = plan.reserve(16);
  const vectors = plan.reserve(items * VECTOR);
  const lanes = Array.from({ length: threads }, () => plan.reserve(24));
  plan.make(ffiOrThrow());
  vectors().floats.set(Float32Array.from({ length: items * LANES }, (_, at) => -3 * Math.cos(at)));
  for (const lane of lanes) lane().words.set([queue().address, vectors().address]);
  const crew = openCrew(powers, "raise", threads);
  for (const end of jobs) {
    queue().words.set([0n, BigInt(end)]);
    crew.run(lanes.map((lane) => lane().address));
  }
  crew.close();
  return {
    floats: vectors().floats.slice(),
    taken: lanes.reduce((sum, lane) => sum + Number(lane().words[LANE.taken / 8]), 0),
  };
}

describeNative("native threads", () => {
  afterAll(endThreads);

  it("give the bits of one, job after job, and take every item once", () => {
    const jobs = fc.array(fc.nat(300), { maxLength: 6 });
    fc.assert(
      fc.property(jobs, fc.integer({ min: 2, max: 4 }), (ends, threads) => {
        const one = raised(ends, 1);
        const several = raised(ends, threads);
        expect(Buffer.from(several.floats.buffer).equals(Buffer.from(one.floats.buffer))).toBe(true);
        expect(several.taken).toBe(ends.reduce((sum, end) => sum + end, 0));
      }),
      { numRuns: 30 },
    );
  });

  it("start anew after they were ended", () => {
    const before = raised([100], 2);
    endThreads();
    expect(raised([100], 2)).toEqual(before);
  });

  it("work in several crews in turn, and not in one that is closed", () => {
    const [one, other] = [openCrew(powers, "raise", 2), openCrew(powers, "raise", 3)];
    const plan = new MemoryPlan();
    // Queues without items.
    const lane = plan.reserve(24);
    const queue = plan.reserve(16);
    plan.make(ffiOrThrow());
    lane().words.set([queue().address]);
    const { address } = lane();
    for (let time = 0; time < 3; time++) {
      expect(() => one.run([address, address])).not.toThrow();
      expect(() => other.run([address, address, address])).not.toThrow();
    }
    expect(() => one.run([address, address, address])).toThrow("lanes must be 1 to 2, got 3");
    expect(() => one.run([])).toThrow("lanes must be 1 to 2, got 0");
    one.close();
    expect(() => one.run([address, address])).toThrow("crew that is open");
    expect(() => other.run([address, address])).not.toThrow();
    other.close();
  });

  it("are at most 256", () => {
    expect(() => openCrew(powers, "raise", 257)).toThrow("native: threads must be at most 256, got 257");
  });
});
