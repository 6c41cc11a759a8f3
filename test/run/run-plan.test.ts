import fc from "fast-check";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { everything } from "../../src/index.ts";
import { syntheticSource } from "../../src/input/synthetic.ts";
import { builtInKinds } from "../../src/mechanisms/kinds.ts";
import { softmaxPattern } from "../../src/mechanisms/softmax-pattern/declare.ts";
import { resultLine } from "../../src/record/schema/result-lines.ts";
import type { Progress } from "../../src/run/run-context.ts";
import { runPlan } from "../../src/run/run-plan.ts";
import { full } from "../../variants/dense/full.ts";
import { clock } from "../timing/slot-on-the-clock.ts";
import { planted } from "../verify/planted-kernels.ts";
import {
  beginRun,
  events,
  isCase,
  isRound,
  kernel,
  type Line,
  linesOf,
  namesOf,
  nothingDone,
  plan,
  roundsOf,
  verdicts,
} from "./fake-run.ts";

vi.mock("../../src/timing/slot.ts", () => import("../timing/slot-on-the-clock.ts"));
beforeEach(beginRun);

describe("runPlan", () => {
  it("puts every case through the gate first, cheapest first, and only then begins the rounds", async () => {
    const kernels = [kernel("a"), kernel("b")];
    const planned = plan(kernels, { lengths: [12, 4, 8] });
    const lines = await linesOf(planned, kernels);
    const firstRound = lines.findIndex(isRound);
    expect(lines.slice(0, firstRound).every(isCase)).toBe(true);
    expect(lines.slice(firstRound).every(isRound)).toBe(true);
    const costs = lines
      .slice(0, firstRound)
      .map((line) => planned.cases.find((one) => one.case === line.case)?.useful_flops);
    expect(costs).toEqual(costs.toSorted((x = 0, y = 0) => x - y));
    expect(costs.length).toBe(planned.cases.length);
  });

  it("measures every case once in every round, in an order that the seed draws anew for each", async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(), fc.integer({ min: 1, max: 5 }), async (seed, rounds) => {
        const kernels = [kernel("a")];
        const planned = plan(kernels, { seed, rounds });
        const measured = roundsOf(await linesOf(planned, kernels));
        expect(measured.length).toBe(rounds);
        for (const round of measured) expect(round.toSorted()).toEqual(namesOf(planned).toSorted());
        expect(roundsOf(await linesOf(planned, [kernel("a")]))).toEqual(measured);
      }),
      { numRuns: 10 },
    );
    const orders = new Set<string>();
    for (const seed of [1, 2, 3]) {
      const kernels = [kernel("a")];
      for (const round of roundsOf(await linesOf(plan(kernels, { seed }), kernels))) orders.add(round.join());
    }
    expect(orders.size).toBeGreaterThanOrEqual(11);
  });

  it("writes lines that a results file may hold", async () => {
    const kernels = [
      kernel("a"),
      planted("wrong", { scale: () => 1 }),
      kernel("no", { supports: () => "no" }),
    ];
    for (const line of await linesOf(plan(kernels), kernels)) {
      expect(resultLine.parse(JSON.parse(JSON.stringify(line)))).toEqual(line);
    }
  });

  it("times preparing apart from calls, on its own line", async () => {
    const kernels = [kernel("a", { prepareSeconds: 0.25, callSeconds: () => 0.5 })];
    const lines = await linesOf(plan(kernels), kernels);
    for (const line of lines) {
      if (isCase(line)) expect(line.prepare_s).toBeCloseTo(0.25, 6);
      else for (const sample of line.samples) expect(sample).toBeCloseTo(0.5, 6);
    }
    expect(lines.filter(isRound).map(({ at_s }) => at_s)).toEqual(
      lines
        .filter(isRound)
        .map(({ at_s }) => at_s)
        .toSorted((x, y) => x - y),
    );
  });

  it("makes as many calls as a slot says, and one more before it where there is time", async () => {
    const kernels = [kernel("a", { callSeconds: () => 0.004 })];
    const [, ...lines] = await linesOf(plan(kernels, { of: [full], lengths: [4], rounds: 1 }), kernels);
    expect(lines).toMatchObject([{ calls: 1, samples: [0, 0, 0, 0].map(() => expect.closeTo(0.004, 6)) }]);
    const runs = events.filter(({ what }) => what === "run").length;
    // One at the gate, 11 to fill 50 ms of warming up, one before the slot, four or five in it.
    expect(runs - 1 - 1 - 4).toBeGreaterThanOrEqual(11);
    expect(runs - 1 - 1 - 5).toBeLessThanOrEqual(13);
  });

  it("drops a case whose calls have taken its deadline, and goes on with the others", async () => {
    const slow = kernel("slow", { callSeconds: ({ shape }) => (shape.length === 12 ? 10 : 0.01) });
    const planned = plan([slow], { of: [full], rounds: 8, deadlineSeconds: 25 });
    const lines = await linesOf(planned, [slow]);
    const counts = Object.fromEntries(
      planned.cases.map((one) => [
        one.length,
        lines.filter((line) => isRound(line) && line.case === one.case).length,
      ]),
    );
    // 10, 20, 30 seconds spent: the third round is the one that passes 25.
    expect(counts).toEqual({ 4: 8, 8: 8, 12: 3 });
    expect(verdicts(lines).get(planned.cases[2].case)?.outcome).toBe("measured");
  });

  it("ends between rounds when the budget does not hold another, but never before the first is whole", async () => {
    const slow = ["a", "b", "c"].map((id) => kernel(id, { callSeconds: () => 10 }));
    // 30 s at the gate and 30 s a round.
    for (const [budgetSeconds, rounds] of [
      [31, 1],
      [95, 2],
      [125, 3],
    ]) {
      clock.seconds = 0;
      const planned = plan(slow, { of: [full], lengths: [4], budgetSeconds });
      expect(roundsOf(await linesOf(planned, slow)).map((round) => round.length)).toEqual(
        Array(rounds).fill(3),
      );
    }
  });

  it("frees every call that it prepared, also what failed and also when it is left early", async () => {
    const tally = () => events.map(({ what }) => what).filter((what) => what !== "run");
    const balanced = () => tally().filter((what) => what === "prepare").length * 2 === tally().length;
    const kernels = [
      kernel("a"),
      kernel("wrong", { afterCall: (_, output) => output.fill(0) }),
      kernel("late", { callSeconds: () => 1, afterCall: (call, output) => call === 3 && output.fill(0) }),
    ];
    await linesOf(plan(kernels, { of: [full] }), kernels);
    expect(balanced()).toBe(true);
    events.length = 0;
    const planned = plan(kernels, { of: [full] });
    const context = { already: nothingDone, memoryBytes: 2 ** 34, now: clock.now, observe: () => {} };
    const lines = runPlan(planned, {
      ...context,
      kinds: builtInKinds,
      variants: [full],
      kernels,
      source: syntheticSource("gaussian", 1),
      signal: new AbortController().signal,
    });
    for await (const line of lines) if (isRound(line)) break;
    expect(balanced()).toBe(true);
    expect(tally().length).toBeGreaterThan(0);
  });

  it("ends at any slot where it is told to, and what came before stands", async () => {
    const kernels = [kernel("a")];
    const planned = plan(kernels, { of: [full] });
    const whole = await linesOf(planned, kernels);
    const text = (lines: readonly Line[]) => lines.map((line) => `${line.type} ${line.case}`);
    for (let kept = 1; kept < whole.length; kept++) {
      const controller = new AbortController();
      let observed = 0;
      const observe = () => {
        if (++observed === kept) controller.abort();
      };
      const lines = await linesOf(planned, [kernel("a")], { signal: controller.signal, observe });
      expect(text(lines)).toEqual(text(whole).slice(0, kept));
    }
  });

  it("says where it stands: checks first, then slots, counted towards the whole", async () => {
    const kernels = [kernel("a")];
    const planned = plan(kernels, { of: [full] });
    const seen: Progress[] = [];
    await linesOf(planned, kernels, { observe: (progress) => seen.push(progress) });
    const told = seen.map(({ phase, done, total }) => `${phase} ${done}/${total}`);
    expect(told).toEqual([
      ...[0, 1, 2].map((done) => `check ${done}/3`),
      ...Array.from({ length: 12 }, (_, done) => `measure ${done}/12`),
    ]);
  });

  it("records the exponent with which the work of a case grows at its own length", async () => {
    const { params, source, title } = full;
    const growth = (n: number) => n * Math.log2(n);
    const sorting = softmaxPattern({ id: "sorting", title, source, params, pattern: everything, growth });
    const kernels = [kernel("a")];
    const planned = plan(kernels, { of: [full, sorting], lengths: [8, 16] });
    const lines = (await linesOf(planned, kernels, { variants: [full, sorting] })).filter(isCase);
    const exponents = lines.map(({ variant, length, exponent }) => [variant, length, exponent] as const);
    expect(exponents.toSorted()).toEqual([
      ["full", 16, 2],
      ["full", 8, 2],
      ["sorting", 16, 1.36],
      ["sorting", 8, 1.48],
    ]);
  });
});
