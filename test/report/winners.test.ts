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

test("where nothing was measured nobody wins, and alone nobody is compared", () => {
  const failed = sampleResults({ alter: (line) => ({ ...line, outcome: "failed", reason: "red" }) });
  expect([...winnersOf(seriesOf(failed.rows)).values()]).toEqual([[]]);
  const { rows } = sampleResults({ variants: 2, lengths: [256] });
  const [[alone]] = winnersOf(seriesOf(rows.filter(({ variant }) => variant === "local"))).values();
  expect(alone.speedUp).toBeNull();
});
