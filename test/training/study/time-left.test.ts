import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { trainedKey } from "../../../src/record/learned.ts";
import { readLines } from "../../../src/record/read.ts";
import type { StudiedCell, StudyLine, TrainedLine } from "../../../src/record/schema/learning-lines.ts";
import { median } from "../../../src/stats/median.ts";
import { nextRuns, type RunName } from "../../../src/training/study/next-runs.ts";
import { EXAMPLE_SECONDS, tabledSeconds } from "../../../src/training/study/run-costs.ts";
import { StudyClock, type TimeLeft } from "../../../src/training/study/time-left.ts";
import { aCell, aRun, aStudy } from "./a-study.ts";

interface Told extends TimeLeft {
  readonly now: number;
}

const LOOKS = 16;

/** A study on a clock of its own: what is told at its beginning and at each look, and when it ended. */
function carriedOut(
  study: StudyLine,
  workers: number,
  runOf: (name: RunName) => { readonly besides: number; readonly steps: number; readonly line: TrainedLine },
  already: readonly TrainedLine[] = [],
): { readonly told: readonly Told[]; readonly end: number } {
  const clock = new StudyClock(study, already, workers);
  const runs = [...already];
  const going = new Map<string, { begun: number; looks: number } & ReturnType<typeof runOf>>();
  const told: Told[] = [];
  let now = 0;
  for (;;) {
    for (const name of study.cells.flatMap((cell) => nextRuns(study, cell, runs))) {
      const key = trainedKey(name);
      if (going.size >= workers || going.has(key)) continue;
      going.set(key, { begun: now, looks: 0, ...runOf(name) });
      clock.begin(key, name, now);
    }
    if (told.length === 0) told.push({ now, ...clock.left(runs, now) });
    if (going.size === 0) return { told, end: now };
    const events = [...going].map(([key, one]) => ({
      key,
      one,
      at: one.begun + one.besides + one.steps * Math.min(1, (one.looks + 1) / LOOKS),
    }));
    const { key, one, at } = events.reduce((first, other) => (other.at < first.at ? other : first));
    now = at;
    if (one.looks < LOOKS) {
      one.looks++;
      clock.look(key, one.looks / LOOKS, now);
      told.push({ now, ...clock.left(runs, now) });
    } else {
      going.delete(key);
      clock.end(key, true, now);
      runs.push(one.line);
    }
  }
}

const example = readLines(`${import.meta.dirname}/../../../results/example-learned.jsonl`).learned;
if (example === null) throw new TypeError("the example holds no study");

/** Four cells, of which the best rate is never at an end. */
const study = aStudy(["full", "delta", "performer", "mine"].map((one) => aCell(one)));
const line = (name: RunName) => aRun(name, name.rate === 0.01 ? 0.9 : 0.5);
const cellOf = ({ cell }: RunName) => study.cells.find((one) => one.cell === cell) ?? study.cells[0];

describe("the time that a study has left", () => {
  test("is what the table says before anything is seen, and says that it is another machine's", () => {
    const { told } = carriedOut(study, 1, (name) => ({ besides: 1, steps: 1, line: line(name) }));
    const each = study.cells.map((cell) => tabledSeconds(cell, study.tasks[0]));
    const whole = each.reduce((sum, { besides, steps }) => sum + 6 * (besides + steps), 0);
    expect(told[0]).toMatchObject({ seen: false, seconds: expect.closeTo(whole, 6) });
  });

  test("is right from the first look on, on a machine that is so many times as fast in everything", () => {
    fc.assert(
      fc.property(fc.double({ min: 0.01, max: 100, noNaN: true }), (factor) => {
        const { told, end } = carriedOut(study, 1, (name) => {
          const { besides, steps } = tabledSeconds(cellOf(name), study.tasks[0]);
          return { besides: factor * besides, steps: factor * steps, line: line(name) };
        });
        for (const { now, seconds, seen } of told.slice(1)) {
          expect({ seen, seconds }).toEqual({ seen: true, seconds: expect.closeTo(end - now, 6) });
        }
      }),
      { numRuns: 20 },
    );
  });

  test("is right once every cell was seen, whatever each of them takes", () => {
    const takes = fc.double({ min: 0.1, max: 1000, noNaN: true });
    fc.assert(
      fc.property(fc.tuple(takes, takes, takes, takes), (each) => {
        const { told, end } = carriedOut(study, 1, (name) => ({
          besides: 0,
          steps: each[study.cells.indexOf(cellOf(name))],
          line: line(name),
        }));
        const seen = told.slice(-3 * LOOKS);
        for (const { now, seconds } of seen) {
          expect(Math.abs(seconds - (end - now))).toBeLessThan(1e-6 * end + each[3]);
        }
      }),
      { numRuns: 20 },
    );
  });

  test("of the example's study, with the times that its runs took, is a fifth of it off at most", () => {
    const lines = new Map(example.runs.map((one) => [trainedKey(one), one]));
    for (const workers of [1, 2, 4]) {
      const { told, end } = carriedOut(example.study, workers, (name) => {
        const found = lines.get(trainedKey(name));
        if (found === undefined) throw new TypeError(`the example has no run ${trainedKey(name)}`);
        // The machine is a third as fast as the example's: known from the first look on.
        const seconds = 3 * (found.processor_s ?? 0);
        return { besides: 0.2 * seconds, steps: 0.8 * seconds, line: found };
      });
      for (const { now, seconds } of told.slice(1)) {
        expect(Math.abs(seconds - (end - now))).toBeLessThan(0.2 * end);
      }
    }
  });

  test("begins with what the runs of the example took", () => {
    const tookOf = ({ cell }: StudiedCell) =>
      example.runs.flatMap((run) => (run.cell === cell ? (run.processor_s ?? []) : []));
    for (const cell of example.study.cells) {
      expect(EXAMPLE_SECONDS[cell.variant], cell.variant).toBe(Math.round(median(tookOf(cell))));
      const { besides, steps } = tabledSeconds(cell, example.study.tasks[0]);
      expect(besides + steps).toBeCloseTo(EXAMPLE_SECONDS[cell.variant], 9);
    }
    expect(Object.keys(EXAMPLE_SECONDS)).toEqual(example.study.cells.map(({ variant }) => variant));
  });

  test("of a study that is resumed goes by what its runs took", () => {
    const names = study.cells.flatMap((cell) => nextRuns(study, cell, []));
    const already = names.map((name) => ({ ...line(name), processor_s: 7 }));
    const { told } = carriedOut(study, 1, (name) => ({ besides: 0, steps: 7, line: line(name) }), already);
    expect(told[0]).toMatchObject({ seen: true, seconds: expect.closeTo(4 * 3 * 7, 6) });
  });

  test("is not longer than runs that wait for one another, however many processes there are", () => {
    const { told } = carriedOut(study, 100, (name) => ({ besides: 0, steps: 10, line: line(name) }));
    const slowest = study.cells
      .map((cell) => tabledSeconds(cell, study.tasks[0]))
      .reduce((most, { besides, steps }) => Math.max(most, besides + steps), 0);
    expect(told[0].seconds).toBeCloseTo(2 * slowest, 6);
  });

  test("follows from no run that failed at once", () => {
    const clock = new StudyClock(study, [], 1);
    const [name] = nextRuns(study, study.cells[0], []);
    const before = clock.left([], 0);
    clock.begin("one", name, 0);
    clock.end("one", false, 0.1);
    expect(clock.left([], 0.1)).toEqual(before);
  });
});
