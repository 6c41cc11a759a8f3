import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { CaseRow, Results } from "../../src/record/case-row.ts";
import { worth as sentence } from "../../src/report/answers/worth.ts";
import { worth as worthOver } from "../../src/report/charts/worth.ts";
import { drawCharts } from "../../src/report/drawings.ts";
import { lint } from "../../src/report/lint.ts";
import { renderPage } from "../../src/report/page/page.ts";
import { type Series, seriesOf } from "../../src/report/series.ts";
import { summaryMarkdown } from "../../src/report/summary-markdown.ts";
import { renderSvg } from "../../src/report/svg.ts";
import { worthHeads, worthNote, worthTable } from "../../src/report/tables/worth-table.ts";
import { allCharts, chartsOf } from "../../src/report/topics/index.ts";
import { WORDS } from "../../src/report/words.ts";
import {
  amdahl,
  mostGained,
  projectedShare,
  worthAt,
  worthOf,
  worthwhileFrom,
} from "../../src/report/worth.ts";
import { roundMedians } from "../../src/stats/round-medians.ts";
import { hostileTraces, poisoned, unprintables } from "./hostile-results.ts";
import { partsOf } from "./page-parts.ts";
import { sampleLayers } from "./sample-layers.ts";
import { sampleResults } from "./sample-results.ts";
import { xmlFault } from "./xml-fault.ts";

const worth = worthOver(WORDS.pass);

const layers = sampleLayers({ noise: 0 });
const series = seriesOf(layers.rows);

function named(variant: string, of: readonly Series[] = series): Series {
  const found = of.find((one) => one.variant === variant);
  if (found === undefined) throw new Error(`no series of ${variant}`);
  return found;
}

function rowOf(variant: string, length: number, { rows }: Results = layers): CaseRow {
  const found = rows.find((row) => row.variant === variant && row.length === length);
  if (found === undefined) throw new Error(`no row of ${variant} at ${length}`);
  return found;
}

/** The same results with rows changed. */
function changed(change: (row: CaseRow) => CaseRow, of: Results = layers): Results {
  return { ...of, rows: of.rows.map(change) };
}

describe("Amdahl's law", () => {
  const seconds = fc.double({ min: 1e-6, max: 1e3, noNaN: true });
  const times = fc.double({ min: 0.01, max: 1e4, noNaN: true });

  test("is the time before over the time after, when only one part became faster", () => {
    fc.assert(
      fc.property(seconds, seconds, times, (fixed, part, faster) => {
        const whole = fixed + part;
        const direct = whole / (fixed + part / faster);
        expect(Math.abs(amdahl(part / whole, faster) / direct - 1)).toBeLessThan(1e-9);
      }),
    );
  });

  test("stays below the most that can be gained, and comes as near as one likes", () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-3, max: 1, noNaN: true }), times, (share, faster) => {
        expect(amdahl(1 - share, faster)).toBeLessThanOrEqual(mostGained(share) * (1 + 1e-12));
        expect(amdahl(1 - share, 1e12) / mostGained(share)).toBeCloseTo(1, 6);
      }),
    );
  });
});

