import { expect, test } from "vitest";
import { randomStream } from "../../../src/core/random.ts";
import { compareBlocks } from "../../../src/gate/judge/compare-blocks.ts";
import { proportionInterval } from "../../../src/stats/proportion-interval.ts";
import { detectionPower } from "../../../src/stats/two-stage-power.ts";
import { blockFile, cellName, onlyCell, type World } from "./block-file.ts";

// The rule alone is simulated over thousands of runs in stats/; here a file goes through the whole judgement.
const strict = { accepted: new Set<never>(), acceptMissing: false };
const gates = (runs: number, seed: number, world: World) =>
  Array.from({ length: runs }, (_, run) => compareBlocks(blockFile({ ...world, seed: seed + run }), strict));

test.each([0.005, 0.01, 0.02, 0.03])(
  "with blocks that scatter by %d no gate of unchanged code reports a change, and hardly one says nothing",
  (noise) => {
    const found = gates(30, Math.round(10_000 * noise), { cells: 10, noise });
    expect(found.filter(({ outcome }) => outcome === "regressed")).toEqual([]);
    const changed = found.flatMap(({ cells }) =>
      cells.filter(({ verdict }) => /slower|faster/.test(verdict)),
    );
    expect(changed).toEqual([]);
    const fine = found.filter(({ outcome }) => outcome === "fine").length;
    expect(fine).toBeGreaterThanOrEqual(26);
  },
);

test("nor do disturbed pairs that are known bring one about, however many there are", () => {
  const random = randomStream(31);
  const disturbed = () => [0, 1, 2, 3, 4].filter(() => random.uniform() < 0.3);
  const found = gates(30, 77, { cells: 6, noise: 0.02, disturbed });
  expect(found.filter(({ outcome }) => outcome === "regressed")).toEqual([]);
});

test.each([
  { effect: 0.05, noise: 0.02 },
  { effect: 0.05, noise: 0.03 },
  { effect: 0.1, noise: 0.03 },
])(
  "a slow-down of $effect in noise of $noise is found as often as predicted, and in its cell",
  ({ effect, noise }) => {
    const runs = 80;
    const found = gates(runs, 9000, { cells: 4, noise, ratio: onlyCell(2, 1 + effect) });
    const slower = found.map(({ cells }) => cells.filter(({ verdict }) => verdict === "slower"));
    const caught = slower.filter((cells) => cells.length === 1 && cells[0].case === cellName(2)).length;
    expect(slower.flat().filter((cell) => cell.case !== cellName(2))).toEqual([]);
    // One cell that changed and three that hardly ever are sent on as well: k is nearly always 1.
    const predicted = detectionPower(effect, noise, 1);
    const { low, high } = proportionInterval(caught, runs, 0.999);
    expect(predicted).toBeGreaterThan(low);
    expect(predicted).toBeLessThan(high + 0.02);
    expect(caught / runs).toBeGreaterThan(0.9 - 0.05);
  },
);

test("a bias of the second load shows in the null arm before it shows in a verdict", () => {
  const ratio: World["ratio"] = ({ against }) => (against === "yardstick" ? 1 : 1.06);
  const found = gates(30, 500, { cells: 4, noise: 0.01, ratio });
  expect(new Set(found.map(({ outcome }) => outcome))).toEqual(new Set(["inconclusive"]));
});
