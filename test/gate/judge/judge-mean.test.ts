import { expect, test } from "vitest";
import { calibrationOf } from "../../../src/gate/judge/calibration.ts";
import { compareBlocks } from "../../../src/gate/judge/compare-blocks.ts";
import { GATE_RULE } from "../../../src/stats/two-stage-rule.ts";
import {
  blockFile,
  cellName,
  type EntryPlace,
  mapEntries,
  only,
  onlyCell,
  type World,
} from "./block-file.ts";

const strict = { accepted: new Set<never>(), acceptMissing: false };
const judge = (world: World) => compareBlocks(blockFile(world), strict);
const verdictsOf = ({ cells }: ReturnType<typeof judge>) => cells.map(({ verdict }) => verdict);

/** A cost in head on one call in `every`, of so many usual calls; four calls stand behind a pair. */
function rarely(every: number, cost: number): NonNullable<World["rare"]> {
  return ({ cell, against }, _, random) => {
    if (cell !== cellName(1) || against !== "head") return 0;
    const costly = [0, 1, 2, 3].filter(() => random.uniform() * every < 1).length;
    return (costly * cost) / 4;
  };
}

test.each([
  [7, 0.6],
  [12, 1],
  [50, 5],
])("a cost on one call in %i is a regression, though the medians are the same", (every, cost) => {
  const found = judge({ cells: 3, pairs: 100, rare: rarely(every, cost) });
  expect(verdictsOf(found)).toEqual(["same", "slower", "same"]);
  const [, cell] = found.cells;
  expect(cell).toMatchObject({
    medianVerdict: "same",
    note: "slower in the mean, by costs on few calls: the median is the same",
    mean: { verdict: "slower", calls: 400, note: null },
  });
  expect(cell.time.ratio).toBeCloseTo(1, 1);
  expect(cell.mean?.time.ratio).toBeGreaterThan(1.05);
  expect(found).toMatchObject({
    outcome: "regressed",
    headline: "regressed: 1 of 3 cells slower, 2 unchanged",
    reasons: [`1 cell slower or broken: ${cellName(1)}`],
  });
});

test("a cost that is gone is an improvement, which the medians do not show either", () => {
  const rare = rarely(12, 1);
  const found = compareBlocks(
    mapEntries(blockFile({ cells: 3, pairs: 100, rare }), ({ means, ...entry }) => {
      if (means === undefined || entry.against !== "head") return { ...entry, ...(means ? { means } : {}) };
      return { ...entry, means: { ...means, base_s: means.head_s, head_s: means.base_s } };
    }),
    strict,
  );
  expect(verdictsOf(found)).toEqual(["same", "faster", "same"]);
  expect(found.outcome).toBe("fine");
});

test("a slow-down of every call shows in the median and in the mean, and has no note", () => {
  const [, cell] = judge({ cells: 3, ratio: onlyCell(1, 1.06) }).cells;
  expect(cell).toMatchObject({ verdict: "slower", medianVerdict: "slower", note: null });
  expect(cell.mean?.verdict).toBe("slower");
});

test("a median that is faster does not make up for a mean that is slower", () => {
  const found = judge({ cells: 3, pairs: 100, ratio: onlyCell(1, 0.93), rare: rarely(12, 2.4) });
  expect(found.cells[1]).toMatchObject({
    verdict: "slower",
    medianVerdict: "faster",
    note: "slower in the mean, by costs on few calls, though faster in the median",
  });
});

test("a mean that scatters too widely is not judged, and the same is said of the median alone", () => {
  const found = judge({ cells: 4, meanNoise: 0.15, seed: 5 });
  for (const cell of found.cells) {
    expect(cell.verdict).not.toBe("same");
    expect(cell.medianVerdict).toBe("same");
  }
  expect(found.outcome).not.toBe("regressed");
  const quiet = found.cells.find(({ verdict }) => verdict === "same-median");
  expect(quiet?.note).toMatch(/^the mean is too noisy to be judged|^it may be slower in the mean/);
});

test("what an older version wrote holds no means: its medians are judged as they were, and that is said", () => {
  const world = { cells: 5, ratio: onlyCell(1, 1.06), noise: 0.02 };
  const [older, newer] = [false, true].map((means) => judge({ ...world, means }));
  expect(older.cells.map(({ medianVerdict }) => medianVerdict)).toEqual(
    newer.cells.map(({ medianVerdict }) => medianVerdict),
  );
  expect(verdictsOf(older)).toEqual(["same-median", "slower", ...Array(3).fill("same-median")]);
  expect(older.cells.every(({ mean }) => mean === null)).toBe(true);
  expect(older.headline).toBe("regressed: 1 of 5 cells slower, 4 unchanged in the median");
  expect(older.remarks).toContain(
    "the file, written by an older version, holds no means: costs on few calls were not looked for",
  );
});