describe("what attention is worth in a layer", () => {
  test("is worked out of the times by hand, for every variant and length", () => {
    for (const { variant, length } of layers.rows.filter((row) => row.variant !== "full")) {
      const found = worthAt(named(variant), length);
      const [own, full] = [rowOf(variant, length), rowOf("full", length)];
      const [time, fullTime] = [own.median_s ?? 0, full.median_s ?? 0];
      const [spent, fullSpent] = [own.project_s ?? 0, full.project_s ?? 0];
      expect(found?.layer.ratio).toBeCloseTo(fullTime / time, 12);
      expect(found?.inner).toBeCloseTo((fullTime - fullSpent) / (time - spent), 9);
      expect(found?.share).toBeCloseTo(fullSpent / fullTime, 12);
      expect(found?.ownShare).toBeCloseTo(spent / time, 12);
      // T / (P + (T_v − P_v)), the law with its fractions multiplied out.
      expect(found?.predicted).toBeCloseTo(fullTime / (fullSpent + time - spent), 9);
    }
  });

  test("obeys the law where all spend the same on projections, and gains more where a variant spends less", () => {
    for (const one of series) {
      for (const { layer, predicted } of worthOf(one)) expect(layer.ratio / predicted).toBeCloseTo(1, 2);
    }
    const half = sampleLayers({ noise: 0, projected: (variant) => (variant === "local" ? 0.1 : 0.2) });
    const [local, linear] = ["local", "linear"].map((variant) =>
      worthOf(named(variant, seriesOf(half.rows))),
    );
    for (const { layer, predicted } of local) expect(layer.ratio).toBeGreaterThan(1.02 * predicted);
    for (const { layer, predicted } of linear) expect(layer.ratio / predicted).toBeCloseTo(1, 2);
  });

  test("is told of no baseline, and of nothing that is no layer or whose kernel does not say", () => {
    expect(worthOf(named("full"))).toEqual([]);
    const without: readonly ((row: CaseRow) => CaseRow)[] = [
      ({ project_s: _, ...row }) => row,
      ({ model_dim: _, ...row }) => row,
      (row) => ({ ...row, project_s: 0 }),
      (row) => ({ ...row, project_s: row.median_s ?? 0 }),
      (row) => ({ ...row, project_s: 2 * (row.median_s ?? 0) }),
      (row) => ({ ...row, median_s: null }),
      (row) => ({ ...row, median_s: 0 }),
      (row) => ({ ...row, outcome: "failed" }),
    ];
    for (const change of without) {
      const all = changed(change);
      expect(all.rows.map(projectedShare)).toEqual(all.rows.map(() => null));
      expect(seriesOf(all.rows).flatMap(worthOf)).toEqual([]);
      const one = changed((row) => (row.variant === "full" ? row : change(row)));
      expect(seriesOf(one.rows).flatMap(worthOf)).toEqual([]);
      const baseline = changed((row) => (row.variant === "full" ? change(row) : row));
      expect(seriesOf(baseline.rows).flatMap(worthOf)).toEqual([]);
    }
    expect(seriesOf(layers.rows.filter((row) => row.variant !== "full")).flatMap(worthOf)).toEqual([]);
  });

  test("is compared with the baseline of the same layer only", () => {
    const wide = sampleLayers({ noise: 0, projected: () => 0.4 });
    const rows = [
      ...layers.rows,
      ...wide.rows.map((row) => ({ ...row, model_dim: 1024, case: `${row.case} wide` })),
    ];
    const both = seriesOf(rows).filter((one) => one.variant === "linear");
    expect(both.map(({ label }) => label)).toEqual(["linear · layers 512 wide", "linear · layers 1024 wide"]);
    expect(both.map(worthOf)).toEqual([
      worthOf(named("linear")),
      worthOf(named("linear", seriesOf(wide.rows))),
    ]);
  });
});

describe("the length from which the layer gains 1.5×", () => {
  const times = roundMedians(layers.rounds);

  test("lies on the line between the lengths that it is between, in logarithms", () => {
    const lengths = [256, 512, 1024, 2048, 4096];
    for (const variant of ["local", "global", "linear", "bigbird"]) {
      const gains = lengths.map((length) => worthAt(named(variant), length)?.layer.ratio ?? 0);
      const right = gains.findIndex((gain) => gain > 1.5);
      const [low, high] = [Math.log(gains[right - 1]), Math.log(gains[right])];
      const way = (Math.log(1.5) - low) / (high - low);
      const byHand = lengths[right - 1] * (lengths[right] / lengths[right - 1]) ** way;
      const found = worthwhileFrom(named(variant), times);
      expect(found?.kind).toBe("from");
      expect(found?.crossover?.length).toBeCloseTo(byHand, 6);
    }
  });

  test("has an interval that holds it, and is said to be beyond what was measured where it is", () => {
    const noisy = sampleLayers({ noise: 0.02 });
    const found = worthwhileFrom(named("local", seriesOf(noisy.rows)), roundMedians(noisy.rounds));
    const { length = 0, low, high } = found?.crossover ?? {};
    expect(low).toBeLessThan(length);
    expect(high).toBeGreaterThan(length);
    const kinds = (
      [
        [256, 512],
        [2048, 4096],
      ] as const
    ).map((lengths) => {
      const few = sampleLayers({ noise: 0, lengths });
      return worthwhileFrom(named("local", seriesOf(few.rows)), roundMedians(few.rounds))?.kind;
    });
    expect(kinds).toEqual(["never", "always"]);
  });
});

interface Spec {
  readonly data: { readonly values: readonly Readonly<Record<string, unknown>>[] };
  readonly layer: readonly { readonly data?: Spec["data"]; readonly mark: { readonly type: string } }[];
}

