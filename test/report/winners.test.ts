import { expect, test } from "vitest";
import { seriesOf } from "../../src/report/series.ts";
import { winnersOf } from "../../src/report/winners.ts";
import { sampleResults } from "./sample-results.ts";

test("at each measured length the winner has the least time of its setting", () => {
  const { rows } = sampleResults({ lengths: [256, 1024, 4096], kernels: ["js", "wasm"] });
  const heads = rows.flatMap((row) => [row, { ...row, heads: 4, median_s: (row.median_s ?? 0) * 5 }]);
  const winners = winnersOf(seriesOf(heads));
  expect([...winners.keys()]).toEqual(["1 head", "4 heads"]);
  for (const [setting, found] of winners) {
    expect(found.map(({ length }) => length)).toEqual([256, 1024, 4096]);
    for (const { length, row } of found) {
      const rivals = heads.filter(
        (one) => one.length === length && `${one.heads} head` === setting.slice(0, 6),
      );
      expect(row.median_s).toBe(Math.min(...rivals.map((one) => one.median_s ?? Number.NaN)));
    }
  }
});

test("of those that cannot be told apart the one with the least median is compared with the baseline", () => {
  const { rows } = sampleResults({ variants: 3, lengths: [1024] });
  const [full, local, stride] = rows;
  const alike = [
    full,
    { ...local, median_s: 0.03, low_s: 0.01, high_s: 0.04 },
    { ...stride, median_s: 0.02, low_s: 0.01, high_s: 0.04 },
  ];
  const [[winner]] = winnersOf(seriesOf(alike)).values();
  expect(winner.series.map(({ variant }) => variant)).toEqual(["stride", "local"]);
  expect(winner.row.variant).toBe("stride");
  expect(winner.speedUp?.ratio).toBeCloseTo((full.median_s ?? 0) / 0.02, 12);
});

test("where nothing was measured nobody wins, and alone nobody is compared", () => {
  const failed = sampleResults({ alter: (line) => ({ ...line, outcome: "failed", reason: "red" }) });
  expect([...winnersOf(seriesOf(failed.rows)).values()]).toEqual([[]]);
  const { rows } = sampleResults({ variants: 2, lengths: [256] });
  const [[alone]] = winnersOf(seriesOf(rows.filter(({ variant }) => variant === "local"))).values();
  expect(alone.speedUp).toBeNull();
});
