import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Results } from "../../src/record/case-row.ts";
import { mergeRuns } from "../../src/record/collection/merge-runs.ts";
import { withLimits } from "../../src/record/limit-columns.ts";
import { comparedWith, isBaseline } from "../../src/record/schema/baseline.ts";
import { crossingOf } from "../../src/report/crossing.ts";
import { seriesOf } from "../../src/report/series.ts";
import { speedUp } from "../../src/report/speed-up.ts";
import { unitCharts } from "../../src/report/topics/index.ts";
import { WORDS, wordsOver } from "../../src/report/words.ts";
import { writeReport } from "../../src/report/write-report.ts";
import { roundMedians } from "../../src/stats/round-medians.ts";
import { scratchFolder } from "../input/scratch-folder.ts";
import { sampleShards } from "../record/collection/sample-collection.ts";
import { partsOf } from "./page-parts.ts";
import { sampleDecode } from "./sample-decode.ts";
import { sampleLayers } from "./sample-layers.ts";
import { sampleResults } from "./sample-results.ts";
import { sampleBackward, sampleTraining } from "./sample-training.ts";

const folder = scratchFolder();

/** The same results of a sweep whose plan names `local`. */
function overLocal<R extends Results>(results: R): R {
  return { ...results, rows: withLimits(results.rows, results.run.environment, "local") };
}

/**
 * Where a text compares with full attention by name. Errors are distances to it, and bytes are told of it, whatever speeds are
 * over.
 */
const OVER_FULL =
  /\b(over|than|together with|beside|as fast as|compared with|overtakes|(time|work|projections|layer) of) full\b/gi;

const samples = {
  passes: sampleResults(),
  training: sampleTraining(),
  gradients: sampleBackward(),
  tokens: sampleDecode(),
  layers: sampleLayers(),
} as const;

describe.each(Object.entries(samples))("a report of %s over local", (name, results) => {
  const series = seriesOf(overLocal(results).rows);
  const before = seriesOf(results.rows);

  test("has local as its only baseline, and as that of all in its company", () => {
    expect(new Set(series.filter(isBaseline).map(({ variant }) => variant))).toEqual(new Set(["local"]));
    for (const one of series)
      expect([one.baseline?.variant, one.baseline]).toContain(one.baseline && "local");
    expect(series.some(({ baseline }) => baseline !== null)).toBe(true);
  });

  test("has speed-ups that are those over full, over that of local", () => {
    let compared = 0;
    for (const [at, one] of series.entries()) {
      for (const { length } of one.rows) {
        const [own, over] = [speedUp(one, length)?.ratio, speedUp(before[at], length)?.ratio];
        const local = before[at].baseline === null ? undefined : one.baseline;
        const localOverFull =
          local == null
            ? undefined
            : speedUp(
                before[series.indexOf(series.find(({ label }) => label === local.label) ?? one)],
                length,
              )?.ratio;
        if (own === undefined || over === undefined || localOverFull === undefined) continue;
        compared++;
        expect(own / (over / localOverFull)).toBeCloseTo(1, 1);
      }
    }
    expect(compared).toBeGreaterThan(3);
  });

  test("says so in its page, its summary and its tables, and names full nowhere as what speeds are over", async () => {
    const out = join(folder.path, name);
    await writeReport([overLocal(results)], out, { formats: ["html", "md", "tex"] });
    const { markup } = partsOf(await readFile(join(out, "index.html"), "utf8"));
    const texts = [markup, await readFile(join(out, "summary.md"), "utf8")];
    for (const text of texts) {
      expect(text.match(OVER_FULL)).toBeNull();
      expect(text).toContain("over local");
    }
    expect(markup).toContain("compared with local");
  });
});

test("the same texts do name full where that is what speeds are over, so that the test above can fail", async () => {
  const out = join(folder.path, "usual");
  await writeReport([samples.passes], out, { formats: ["html", "md"] });
  const { markup } = partsOf(await readFile(join(out, "index.html"), "utf8"));
  expect(markup.match(OVER_FULL)?.length).toBeGreaterThan(5);
});

test("the ideal speed-up is by the work of the baseline: 1 for itself, and less for full attention", () => {
  const rows = overLocal(sampleResults({ noise: 0 })).rows;
  for (const row of rows) {
    if (row.variant === "local") expect(row.ideal_speedup).toBe(1);
    if (row.variant === "full" && row.length > 1000) expect(row.ideal_speedup).toBeLessThan(1);
    const { ideal_speedup: usual } =
      sampleResults({ noise: 0 }).rows.find((one) => one.case === row.case) ?? {};
    const local = sampleResults({ noise: 0 }).rows.find(
      (one) => one.variant === "local" && one.length === row.length,
    );
    expect(row.ideal_speedup).toBeCloseTo((usual ?? 0) / (local?.ideal_speedup ?? 0), 9);
  }
});

test("full attention may gain on what it is compared with, and is then told from where", () => {
  const results = overLocal(sampleResults({ noise: 0 }));
  const full = seriesOf(results.rows).find(({ variant }) => variant === "full");
  if (full === undefined) throw new Error("full was measured");
  // 256·N² and 256·257·N are the same at 257: below that full is the faster one, at 256 just so, and it stays slower.
  expect(crossingOf(full, roundMedians(results.rounds))?.kind).toBe("never");
  expect(speedUp(full, 256)?.ratio).toBeGreaterThan(1);
});

test("shards that name a baseline are merged into results over it", () => {
  const [first, ...others] = sampleShards([
    { baseline: "local", variants: ["local", "linear"] },
    { baseline: "local", variants: ["local", "linear"] },
  ]);
  const { rows } = mergeRuns("zoo", [first, ...others]);
  expect(new Set(rows.map(comparedWith))).toEqual(new Set(["local"]));
  expect(rows.filter(isBaseline).map(({ variant }) => variant)).toContain("local");
  const usual = mergeRuns("zoo", sampleShards([{}, {}])).rows;
  expect(new Set(usual.map(comparedWith))).toEqual(new Set(["full"]));
  for (const row of usual) expect(row).not.toHaveProperty("compared_with");
});

test("words over full attention are the usual ones, and all words are made for the name", () => {
  expect(JSON.stringify(wordsOver("full"))).toBe(JSON.stringify(WORDS));
  for (const words of Object.values(wordsOver("elsewhere"))) {
    expect(words.baseline).toBe("elsewhere");
    expect(JSON.stringify({ ...words, limits: words.limitsAt("4k") }).match(OVER_FULL)).toBeNull();
  }
  expect(unitCharts("pass").map(({ title }) => title)).toContain("Speed-up over full");
});