function specOf(of: Results): Spec {
  return JSON.parse(JSON.stringify(worth.spec(of))) as Spec;
}

describe("the chart of worth", () => {
  test("has the attention and the layer of every variant at every length, and where the layer gains 1.5×", () => {
    const { values } = specOf(layers).data;
    for (const one of series) {
      for (const { length, inner, layer } of worthOf(one)) {
        const row = values.find((value) => value.series === one.label && value.length === length);
        expect([row?.inner_gain, row?.layer_gain]).toEqual([inner, layer.ratio]);
        expect(row).toMatchObject({
          attention: expect.stringMatching(/×$/),
          layer: expect.stringMatching(/×$/),
        });
      }
      const mark = values.find((value) => value.series === one.label && "crossing" in value);
      const crossing = worthOf(one).length === 0 ? null : worthwhileFrom(one, roundMedians(layers.rounds));
      const length = crossing?.crossover?.length;
      if (length === undefined) expect(mark).toBeUndefined();
      else expect(Number(mark?.crossing)).toBeCloseTo(length, 6);
    }
  });

  test("has what would be left if attention took no time, once for every baseline", () => {
    const limitsOf = (of: Results) =>
      specOf(of).layer.filter(({ data }) => data?.values.some((value) => "limit" in value));
    const [area, line] = limitsOf(layers);
    expect([area.mark.type, line.mark.type]).toEqual(["area", "line"]);
    expect(line.data?.values).toEqual(
      [256, 512, 1024, 2048, 4096].map((length) => {
        const { median_s, project_s } = rowOf("full", length);
        return { of: "full", length, limit: 1 / ((project_s ?? 0) / (median_s ?? 1)) };
      }),
    );
    const both = limitsOf(sampleLayers({ noise: 0, kernels: ["js", "wasm"] }));
    expect(both.map(({ mark }) => mark.type)).toEqual(["line"]);
    expect(new Set(both[0].data?.values.map((value) => value.of))).toEqual(
      new Set(["full · js", "full · wasm"]),
    );
    const [across] = limitsOf(sampleLayers({ noise: 0, lengths: [1024] })).slice(-1);
    expect(across.mark.type).toBe("rule");
  });

  test.each([
    ["seven variants at five lengths", {}],
    ["twenty variants by two kernels", { variants: 20, kernels: ["js", "wasm"] }],
    ["one length without intervals", { lengths: [1000], rounds: 2 }],
  ] as const)("is drawn without a word from Vega: %s", async (_, options) => {
    const spec = worth.spec(sampleLayers(options));
    if (spec === null) throw new Error("there is a chart to draw");
    const warnings: string[] = [];
    const svg = await renderSvg(spec, (message) => warnings.push(message));
    expect(warnings).toEqual([]);
    expect(svg).not.toMatch(/NaN|undefined|null|Infinity/);
  });

  test("is in a report of layers that say what projections took, and in no other", () => {
    const ids = (of: Results) => chartsOf(of).map(({ id }) => id);
    expect(ids(layers)).toContain("worth");
    expect(ids(sampleResults())).not.toContain("worth");
    expect(ids(sampleLayers({ says: false }))).not.toContain("worth");
    expect(ids(changed((row) => ({ ...row, mode: "decode" as const })))).not.toContain("worth");
    expect(worth.spec(sampleResults())).toBeNull();
    expect(allCharts.map(({ id }) => id)).toContain("worth");
  });
});

