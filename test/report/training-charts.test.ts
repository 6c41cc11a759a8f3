import { describe, expect, test } from "vitest";
import type { Results } from "../../src/record/case-row.ts";
import type { Chart } from "../../src/report/charts/chart.ts";
import { trainingCrossovers as trainingCrossoversOver } from "../../src/report/charts/training/crossovers.ts";
import { passes } from "../../src/report/charts/training/passes.ts";
import { savedBytes } from "../../src/report/charts/training/saved.ts";
import { renderSvg } from "../../src/report/svg.ts";
import { chartsOf } from "../../src/report/topics/index.ts";
import { WORDS } from "../../src/report/words.ts";
import { hostileBackward, hostileTraces, hostileTraining, unprintables } from "./hostile-results.ts";
import { sampleResults } from "./sample-results.ts";
import { sampleBackward, sampleTraining, type TrainingOptions } from "./sample-training.ts";
import { xmlFault } from "./xml-fault.ts";

const trainingCrossovers = trainingCrossoversOver(WORDS.training);

type Row = Readonly<Record<string, unknown>>;

function rowsOf(chart: Chart, results: Results): readonly Row[] {
  return JSON.parse(JSON.stringify(chart.spec(results)))?.data.values ?? [];
}

async function drawn(chart: Chart, results: Results): Promise<string> {
  const warnings: string[] = [];
  const spec = chart.spec(results);
  if (spec === null) throw new Error("there is a chart to draw");
  const svg = await renderSvg(spec, (message) => warnings.push(message));
  expect(warnings).toEqual([]);
  return svg;
}

test("a file of training has the charts of passes, drawn of both passes, and two that no other has", () => {
  const results = sampleTraining({ noise: 0, variants: 2 });
  const charts = chartsOf(results);
  expect(new Set(charts.map(({ id }) => id)).size).toBe(charts.length);
  expect(charts.map(({ id }) => id)).toEqual(
    expect.arrayContaining(["time", "speedup", "ceiling", "ideal", "training-crossovers", "passes"]),
  );
  const times = rowsOf(charts.find(({ id }) => id === "time") ?? passes, results);
  expect(new Set(times.map((row) => row.series))).toEqual(new Set(["full", "local"]));
  const alone = rowsOf(
    chartsOf(sampleResults()).find(({ id }) => id === "time") ?? passes,
    sampleResults({ noise: 0, variants: 2 }),
  );
  for (const [at, row] of times.entries()) expect(row.seconds).toBeGreaterThan(2 * Number(alone[at].seconds));
});

test("a file of gradients has what is saved for them beside the charts of passes", () => {
  const ids = chartsOf(sampleBackward()).map(({ id }) => id);
  expect(ids).toEqual(expect.arrayContaining(["time", "speedup", "saved-bytes", "workspace"]));
  expect(ids).not.toContain("passes");
  expect(chartsOf(sampleResults()).map(({ id }) => id)).not.toContain("saved-bytes");
});

describe.each([
  { chart: trainingCrossovers, sample: sampleTraining, hostile: hostileTraining },
  { chart: passes, sample: sampleTraining, hostile: hostileTraining },
  { chart: savedBytes, sample: sampleBackward, hostile: hostileBackward },
])("the chart $chart.id", ({ chart, sample, hostile }) => {
  test("is null where nothing was measured, and where there are forward passes alone", () => {
    const alter: TrainingOptions["alter"] = (line) => ({ ...line, outcome: "failed", reason: "red" });
    expect(chart.spec(sample({ alter }))).toBeNull();
    expect(chart.spec(sampleResults())).toBeNull();
  });

  test.each([
    ["seven variants", { variants: 7 }],
    ["two kernels", { kernels: ["js", "wasm"] }],
    ["one length, without intervals", { lengths: [1000], rounds: 2 }],
    [
      "a length that failed in training",
      {
        alter: (line) =>
          line.length === 1024 && line.mode !== undefined
            ? { ...line, outcome: "failed", reason: "red" }
            : line,
      },
    ],
  ] as readonly [string, TrainingOptions][])("is drawn without a word from Vega: %s", async (_, options) => {
    const svg = await drawn(chart, sample(options));
    expect(svg).not.toMatch(/NaN|undefined|null|Infinity/);
    expect(svg).toContain(">local");
  });

  test("holds no hostile string as markup or control character", async () => {
    const svg = await drawn(chart, hostile());
    expect(hostileTraces(svg)).toEqual([]);
    expect(unprintables(svg)).toEqual([]);
    expect(xmlFault(svg)).toBeNull();
  });
});

test("the parts of a bar meet, and end at the time of both passes", () => {
  const results = sampleTraining({ noise: 0 });
  const bars = rowsOf(passes, results);
  for (const row of results.rows.filter(({ mode }) => mode === "train")) {
    const [first, second] = bars.filter(
      ({ series, length }) => series === row.variant && length === row.length,
    );
    expect([first.part, first.from, first.to, second.part]).toEqual([
      "forward pass",
      0,
      second.from,
      "backward pass",
    ]);
    expect(second.to).toBe(row.median_s);
    expect([first.share_to, second.share_to]).toEqual([second.share_from, 1]);
  }
});

test("weights of all pairs are drawn where there are pairs, four bytes each", () => {
  const results = sampleBackward({ noise: 0, variants: 7 });
  for (const row of rowsOf(savedBytes, results)) {
    const { pairs = null } =
      results.rows.find(({ variant, length }) => variant === row.series && length === row.length) ?? {};
    expect(row.weights).toBe(pairs === null ? null : 4 * pairs);
  }
});
