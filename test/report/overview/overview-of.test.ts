import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { placeSorter } from "../../../src/library/collection/places.ts";
import { summarize } from "../../../src/record/case-row.ts";
import { overviewCollector } from "../../../src/report/overview/collector.ts";
import type { Overview } from "../../../src/report/overview/overview.ts";
import { overviewOf } from "../../../src/report/overview/overview-of.ts";
import { overviewMarkdown } from "../../../src/report/overview/summary.ts";
import { gains } from "../../../src/report/overview/topics/gains.ts";
import { rowAt, seriesOf } from "../../../src/report/series.ts";
import { speedUp } from "../../../src/report/speed-up.ts";
import { examples } from "../../examples.ts";
import { type SampleShard, sampleShards } from "../../record/collection/sample-collection.ts";

/** The overview of these shards, read in this order. */
function overviewIn(shards: ReturnType<typeof sampleShards>): Overview {
  const sorter = placeSorter("sample.jsonl");
  const collector = overviewCollector();
  for (const { run, lines } of shards) collector.take(sorter.take(run), summarize("sample", run, lines));
  return overviewOf("sample", sorter.places(), collector.end()).overview;
}

const overview = (...shards: readonly SampleShard[]) => overviewIn(sampleShards(shards));

/** Full attention takes so many times as long as others. */
const gaining = (gain: number) => (variant: string) => (variant === "full" ? 1e-3 * gain : 1e-3);

const cellOf = ({ lines, places }: Overview, machine: string, variant: string, length: number) =>
  lines
    .find((line) => places[line.place].machine === machine && line.variant === variant)
    ?.cells.find((cell) => cell.length === length);

test("a cell is the median over settings of speed-ups within shards, with its range and where its ends are", () => {
  const found = overview(...[2, 3, 10].map((gain, at) => ({ headDim: 16 << at, seconds: gaining(gain) })));
  const cell = cellOf(found, "here", "local", 128);
  expect(cell).toMatchObject({ settings: 3 });
  expect(cell?.median).toBeCloseTo(3, 9);
  expect([cell?.low.value, cell?.high.value].map((value) => Math.round(value ?? 0))).toEqual([2, 10]);
  expect(found.facets[cell?.low.facet ?? -1].name).toBe("machine=here,head-dim=16");
  expect(found.facets[cell?.high.facet ?? -1].name).toBe("machine=here,head-dim=64");
});

test("repeats of a setting are one setting, at their median", () => {
  const found = overview(
    ...[1, 2, 30].map((gain, repeat) => ({ repeat, headDim: 16, seconds: gaining(gain) })),
    { headDim: 32, seconds: gaining(4) },
  );
  const cell = cellOf(found, "here", "local", 64);
  expect(cell?.median).toBeCloseTo(3, 9);
  expect(cell?.high.value).toBeCloseTo(4, 9);
  expect(found.facets.map(({ shards, rows }) => [shards, rows])).toEqual([
    [3, 6],
    [1, 6],
  ]);
});

test("what a setting changes is told axis by axis, and classes stand beside one another in the settings that all have", () => {
  const found = overview(
    { machine: "a", causal: false, headDim: 16, seconds: gaining(2) },
    { machine: "a", causal: true, headDim: 16, seconds: gaining(8) },
    { machine: "b", causal: false, headDim: 16, seconds: gaining(5) },
  );
  expect(found.axes).toEqual([{ name: "causal", values: ["false", "true"] }]);
  const [a, b] = ["a", "b"].map((machine) => cellOf(found, machine, "local", 256));
  expect(a?.byAxis[0].map((value) => Math.round(value ?? 0))).toEqual([2, 8]);
  expect(a?.median).toBeCloseTo(5, 9);
  expect(a?.shared).toBeCloseTo(2, 9);
  expect(b?.shared).toBeCloseTo(5, 9);
  expect(found.lacking).toEqual([{ place: 1, settings: 1, example: "machine=a,causal=true" }]);
});

test("a machine that drifts changes no speed-up, and its drift is told", () => {
  const drifting = (pace: number, repeat: number): SampleShard => ({
    repeat,
    seconds: (variant) => pace * gaining(4)(variant),
  });
  const found = overview(drifting(1, 0), drifting(1.5, 1));
  expect(cellOf(found, "here", "local", 64)?.median).toBeCloseTo(4, 9);
  expect(found.facets[0].drift).toBeCloseTo(1.5, 9);
});

