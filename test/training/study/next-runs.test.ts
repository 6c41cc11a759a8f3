import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { trainedKey } from "../../../src/record/learned.ts";
import { rateChoice, rateOf } from "../../../src/record/schema/chosen-rate.ts";
import type { TrainedLine } from "../../../src/record/schema/learning-lines.ts";
import { beyondEdge, nextRuns, runsLeft } from "../../../src/training/study/next-runs.ts";
import { aCell, aRun, aStudy } from "./a-study.ts";

/** How well a cell does at a rate, in a world where that is all that matters; null if it diverges. */
type World = (rate: number) => number | null;

/** Carries a study of one cell out to its end, taking of what may come next whichever `pick` says. */
function carriedOut(world: World, pick: (of: number) => number = () => 0, study = aStudy([aCell("full")])) {
  const [cell] = study.cells;
  const runs: TrainedLine[] = [];
  for (let next = nextRuns(study, cell, runs); next.length > 0; next = nextRuns(study, cell, runs)) {
    expect(runs.length).toBeLessThan(100);
    const name = next[pick(next.length)];
    runs.push(aRun(name, world(name.rate)));
  }
  return runs;
}

const ratesOf = (runs: readonly TrainedLine[], role: TrainedLine["role"]) =>
  [...new Set(runs.filter((run) => run.role === role).map(({ rate }) => rate))].sort((a, b) => a - b);

const bestAt =
  (best: number): World =>
  (rate) =>
    1 / (1 + Math.abs(Math.log10(rate / best)));

describe("nextRuns", () => {
  test("tries every rate of the shared grid before it reports anything, and reports the best", () => {
    const runs = carriedOut(bestAt(0.01));
    expect(runs.map(({ role }) => role)).toEqual([
      ...["choosing", "choosing", "choosing"],
      ...["test", "test", "test"],
    ]);
    expect(ratesOf(runs, "choosing")).toEqual([0.003, 0.01, 0.03]);
    expect(ratesOf(runs, "test")).toEqual([0.01]);
    expect(new Set(runs.filter(({ role }) => role === "test").map(({ seed }) => seed))).toEqual(
      new Set([0, 1, 2]),
    );
  });

  test("goes beyond the grid while the best is at an end of it, at most twice", () => {
    expect(ratesOf(carriedOut(bestAt(0.001)), "choosing")).toEqual([0.0003, 0.001, 0.003, 0.01, 0.03]);
    expect(ratesOf(carriedOut(bestAt(0.001)), "test")).toEqual([0.001]);
    expect(ratesOf(carriedOut(bestAt(1e-6)), "choosing")).toEqual([0.0003, 0.001, 0.003, 0.01, 0.03]);
    expect(ratesOf(carriedOut(bestAt(0.1)), "choosing")).toEqual([0.003, 0.01, 0.03, 0.1, 0.3]);
    expect(rateChoice("full", aStudy([]), carriedOut(bestAt(100))).edge).toBe("largest");
  });

  test("a rate at which it diverged is never chosen, and where all diverge nothing is reported", () => {
    expect(
      ratesOf(
        carriedOut((rate) => (rate > 0.02 ? null : 0.5 + rate)),
        "test",
      ),
    ).toEqual([0.01]);
    const none = carriedOut(() => null);
    expect(ratesOf(none, "choosing")).toEqual([0.003, 0.01, 0.03]);
    expect(ratesOf(none, "test")).toEqual([]);
  });

  test("where the rates at an end are as good nothing beyond is tried, and of equals the first to be right is taken", () => {
    const study = aStudy([aCell("full")]);
    const ended = ([0.003, 0.01, 0.03] as const).map((rate, at) => ({
      ...aRun({ cell: "full", role: "choosing", rate, seed: 1000 }, 1),
      steps_to_99: [400, 300, 200][at],
    }));
    expect(rateChoice("full", study, ended)).toMatchObject({ best: { rate: 0.03 }, edge: null });
    expect(nextRuns(study, study.cells[0], ended)[0]).toMatchObject({ role: "test", rate: 0.03 });
    const asFast = ended.map((run) => ({ ...run, steps_to_99: 200 }));
    expect(rateChoice("full", study, asFast).best?.rate).toBe(0.003);
  });

  test("a single rate leaves no choice, and none beyond it is tried", () => {
    const single = carriedOut(bestAt(0.1), undefined, aStudy([aCell("full")], { rates: [0.01] }));
    expect(ratesOf(single, "choosing")).toEqual([0.01]);
    expect(ratesOf(single, "test")).toEqual([0.01]);
  });

  test("a cell with a rate of its own is reported at once, and one that cannot be trained never", () => {
    const quick = aStudy([aCell("full", { rate: 0.02 })], {
      protocol: "quick",
      choosing_seeds: [],
      test_seeds: [7],
    });
    expect(nextRuns(quick, quick.cells[0], [])).toEqual([
      { cell: "full", role: "test", rate: 0.02, seed: 7 },
    ]);
    const cannot = aStudy([aCell("full", { unsupported: "has no twin", parameters: null })]);
    expect(nextRuns(cannot, cannot.cells[0], [])).toEqual([]);
    expect(runsLeft(cannot, [])).toBe(0);
  });

  test("comes to the same runs in whatever order they end, and goes on as if it had not been killed", () => {
    fc.assert(
      fc.property(
        fc.array(fc.option(fc.double({ min: 0, max: 1, noNaN: true })), { minLength: 9, maxLength: 9 }),
        fc.infiniteStream(fc.nat()),
        (levels, order) => {
          const world: World = (rate) => levels[Math.round(2 * (Math.log10(rate) + 4))] ?? null;
          const inOrder = carriedOut(world);
          const shuffled = carriedOut(world, (of) => (order.next().value as number) % of);
          expect(new Set(shuffled.map(trainedKey))).toEqual(new Set(inOrder.map(trainedKey)));
          const study = aStudy([aCell("full")]);
          expect(rateOf(study.cells[0], study, shuffled)).toBe(ratesOf(inOrder, "test")[0] ?? null);
          // What is left is never told as none before the end.
          for (let ended = 0; ended < shuffled.length; ended++) {
            expect(runsLeft(study, shuffled.slice(0, ended))).toBeGreaterThan(0);
          }
          expect(runsLeft(study, shuffled)).toBe(0);
        },
      ),
    );
  });

  test("rates beyond are of 1 and 3 times a power of ten, whatever the grid is made of", () => {
    expect(beyondEdge(0.003, "smallest")).toBe(0.001);
    expect(beyondEdge(0.001, "smallest")).toBe(0.0003);
    expect(beyondEdge(0.03, "largest")).toBe(0.1);
    expect(beyondEdge(0.02, "largest")).toBe(0.03);
    expect(beyondEdge(0.1, "largest")).toBe(0.3);
    expect(beyondEdge(0.1, "smallest")).toBe(0.03);
  });
});
