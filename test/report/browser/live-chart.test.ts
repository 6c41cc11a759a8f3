import vm from "node:vm";
import type { Spec, View } from "vega";
import { beforeAll, describe, expect, test } from "vitest";
import { legendEntry, namesOf, unpacked } from "../../../src/report/browser/live-chart.ts";
import { curveCharts } from "../../../src/report/charts/curve/index.ts";
import { liveChart } from "../../../src/report/live-chart.ts";
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

  test("leaves out a hidden variant and fades it in the legend, and shows it again", async () => {
    const { live, variants, entries } = await drawn();
    expect(variants.has("local")).toBe(true);
    const all = await live.toSVG();
    const mine = entries.filter(({ variant }) => variant === "local").map(({ name }) => name);
    await live.signal("hidden", ["local"]).signal("hiddenEntries", mine).runAsync();
    const fewer = await live.toSVG();
    expect(fewer.length).toBeLessThan(all.length);
    expect(fewer.match(/opacity="0\.3"/g)?.length ?? 0).toBeGreaterThanOrEqual(mine.length);
    await live.signal("hidden", []).signal("hiddenEntries", []).runAsync();
    expect(drawnTags(await live.toSVG())).toEqual(drawnTags(all));
  });

  test("survives that all of it is hidden", async () => {
    const { live, variants, entries } = await drawn();
    await live
      .signal("hidden", [...variants])
      .signal(
        "hiddenEntries",
        entries.map(({ name }) => name),
      )
      .runAsync();
    expect(await live.toSVG()).not.toMatch(/NaN|undefined|Infinity/);
  });

  test("knows which variant each entry of its legend stands for", async () => {
    const { variants, entries } = await drawn();
    for (const { name, variant } of entries) {
      expect([...variants]).toContain(variant);
      expect(name).toContain(variant);
    }
  });

  async function drawn() {
    const spec = chart.spec(results);
    if (spec === null) throw new Error("there is a chart to draw");
    const { spec: packed, variants, entries } = await liveChart(spec);
    return { live: view(packed), still: await renderSvg(spec), variants, entries };
  }
});

test("a click counts on an entry of a legend, and nowhere else", () => {
  const entry = { datum: { value: "local" } };
  expect(legendEntry({ ...entry, mark: { role: "legend-label" } })).toBe("local");
  expect(legendEntry({ ...entry, mark: { role: "legend-symbol" } })).toBe("local");
  expect(legendEntry({ ...entry, mark: { role: "mark" } })).toBeNull();
  expect(legendEntry({ mark: { role: "legend-label" } })).toBeNull();
  expect([null, undefined, 1, {}].map(legendEntry)).toEqual([null, null, null, null]);
});

test("a variant has all the names that a chart has for it", () => {
  const names = [["a", 0] as const, ["a · js", 0] as const, ["b", 1] as const];
  expect(namesOf(names, new Set([0]))).toEqual(["a", "a · js"]);
  expect(namesOf(names, new Set())).toEqual([]);
});

/** What is drawn, whatever its order: a line that comes back is drawn over the others. */
function drawnTags(svg: string): readonly string[] {
  return (svg.match(/<[^<>]*>/g) ?? []).sort();
}

function view(spec: object): View {
  const runtime = vega.parse(unpacked(spec), undefined, { ast: true });
  return new vega.View(runtime, { expr: vega.expressionInterpreter, renderer: "none" });
}