test("the order in which shards are read changes nothing", () => {
  const shards = sampleShards([
    { machine: "b", headDim: 32 },
    { machine: "a", headDim: 16, variants: ["linear", "local"] },
    { machine: "a", headDim: 128, causal: true },
    { machine: "a", headDim: 128, causal: true, repeat: 1 },
    {
      machine: "b",
      headDim: 16,
      alter: (line) => ({ ...line, outcome: "skipped", reason: `took ${line.length} s` }),
    },
  ]);
  const plain = ({ facets, ...rest }: Overview) => ({
    ...rest,
    facets: facets.map(({ setting: _, values, ...facet }) => ({ ...facet, values: [...values] })),
    // That of the first that was read.
    reasons: rest.reasons.map(({ text: _, ...reason }) => reason),
  });
  const expected = plain(overviewIn(shards));
  fc.assert(
    fc.property(fc.shuffledSubarray([...shards], { minLength: shards.length }), (shuffled) => {
      const [first, ...others] = shuffled;
      expect(plain(overviewIn([first, ...others]))).toEqual(expected);
    }),
  );
});

test("with any baseline its own line holds seconds and no ratio, and every other the ratios that a shard's report has", () => {
  const variants = ["full", "local", "linear"];
  fc.assert(
    fc.property(
      fc.constantFrom(undefined, "local", "linear"),
      fc.tuple(...variants.map(() => fc.integer({ min: 1, max: 99 }))),
      (baseline, paces) => {
        const seconds = (variant: string, length: number) =>
          1e-7 * paces[variants.indexOf(variant)] * Math.sqrt(length);
        const shards = sampleShards([
          { variants: ["local", "linear"], seconds, ...(baseline !== undefined && { baseline }) },
        ]);
        const found = overviewIn(shards);
        const [{ run, lines }] = shards;
        const reported = seriesOf(summarize("sample", run, lines).rows);
        expect(found.lines.filter(({ isBaseline }) => isBaseline).map(({ variant }) => variant)).toEqual([
          baseline ?? "full",
        ]);
        expect(found.baseline).toBe(baseline ?? "full");
        for (const { variant, isBaseline, cells } of found.lines) {
          const series = reported.find((one) => one.variant === variant);
          for (const { length, median } of cells) {
            const expected = isBaseline
              ? rowAt(series ?? null, length)?.median_s
              : series && speedUp(series, length)?.ratio;
            expect(median).toBe(expected);
          }
          expect(cells).toHaveLength(3);
        }
        const best = variants
          .filter((variant) => variant !== (baseline ?? "full"))
          .map((variant) => paces[variants.indexOf(variant)])
          .reduce((a, b) => Math.min(a, b));
        const [own] = [paces[variants.indexOf(baseline ?? "full")]];
        expect(found.facets[0].best?.gain).toBeCloseTo(own / best, 6);
        const told = overviewMarkdown(found, null).text;
        const row = told.split("\n").find((line) => line.startsWith(`| ${baseline ?? "full"} |`));
        expect(row).toMatch(/ [µm]s/);
        expect(row).not.toMatch(/×|\dx/);
      },
    ),
    examples(20),
  );
});

test("cases whose kernel did not measure the baseline are counted and told, as they are in no table", () => {
  const found = overview({
    baseline: "local",
    variants: ["local", "linear"],
    alter: (line) => (line.variant === "linear" ? { ...line, kernel: "wasm" } : line),
  });
  expect(found.uncompared).toEqual([{ kernel: "wasm", cases: 3 }]);
  expect(found.lines.map(({ variant }) => variant)).toEqual(["full", "local"]);
  expect(gains.answer(found)).toMatch(
    /^What gains most: .*\. 3 measured cases by wasm have no speed-up, since local was not measured by wasm in the same shard\.$/,
  );
  expect(gains.answer(overview({}))).not.toMatch(/no speed-up/);
});

describe("cases without a time", () => {
  test("are counted with their reasons, of which numbers may differ", () => {
    const found = overview({
      variants: ["local", "linear"],
      alter: (line) =>
        line.variant === "full"
          ? line
          : line.variant === "local"
            ? { ...line, outcome: "skipped", reason: `would take ${line.length} s` }
            : { ...line, outcome: "failed", reason: "row 3" },
    });
    expect(found.outcomes).toEqual({ measured: 3, failed: 3, unproven: 0, skipped: 3, missing: 0 });
    expect(found.reasons.map(({ outcome, cases, text }) => [outcome, cases, text])).toEqual([
      ["skipped", 3, "would take 64 s"],
      ["failed", 3, "row 3"],
    ]);
  });

  test("are missing if they were planned and no line tells of them", () => {
    const [{ run, lines }] = sampleShards([{ variants: ["local"] }]);
    const cut = lines.filter((line) => !line.case.startsWith("local"));
    expect(overviewIn([{ run, lines: cut }]).outcomes).toMatchObject({ measured: 3, missing: 3 });
  });

  test("of as many reasons as cases fill no memory: some are counted together", () => {
    const letters = (value: number) => [...`${value}`].map((digit) => "abcdefghij"[Number(digit)]).join("");
    const lengths = Array.from({ length: 700 }, (_, at) => at + 1);
    const found = overview({
      lengths,
      alter: (line) => ({ ...line, outcome: "skipped", reason: `${line.variant} ${letters(line.length)}` }),
    });
    expect(found.reasons).toHaveLength(500);
    expect(found.unnamed).toBe(900);
  });
});