test("a costly call counts though its thread was interrupted in it, and what others ran in the meantime does not", () => {
  // Every pair of base and of head is disturbed now and then; costly ones of head always.
  const rare = rarely(12, 4);
  const blocks = blockFile({ cells: 2, pairs: 100, rare, disturbed: ({ block }) => [block, block + 7] });
  const interrupted = mapEntries(blocks, ({ means, ...entry }) => {
    if (means === undefined) return entry;
    const costly = means.head_s.flatMap((mean, at) => (mean > 1.5 * entry.head_s[at] ? [at] : []));
    const wait = (times: number[], at: number) => times[at] + (costly.includes(at) ? 0.02 / means.calls : 0);
    return {
      ...entry,
      disturbed: [...new Set([...entry.disturbed, ...costly])],
      means: {
        ...means,
        head_s: means.head_s.map((_, at) => wait(means.head_s, at)),
        head_waited_s: means.head_waited_s.map((seconds, at) => seconds + (costly.includes(at) ? 0.02 : 0)),
      },
    };
  });
  const [plain, kept] = [blocks, interrupted].map((one) => compareBlocks(one, strict).cells[1]);
  expect(kept.verdict).toBe("slower");
  expect(kept.mean?.time.ratio).toBeCloseTo(plain.mean?.time.ratio ?? 0, 6);
});

test("pairs that the hypervisor disturbed are left out of the means, and a block of little else", () => {
  const wild = (stolen: readonly number[]) =>
    mapEntries(blockFile({ cells: 2, pairs: 20, stolen: () => stolen }), ({ means, ...entry }) => {
      if (means === undefined) return entry;
      const lost = new Set(stolen);
      return {
        ...entry,
        means: { ...means, head_s: means.head_s.map((one, at) => (lost.has(at) ? 50 * one : one)) },
      };
    });
  const few = compareBlocks(wild([3, 4]), strict);
  expect(verdictsOf(few)).toEqual(["same", "same"]);
  expect(few.cells[0].mean?.calls).toBe(4 * 18);
  const most = compareBlocks(wild(Array.from({ length: 16 }, (_, at) => at)), strict);
  expect(verdictsOf(most)).toEqual(["same-median", "same-median"]);
});

test.each([
  ["base against itself", (place: EntryPlace) => (place.against === "twin" ? 0.08 : 0)],
  ["the mean of the fixed kernel", (place: EntryPlace) => (place.against === "yardstick" ? 0.08 : 0)],
])(
  "where %s moves in the mean no mean is believed, and one that looks slower makes it inconclusive",
  (who, rare) => {
    const calm = judge({ cells: 3, pairs: 20, rare });
    expect(verdictsOf(calm)).toEqual(Array(3).fill("same-median"));
    expect(calm.outcome).toBe("fine");
    expect(calm.remarks[0]).toMatch(new RegExp(`^no mean was judged: ${who}`));
    const both = judge({
      cells: 3,
      pairs: 20,
      rare: (place) => rare(place) + (onlyCell(1, 2)(place) - 1) / 8,
    });
    expect(verdictsOf(both)[1]).toBe("same-median");
    expect(both.outcome).toBe("inconclusive");
    expect(both.reasons[0]).toMatch(/it looks slower in the mean, but/);
  },
);

test("a mean that looks slower and is not proven is inconclusive, never fine", () => {
  // A quarter of the blocks of stage 2 pay much: 4 % in the mean and no proof.
  const rare = onlyCell(0, ({ stage, block }) => (stage === 1 ? 1.06 : block % 4 === 0 ? 1.17 : 1));
  const found = judge({ cells: 4, noise: 0.001, rare: (place) => rare(place) - 1 });
  expect(found.cells[0]).toMatchObject({
    verdict: "same-median",
    note: expect.stringMatching(/may be slower in/),
  });
  expect(found.outcome).toBe("inconclusive");
  expect(found.reasons).toEqual([`${cellName(0)}: ${found.cells[0].note}`]);
});

test("under 3 % in the mean is never called a change, and a run that is spoiled says nothing of means", () => {
  const small = judge({ cells: 3, noise: 1e-4, rare: (place) => onlyCell(1, 1.028)(place) - 1 });
  expect(verdictsOf(small)).toEqual(Array(3).fill("same"));
  const spoiled = judge({ cells: 3, ratio: only("twin", 1.1), rare: (place) => onlyCell(1, 1.2)(place) - 1 });
  expect(spoiled.outcome).toBe("inconclusive");
  expect(spoiled.cells.map(({ mean }) => mean?.verdict)).toEqual(Array(3).fill("unresolved"));
});

test("a calibration tells of each cell what its means scatter by, and counts a changed mean as a false alarm", () => {
  const calm = calibrationOf(blockFile({ cells: 2, runs: 3, meanNoise: 0.02 }));
  for (const { mean } of calm.cells) {
    expect(mean?.deviation).toBeGreaterThan(0.01);
    expect(mean?.deviation).toBeLessThan(0.04);
    expect(mean?.detectable).toBeGreaterThan(GATE_RULE.least);
  }
  expect(calm.falseAlarms.count).toBe(0);
  const alarmed = calibrationOf(blockFile({ cells: 2, pairs: 100, runs: 3, rare: rarely(12, 1) }));
  expect(alarmed.falseAlarms).toMatchObject({ count: 3, of: 3 });
  expect(calibrationOf(blockFile({ cells: 2, means: false })).cells[0].mean).toBeNull();
});
