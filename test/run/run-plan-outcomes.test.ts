import fc from "fast-check";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { tensorNamed } from "../../src/core/tensors.ts";
import type { Kernel, ReadyKernel } from "../../src/kernels/kernel.ts";
import type { CaseLine } from "../../src/record/schema/result-lines.ts";
import { additive } from "../../variants/dense/additive.ts";
import { full } from "../../variants/dense/full.ts";
import { local } from "../../variants/sparse/local.ts";
import { clock } from "../timing/slot-on-the-clock.ts";
import { misbehaving, planted } from "../verify/planted-kernels.ts";
import {
  beginRun,
  events,
  isCase,
  isRound,
  kernel,
  type Line,
  linesOf,
  namesOf,
  pastOnly,
  plan,
  roundsOf,
  verdicts,
} from "./fake-run.ts";

vi.mock("../../src/timing/slot.ts", () => import("../timing/slot-on-the-clock.ts"));
beforeEach(beginRun);

describe("runPlan", () => {
  it("skips what no kernel supports, what cannot fit in memory or in the budget, each with its reason", async () => {
    const kernels = [
      kernel("slow", { callSeconds: ({ shape }) => shape.length ** 2 }),
      kernel("no", { supports: () => "it is for Sundays" }),
    ];
    const planned = plan(kernels, { of: [full], lengths: [4, 8, 12], budgetSeconds: 100 });
    const reasons = [...verdicts(await linesOf(planned, kernels)).values()].map(
      ({ kernel: id, length, outcome, reason }) => `${id} ${length} ${outcome}: ${reason}`,
    );
    expect(reasons.toSorted()).toEqual([
      "no 12 skipped: it is for Sundays",
      "no 4 skipped: it is for Sundays",
      "no 8 skipped: it is for Sundays",
      "slow 12 skipped: one call is expected to take 144 s, more than the budget of 100 s; raise --budget or ask for a shorter length",
      "slow 4 measured: null",
      "slow 8 measured: null",
    ]);
    expect(events.some(({ kernel: id }) => id === "no")).toBe(false);
    const tight = await linesOf(plan([kernels[0]], { of: [full], lengths: [4] }), kernels, {
      memoryBytes: 255,
    });
    expect(tight).toMatchObject(
      [{ outcome: "skipped", reason: /^q, k, v and out take 256 B, the machine has 255 B; ask for/ }].map(
        ({ outcome, reason }) => ({ outcome, reason: expect.stringMatching(reason) }),
      ),
    );
  });

  it("needs as much memory as the tensors of a shape take, which may differ", async () => {
    const any = { ...kernel("any"), freedoms: ["kvHeads", "queries", "valueDim"] as const };
    const unlike = { of: [full], lengths: [8], heads: 4, kvHeads: 2, queries: 3, valueDim: 5 };
    const [line] = await linesOf(plan([any], unlike), [any], { memoryBytes: 1 });
    // q 4·3·4, k 2·8·4, v 2·8·5 and out 4·3·5 numbers.
    expect(line).toMatchObject({
      outcome: "skipped",
      reason: expect.stringMatching(/^q, k, v and out take 1008 B,/),
    });
  });

  it("skips what is left to check when the budget is spent, and says so", async () => {
    const slow = ["a", "b", "c"].map((id) => kernel(id, { callSeconds: () => 60 }));
    const lines = await linesOf(
      plan(slow, { of: [full], lengths: [4], budgetSeconds: 100, rounds: 1 }),
      slow,
    );
    expect(
      [...verdicts(lines).values()].map(({ kernel: id, outcome, reason }) => [id, outcome, reason]),
    ).toEqual([
      ["a", "measured", null],
      ["b", "measured", null],
      ["c", "skipped", "the budget of 100 s was spent before it was checked; raise --budget"],
    ]);
  });

  it("does not foretell long calls from ones so short that they only tell what a call costs", async () => {
    const overhead = kernel("overhead", { callSeconds: ({ shape }) => (shape.length === 1 ? 1e-6 : 1e-5) });
    const planned = plan([overhead], {
      of: [full],
      lengths: [1, 512],
      headDim: 1,
      budgetSeconds: 0.2,
      rounds: 1,
    });
    // At 1 µs for the 4 operations of one token, 512 would take 0.26 s.
    const outcomes = [...verdicts(await linesOf(planned, [overhead])).values()].map(({ outcome }) => outcome);
    expect(outcomes).toEqual(["measured", "measured"]);
  });

  it("takes a case without a single pair, and longer ones after it", async () => {
    const kernels = [kernel("a")];
    const planned = plan(kernels, { of: [pastOnly], lengths: [1, 2, 5], rounds: 1 });
    expect(planned.cases[0].useful_flops).toBe(0);
    const lines = await linesOf(planned, kernels);
    expect([...verdicts(lines).values()].map(({ outcome }) => outcome)).toEqual([
      "measured",
      "measured",
      "measured",
    ]);
  });

  it("fails a red gate with its message and without a time, and measures the rest", async () => {
    const kernels = [planted("wrong", { scale: () => 1 }), kernel("a")];
    const planned = plan(kernels, { of: [full] });
    const lines = await linesOf(planned, kernels);
    for (const line of verdicts(lines).values()) {
      if (line.kernel === "a") expect(line.outcome).toBe("measured");
      else {
        expect(line).toMatchObject({ outcome: "failed", prepare_s: null, executed_flops: null, bytes: null });
        expect(line.reason).toMatch(/^verification: row \d+ of batch 0, head 0, column \d+: got .*, seed 1$/);
        expect(line.gate_error).toBeGreaterThan(line.gate_budget ?? 0);
      }
    }
    expect(lines.filter((line) => isRound(line) && line.case.includes("wrong"))).toEqual([]);
  });

  it("fails a kernel that turns wrong in a later round, which then is measured no more", async () => {
    let length8Runs = 0;
    const turning = kernel("turning", {
      callSeconds: () => 1,
      afterCall(_, output, { shape }) {
        // The gate is the first call, then one a round.
        if (shape.length === 8 && ++length8Runs === 4) output[3] += 1;
      },
    });
    const planned = plan([turning], { of: [full], rounds: 5 });
    const lines = await linesOf(planned, [turning]);
    const of8 = lines.filter((line) => line.case === planned.cases[1].case);
    expect(of8.map((line) => (isRound(line) ? line.round : line.outcome))).toEqual([
      "measured",
      0,
      1,
      "failed",
    ]);
    expect(of8.at(-1)).toMatchObject({
      prepare_s: null,
      reason: expect.stringMatching(
        /^verification, after round 2: row 0 of batch 0, head 0, column 3: got .* over budget/,
      ),
    });
    expect(lines.filter((line) => isRound(line) && line.case !== planned.cases[1].case).length).toBe(10);
  });

  it("fails a kernel that computes once and then returns what it remembers", async () => {
    const right = planted("right");
    const remembering: Kernel = {
      ...right,
      id: "remembering",
      prepare(problem, output) {
        const runnable = right.prepare(problem, output);
        let done = false;
        return {
          ...runnable,
          run() {
            clock.seconds += 0.1;
            if (!done) runnable.run();
            done = true;
          },
        };
      },
    };
    const lines = await linesOf(plan([remembering], { of: [full], lengths: [4] }), [remembering]);
    expect(lines.map((line) => (isCase(line) ? line.outcome : line.round))).toEqual(["failed"]);
  });

  it.each([
    ["in a round", 1, new Error("worn\nout"), "the kernel threw in round 1: worn"],
    ["in a round, anything", 1, Symbol("odd"), "the kernel threw in round 1: Symbol(odd)"],
    ["while it warms up", 0.001, new Error("not twice"), "the kernel threw when called again: not twice"],
  ])("fails a kernel that throws %s", async (_, callSeconds, thrown, reason) => {
    const throwing = kernel("throwing", {
      callSeconds: () => callSeconds,
      afterCall(call, __, { shape }) {
        if (call === 3 && shape.length === 8) throw thrown;
      },
    });
    const planned = plan([throwing], { of: [full] });
    const lines = await linesOf(planned, [throwing]);
    const final = verdicts(lines);
    expect(final.get(planned.cases[1].case)).toMatchObject({ outcome: "failed", reason, prepare_s: null });
    expect([0, 2].map((at) => final.get(planned.cases[at].case)?.outcome)).toEqual(["measured", "measured"]);
    expect(roundsOf(lines).at(-1)?.length).toBe(2);
  });

  it("does not let a kernel that spoils shared inputs harm the kernels beside it", async () => {
    const spoiler = misbehaving("spoiler", ({ inputs }) => inputs.k.fill(2));
    const kernels = [kernel("before"), spoiler, kernel("after")];
    const lines = await linesOf(plan(kernels, { of: [full], lengths: [8] }), kernels);
    const outcomes = [...verdicts(lines).values()].map(({ kernel: id, outcome, reason }) => [
      id,
      outcome,
      reason,
    ]);
    expect(outcomes).toEqual([
      ["before", "measured", null],
      ["spoiler", "failed", "verification: the kernel changed its input k"],
      ["after", "measured", null],
    ]);
    const alone = await linesOf(plan([kernel("after")], { of: [full], lengths: [8] }), [kernel("after")]);
    const fidelity = (of: readonly Line[], id: string) =>
      of.filter(isCase).find((line) => line.kernel === id)?.fidelity_error;
    expect(fidelity(lines, "after")).toBe(fidelity(alone, "after"));
  });

  it("does not let a kernel that spoils shared weights harm the kernels beside it", async () => {
    const spoiler = misbehaving("spoiler", ({ inputs }) => tensorNamed(inputs, "w").fill(2));
    const given = new Map<string, readonly number[]>();
    const kernels = [kernel("before"), spoiler, kernel("after")].map(
      (one): ReadyKernel => ({
        ...one,
        forms: ["score"],
        prepare(problem, output) {
          given.set(one.id, [...tensorNamed(problem.inputs, "w")]);
          return one.prepare(problem, output);
        },
      }),
    );
    const planned = plan(kernels, { of: [additive], lengths: [8] });
    const lines = await linesOf(planned, kernels, { variants: [additive] });
    const outcomes = [...verdicts(lines).values()].map(({ kernel: id, outcome }) => [id, outcome]);
    expect(outcomes.toSorted()).toEqual([
      ["after", "measured"],
      ["before", "measured"],
      ["spoiler", "failed"],
    ]);
    expect(given.get("after")).toEqual(given.get("before"));
  });

  it("calls methods of a prepared call as methods", async () => {
    class Prepared {
      readonly workspaceBytes = 0;
      readonly executedFlops = null;
      readonly bytes = null;
      readonly #runnable;
      constructor(runnable: ReturnType<ReadyKernel["prepare"]>) {
        this.#runnable = runnable;
      }
      run() {
        this.#runnable.run();
      }
      output() {
        return this.#runnable.output();
      }
      dispose() {
        this.#runnable.dispose();
      }
    }
    const inner = kernel("inner");
    const object: Kernel = {
      ...inner,
      id: "object",
      prepare: (problem, output) => new Prepared(inner.prepare(problem, output)),
    };
    const lines = await linesOf(plan([object], { of: [full], rounds: 2 }), [object]);
    expect(lines.filter(isRound).length).toBe(6);
  });
});

