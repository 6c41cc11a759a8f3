import { expect, test } from "vitest";
import { compareResults } from "../../src/compare/compare-results.ts";
import { randomStream } from "../../src/core/random.ts";
import type { Results } from "../../src/record/case-row.ts";
import { fileResults } from "./two-files.ts";

/** A file whose rounds hold so many calls, each beyond the usual time by what `cost` says of its number. */
function withCalls(
  seed: number,
  cost: (call: number, name: string) => number,
  calls = 20,
  rounds = 12,
): Results {
  const file = fileResults({ seed, rounds });
  const random = randomStream(seed, 1);
  const made = new Map<string, number>();
  const lines = file.rounds.map((round) => {
    const samples = Array.from({ length: calls }, () => {
      const call = (made.get(round.case) ?? 0) + 1;
      made.set(round.case, call);
      return round.samples[0] * (1 + cost(call, round.case)) * Math.exp(0.003 * random.gaussian());
    });
    return { ...round, samples, calls: 1 };
  });
  return { ...file, rounds: lines };
}

const costly = "local(window=4)/js/b1h2n256d8";
const every = (period: number, cost: number) => (call: number, name: string) =>
  name === costly && call % period === 0 ? cost : 0;
const none = () => 0;
const cellOf = (base: Results, head: Results) => {
  const found = compareResults(base, head).cells.find((one) => one.case === costly);
  if (found === undefined) throw new Error("the cell is there");
  return found;
};

test.each([
  [7, 0.6],
  [12, 1],
  [20, 1.6],
])("a cost on one call in %i is slower in the mean, though the medians are the same", (period, cost) => {
  const cell = cellOf(withCalls(1, none), withCalls(2, every(period, cost)));
  expect(cell).toMatchObject({
    verdict: "slower",
    medianVerdict: "same",
    note: "slower in the mean, by costs on few calls: the median is the same",
    mean: { verdict: "slower", calls: 40 },
  });
  expect(cell.mean?.time.ratio).toBeCloseTo(1 + cost / period, 1);
});

test("the mirror image is faster, and files without such a cost are the same in both", () => {
  expect(cellOf(withCalls(1, every(12, 1)), withCalls(2, none)).verdict).toBe("faster");
  expect(cellOf(withCalls(1, none), withCalls(2, none))).toMatchObject({
    verdict: "same",
    mean: { verdict: "same" },
  });
  expect(cellOf(withCalls(1, every(12, 1)), withCalls(2, every(12, 1))).verdict).toMatch(/^same/);
});

test("a cost that falls so seldom that nobody can tell is not passed as the same", () => {
  const cell = cellOf(withCalls(1, none), withCalls(2, every(110, 9)));
  expect(cell).toMatchObject({
    verdict: "same-median",
    medianVerdict: "same",
    mean: { verdict: "unresolved" },
  });
});

test("time in which others ran is taken from a round's mean where the file tells it", () => {
  const [base, head] = [withCalls(1, none), withCalls(2, none)];
  const waited = (told: boolean): Results => ({
    ...head,
    rounds: head.rounds.map((round) => {
      const wait = round.round % 3 === 0 ? 5 * round.samples[3] : 0;
      const samples = round.samples.with(3, round.samples[3] + wait);
      return { ...round, samples, ...(told ? { waited_s: wait } : {}) };
    }),
  });
  expect(cellOf(base, waited(true))).toMatchObject({ verdict: "same" });
  expect(cellOf(base, waited(false)).verdict).not.toBe("same");
});

test("under six rounds nothing is said of the mean, either", () => {
  const cell = cellOf(withCalls(1, none, 20, 5), withCalls(2, every(2, 1), 20, 5));
  expect(cell.mean).toMatchObject({
    verdict: "unresolved",
    detectable: null,
    time: { low: null, high: null },
  });
});
