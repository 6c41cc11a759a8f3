import vm from "node:vm";
import type { Spec, View } from "vega";
import { beforeAll, describe, expect, test } from "vitest";
import { namesAt } from "../../../src/report/browser/live-chart.ts";
import { curveCharts } from "../../../src/report/charts/curve/index.ts";
import { CASE_FIELDS } from "../../../src/report/charts/details.ts";
import { liveChart } from "../../../src/report/live-chart.ts";
import { chartPacker, unpackedChart } from "../../../src/report/packing/charts.ts";
import { unpackedRows } from "../../../src/report/packing/columns.ts";
import { vegaScript } from "../../../src/report/page/script.ts";
import { renderSvg } from "../../../src/report/svg.ts";
import { unitCharts } from "../../../src/report/topics/index.ts";
import { WORDS } from "../../../src/report/words.ts";
import { textWidth } from "../../../src/text/text-width.ts";
import { sampleCurves } from "../sample-curves.ts";
import { sampleResults } from "../sample-results.ts";

const charts = [...unitCharts("pass"), ...curveCharts(WORDS.pass)];

/** Vega as the page has it, in a world where nothing may be made into code. */
interface PageVega {
  readonly parse: (spec: Spec, config: undefined, options: { ast: true }) => object;
  readonly View: new (runtime: object, options: object) => View;
  readonly expressionInterpreter: object;
  readonly textMetrics: { width: (item: { fontSize?: number }, text: unknown) => number };
}

let vega: PageVega;
beforeAll(() => {
  const page = vm.createContext(
    { setTimeout, setInterval, clearTimeout, performance, structuredClone },
    { codeGeneration: { strings: false, wasm: false } },
  );
  vm.runInContext(vegaScript(), page);
  vega = vm.runInContext("vega", page);
  vega.textMetrics.width = ({ fontSize }, text) => textWidth(String(text ?? ""), fontSize ?? 11);
});

const sampled = sampleResults({ variants: 4, lengths: [256, 512, 1024, 2048], kernels: ["js", "wasm"] });
const curved = sampleCurves();

describe.each(charts)("the chart $id in the page", (chart) => {
  const results = chart.id.startsWith("curve-") ? curved : sampled;

  test("is drawn without eval, in the size of its picture to a pixel, so that nothing jumps", async () => {
    const { live, still } = await drawn();
    const size = (svg: string) => / width="(\d+)" height="(\d+)"/.exec(svg)?.slice(1).map(Number) ?? [];
    const [width, height] = size(await live.toSVG());
    expect(Math.abs(width - size(still)[0])).toBeLessThanOrEqual(1);
    expect(Math.abs(height - size(still)[1])).toBeLessThanOrEqual(1);
  });

  test("leaves out a hidden variant, its row and its entries in the legend, and shows it again", async () => {
    const { live, names, entries } = await drawn();
    const mine = names.filter((name) => /^local\b/.test(name));
    expect(mine).not.toEqual([]);
    const all = await live.toSVG();
    const gone = entries
      .filter(([, those]) => those.every((name) => mine.includes(name)))
      .map(([text]) => text);
    await live
      .signal("hidden", mine)
      .signal("hiddenVariants", ["local"])
      .signal("hiddenEntries", gone)
      .runAsync();
    const fewer = await live.toSVG();
    expect(fewer.length).toBeLessThan(all.length);
    expect(legendOf(fewer)).toEqual(legendOf(all).filter((text) => !gone.includes(text)));
    expect(axisOf(all)).toEqual(expect.arrayContaining([...axisOf(fewer)]));
    expect(axisOf(fewer).filter((text) => mine.includes(text))).toEqual([]);
    await live.signal("hidden", []).signal("hiddenVariants", []).signal("hiddenEntries", []).runAsync();
    expect(drawnTags(await live.toSVG())).toEqual(drawnTags(all));
  });

  test("survives that all of it is hidden", async () => {
    const { live, names, entries } = await drawn();
    const texts = entries.map(([text]) => text);
    await live
      .signal("hidden", names)
      .signal("hiddenVariants", names)
      .signal("hiddenEntries", texts)
      .runAsync();
    expect(await live.toSVG()).not.toMatch(/NaN|undefined|Infinity/);
  });

  test("knows which series each entry of its legend stands for", async () => {
    const { names, entries } = await drawn();
    for (const [text, those] of entries) {
      expect([text, those]).not.toEqual([text, []]);
      for (const name of those) expect(names).toContain(name);
    }
  });

  async function drawn() {
    const spec = chart.spec(results);
    if (spec === null) throw new Error("there is a chart to draw");
    const { spec: compiled, entries } = await liveChart(spec);
    const read = asRead(compiled);
    return { live: view(read), still: await renderSvg(spec), names: namesIn(read), entries };
  }
});

test("what is drawn stands for its series, an entry of a legend for those that it names, and all else for none", () => {
  const entries = new Map([["sparse", ["local", "stride"]]]);
  const named = (item: unknown) => namesAt(item, entries);
  const entry = { datum: { value: "sparse" } };
  expect(named({ ...entry, mark: { role: "legend-label" } })).toEqual(["local", "stride"]);
  expect(named({ ...entry, mark: { role: "legend-symbol" } })).toEqual(["local", "stride"]);
  expect(named({ ...entry, mark: { role: "mark" } })).toEqual([]);
  expect(named({ datum: { series: "full" }, mark: { role: "mark" } })).toEqual(["full"]);
  expect(named({ mark: { role: "legend-label" }, datum: { value: "constructor" } })).toEqual([]);
  expect([null, undefined, 1, {}].map(named)).toEqual([[], [], [], []]);
});

/** A chart as the page reads it. */
function asRead(compiled: object): Spec {
  const packer = chartPacker(CASE_FIELDS);
  const written = JSON.stringify({ chart: packer.packed(compiled), cases: packer.cases() });
  const { chart, cases } = JSON.parse(written);
  return unpackedChart(chart, unpackedRows(cases)) as Spec;
}

/** What the rows of a chart say that they are of. */
function namesIn({ data = [] }: Spec): readonly string[] {
  const rows = data.flatMap((one) => ("values" in one && Array.isArray(one.values) ? one.values : []));
  const names = rows.flatMap(({ series, variant }) => [series, variant]);
  return [...new Set(names)].filter((name) => typeof name === "string");
}

/** The texts of legends, and of axes, in their order. */
const legendOf = (svg: string) => textsOf(svg, "legend-label");
const axisOf = (svg: string) => textsOf(svg, "axis-label");

function textsOf(svg: string, role: string): readonly string[] {
  const groups = svg.matchAll(new RegExp(`<g class="mark-text role-${role}"[^>]*>(.*?)</g>`, "gs"));
  return [...groups].flatMap(([, content]) =>
    [...content.matchAll(/<text[^>]*>([^<]*)<\/text>/g)].map(([, text]) => text),
  );
}

/** What is drawn, whatever its order: a line that comes back is drawn over the others. */
function drawnTags(svg: string): readonly string[] {
  const tags = svg.match(/<[^<>]*>/g) ?? [];
  // Sums of other summands differ in their last digits.
  return tags.map((tag) => tag.replace(/\d+\.\d+/g, (number) => Number(number).toFixed(6))).sort();
}

function view(spec: Spec): View {
  const runtime = vega.parse(spec, undefined, { ast: true });
  return new vega.View(runtime, { expr: vega.expressionInterpreter, renderer: "none" });
}