describe("every planned case", () => {
  const manners: Readonly<Record<string, { make: () => Kernel; ends: CaseLine["outcome"] }>> = {
    right: { make: () => kernel("right"), ends: "measured" },
    wrong: { make: () => planted("wrong", { divisor: (total) => total * 2 }), ends: "failed" },
    unsupported: { make: () => kernel("unsupported", { supports: () => "not today" }), ends: "skipped" },
    late: {
      make: () =>
        kernel("late", {
          callSeconds: () => 1,
          afterCall: (call, output) => call === 2 && output.fill(0.125),
        }),
      ends: "failed",
    },
    throws: {
      make: () =>
        misbehaving("throws", () => {
          throw new Error("no");
        }),
      ends: "failed",
    },
    slow: { make: () => kernel("slow", { callSeconds: () => 1e5 }), ends: "skipped" },
  };

  it("ends as measured with every round once, or skipped or failed with a reason, and says so once at the end", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(fc.constantFrom(...Object.keys(manners)), { minLength: 1 }),
        fc.uniqueArray(fc.integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 3 }),
        fc.nat(),
        async (names, lengths, seed) => {
          clock.seconds = 0;
          const kernels = names.map((name) => manners[name].make());
          const planned = plan(kernels, { of: [full, local], lengths, seed, budgetSeconds: 5e4 });
          const lines = await linesOf(planned, kernels);
          const final = verdicts(lines);
          expect([...final.keys()].toSorted()).toEqual(namesOf(planned).toSorted());
          for (const [name, line] of final) {
            const rounds = lines
              .filter((one) => isRound(one) && one.case === name)
              .map((one) => isRound(one) && one.round);
            // The slow one is begun once and eats the budget; what comes after it may not be.
            if (names.includes("slow")) continue;
            expect([line.kernel, line.outcome]).toEqual([line.kernel, manners[line.kernel].ends]);
            expect(line.reason === null).toBe(line.outcome === "measured");
            if (line.outcome === "measured") expect(rounds).toEqual([0, 1, 2, 3]);
            else expect(rounds).toEqual([]);
          }
          for (const name of namesOf(planned)) {
            const own = lines
              .filter((line) => isCase(line) && line.case === name)
              .map((line) => isCase(line) && line.outcome);
            expect(["measured", "skipped", "failed", "measured,failed"]).toContain(own.join());
          }
        },
      ),
      { numRuns: 25 },
    );
  });
});