describe("a report of layers", () => {
  test("has a table whose numbers obey the law as they stand, to the digits printed", () => {
    const rows = worthTable(series);
    expect(rows).toHaveLength(6 * 5);
    for (const { cells } of rows) {
      expect(cells).toHaveLength(worthHeads("full").length);
      const [inner, layer, predicted, most, share] = cells.map(({ text }) => Number.parseFloat(text));
      expect(amdahl(1 - share / 100, inner) / predicted).toBeCloseTo(1, 1);
      expect(layer / predicted).toBeCloseTo(1, 1);
      expect((most * share) / 100).toBeCloseTo(1, 1);
    }
    expect(worthTable(seriesOf(sampleResults().rows))).toEqual([]);
  });

  test("marks just the layers that gain more than any attention could", () => {
    const marked = (of: Results) =>
      worthTable(seriesOf(of.rows)).map(({ cells: [, layer, , most] }) => ({
        isMarked: layer.text.endsWith(" !"),
        isAbove: Number.parseFloat(layer.text) > Number.parseFloat(most.text),
      }));
    expect(marked(layers).some(({ isMarked }) => isMarked)).toBe(false);
    // A layer whose projections, too, took a tenth of the time.
    const disturbed = changed((row) =>
      row.variant === "linear" && row.length === 4096 && row.median_s !== null && row.project_s !== undefined
        ? { ...row, median_s: row.median_s / 10, project_s: row.project_s / 10 }
        : row,
    );
    const told = marked(disturbed);
    expect(told.filter(({ isMarked }) => isMarked)).toEqual([{ isMarked: true, isAbove: true }]);
    expect(told.every(({ isMarked, isAbove }) => isMarked === isAbove)).toBe(true);
    expect(worthNote("full")).toContain("marked !");
  });

  test("says in one sentence what the attention and the layer gain, the fastest attention first", () => {
    const text = sentence(series, roundMedians(layers.rounds)) ?? "";
    expect(text).toMatch(
      /^At 4k an attention 6\d\.\d× as fast as full's \(linear\) makes the layer 4\.7\d× as fast, 1\.5× from about 5\d\d; /,
    );
    expect(text).toMatch(
      /; 2 more in the table; projections take 20 % of the layer of full, which leaves 5\.0\d× at most\.$/,
    );
    const inner = [...text.matchAll(/([\d.]+)× (?:\(|as fast as full)/g)].map(([, times]) => Number(times));
    expect(inner).toHaveLength(4);
    expect(inner).toEqual(inner.toSorted((a, b) => b - a));
    const many = sampleLayers({ noise: 0, variants: 20 });
    expect(sentence(seriesOf(many.rows), roundMedians(many.rounds))).toContain("; 15 more in the table; ");
    expect(sentence(seriesOf(sampleResults().rows), new Map())).toBeNull();
  });

  test("has the table, the sentence and the width of layers in the page and in Markdown", async () => {
    const page = renderPage([await drawCharts(layers)]);
    const summary = summaryMarkdown([{ results: layers, charts: [] }], "title", null);
    for (const text of [page, summary]) {
      expect(text).toContain("What a faster attention is worth in the layer");
      expect(text).toContain("attention alone");
      expect(text).toContain("layers 512 wide");
      expect(text).toContain("positions sinusoidal");
    }
    expect(page).toContain("memory in addition to tokens, weights and out");
    expect(page).toContain("of which projections");
    expect(page).toContain("80 % of the median");
    expect(summary).toMatch(/\| linear \| 4k \| [\d.]+× \| 4\.7\d× \| 4\.7\d× \| 5\.0\d× \| 20 % \| 94 % \|/);
    const plain = partsOf(renderPage([await drawCharts(sampleResults())])).markup;
    expect(plain).not.toContain("in the layer");
    expect(plain).not.toContain("projections");
  });

  test("holds nothing hostile", async () => {
    const evil = poisoned(sampleLayers({ kernels: ["js", "wasm"], lengths: [256, 1024, 4096] }));
    const spec = worth.spec(evil);
    if (spec === null) throw new Error("there is a chart to draw");
    const svg = await renderSvg(spec);
    expect([hostileTraces(svg), unprintables(svg), xmlFault(svg)]).toEqual([[], [], null]);
    const text = sentence(seriesOf(evil.rows), roundMedians(evil.rounds)) ?? "";
    expect(text).not.toBe("");
    expect(unprintables(text)).toEqual([]);
    expect(hostileTraces(summaryMarkdown([{ results: evil, charts: [] }], "title", null))).toEqual([]);
  });
});

describe("the lint of layers", () => {
  const told = (of: Results) => lint(of).filter(({ check }) => check === "mostly-projections");

  test("speaks of a run that is mostly projections even with full attention at the longest length", () => {
    const [found, ...others] = told(sampleLayers({ noise: 0, lengths: [256, 512] }));
    expect(others).toEqual([]);
    expect(found.places).toBe("full at 512");
    expect(found.text).toMatch(/: the times say little about attention; measure longer lengths/);
    expect(told(layers)).toEqual([]);
    expect(told(sampleResults())).toEqual([]);
  });

  test("finds nothing else in them", () => {
    expect(lint(layers)).toEqual([]);
  });
});
