import { describe, expect, test } from "vitest";
import type { Results } from "../../src/record/case-row.ts";
import { arena as sentence } from "../../src/report/answers/arena.ts";
import { arenaOf, publishedAt } from "../../src/report/arena.ts";
import { arena } from "../../src/report/charts/arena.ts";
import { seriesOf } from "../../src/report/series.ts";
import { summaryMarkdown } from "../../src/report/summary-markdown.ts";
import { renderSvg } from "../../src/report/svg.ts";
import { arenaTable } from "../../src/report/tables/arena-table.ts";
import { allCharts, chartsOf } from "../../src/report/topics/index.ts";
import { hostileTraces, unprintables } from "./hostile-results.ts";
import { type SampleOptions, sampleResults } from "./sample-results.ts";
import { xmlFault } from "./xml-fault.ts";

/** The paper's names of some of the sample's variants. */
const MODELS: Readonly<Record<string, string>> = {
  full: "Transformer",
  local: "Local Attention",
  longformer: "Longformer",
  bigbird: "BigBird",
  linear: "Linear Trans.",
  "plugin-1": "Synthesizer",
  "plugin-2": "Performer",
  "plugin-3": "Linformer",
};

/** A run that holds full and seven of the models, of which one has no error and one another yardstick. */
function arenaResults(without: readonly string[] = [], options: SampleOptions = {}): Results {
  return sampleResults({
    noise: 0,
    variants: 10,
    lengths: [1024, 2048, 3072, 4096, 8192],
    alter: (line) => ({
      ...line,
      ...(!without.includes(line.variant) && line.variant in MODELS && { arena: MODELS[line.variant] }),
      ...(line.variant === "plugin-1" && { fidelity_error: null }),
      ...(line.variant === "plugin-2" && { fidelity_against: "attention of unit q and k" }),
      workspace_bytes: line.length * 8,
    }),
    ...options,
  });
}

const results = arenaResults();
const series = seriesOf(results.rows);

interface Data {
  readonly data: { readonly values: readonly Readonly<Record<string, unknown>>[] };
}

function rowsOf(of: Results) {
  return (JSON.parse(JSON.stringify(arena.spec(of))) as Data).data.values;
}

describe("the picture of Long Range Arena", () => {
  test("is of the models alone, at their speed over full at the same length", () => {
    const rows = rowsOf(results);
    expect(new Set(rows.map(({ variant }) => variant))).toEqual(new Set(Object.keys(MODELS)));
    const full = rows.filter(({ variant }) => variant === "full");
    expect(full.map(({ speed }) => speed)).toEqual([1, 1, 1, 1, 1]);
    const row = (variant: string) =>
      results.rows.find((one) => one.variant === variant && one.length === 4096)?.median_s ?? 0;
    const linear = rows.find(({ variant, length }) => variant === "linear" && length === 4096);
    expect(linear?.speed).toBeCloseTo(row("full") / row("linear"), 9);
    expect(linear?.bytes).toBe(8 * 4096);
  });

  test("puts what has no error against full attention on a line of its own, below all others", () => {
    const rows = rowsOf(results);
    const placed = (variant: string) => Number(rows.find((one) => one.variant === variant)?.error);
    expect(placed("plugin-1")).toBe(placed("plugin-2"));
    for (const variant of ["full", "local", "linear"])
      expect(placed("plugin-1")).toBeGreaterThan(placed(variant));
    expect(JSON.stringify(arena.spec(results))).toContain('\\"n/a\\"');
  });

  test("has a label at every bubble, and no two on one another", () => {
    const at = rowsOf(results).filter(({ length }) => length === 8192);
    for (const { label_x: x, label_y: y } of at) {
      expect(Number(x)).toBeGreaterThanOrEqual(0);
      expect(Number(y)).toBeGreaterThanOrEqual(0);
    }
    expect(new Set(at.map(({ label_x: x, label_y: y }) => `${x} ${y}`)).size).toBe(at.length);
  });

  test("is drawn without a word from Vega, and holds nothing hostile", async () => {
    const warnings: string[] = [];
    const spec = arena.spec(results);
    if (spec === null) throw new Error("there is a chart to draw");
    const svg = await renderSvg(spec, (message) => warnings.push(message));
    expect(warnings).toEqual([]);
    expect(svg).not.toMatch(/NaN|undefined|null|Infinity/);
    const hostile = results.rows.map((one) => ({
      ...one,
      ...(one.arena !== undefined && { arena: `${one.arena}</title><script>\u202e${"x".repeat(9999)}` }),
    }));
    const other = { ...results, rows: hostile };
    const drawn = arena.spec(other);
    if (drawn === null) throw new Error("there is a chart to draw");
    const text = await renderSvg(drawn);
    expect([hostileTraces(text), unprintables(text), xmlFault(text)]).toEqual([[], [], null]);
    const [model] = arenaOf(seriesOf(hostile)).map((one) => one.model);
    expect(model.length).toBeLessThan(40);
  });

  test("is in a report only with full and six more, and not of steps or of older files", () => {
    const ids = (of: Results) => chartsOf(of).map(({ id }) => id);
    expect(ids(results)).toContain("arena");
    expect(ids(arenaResults(["local"]))).toContain("arena");
    expect(ids(arenaResults(["local", "bigbird"]))).not.toContain("arena");
    expect(ids(arenaResults(["full"]))).not.toContain("arena");
    expect(ids(sampleResults())).not.toContain("arena");
    const steps = results.rows.map((one) => ({ ...one, mode: "decode" as const }));
    expect(ids({ ...results, rows: steps })).not.toContain("arena");
    expect(arena.spec(sampleResults())).toBeNull();
    expect(allCharts.map(({ id }) => id)).toContain("arena");
  });
});

describe("the published speeds", () => {
  test("are those of table 2, as printed", () => {
    expect(publishedAt("Performer", 4096)).toEqual({
      ratio: "5.7×",
      speed: "8.0 steps/s",
      memory: "1.06 GB",
    });
    expect(publishedAt("Reformer", 1024)).toEqual({ ratio: "0.5×", speed: "4.4 steps/s", memory: "0.48 GB" });
    expect(publishedAt("Longformer", 4096)).toBeNull();
    expect(publishedAt("Performer", 8192)).toBeNull();
  });

  test.each([
    "Synthesizer",
    "Transformer",
    "Local Attention",
    "Linformer",
    "Reformer",
    "Sinkhorn Trans.",
    "BigBird",
    "Linear Trans.",
    "Performer",
  ])("of %s are its steps over those of the Transformer, within what printing rounds", (model) => {
    for (const length of [1024, 2048, 3072, 4096]) {
      const [own, other] = [model, "Transformer"].map((name) =>
        Number.parseFloat(publishedAt(name, length)?.speed ?? ""),
      );
      const printed = Number.parseFloat(publishedAt(model, length)?.ratio ?? "");
      // Steps are printed to a tenth, and their quotient again.
      expect(printed).toBeGreaterThanOrEqual((own - 0.05) / (other + 0.05) - 0.05);
      expect(printed).toBeLessThanOrEqual((own + 0.05) / (other - 0.05) + 0.05);
    }
  });

  test("stand beside those measured, at the paper's lengths, and a dash where it has none", () => {
    const table = arenaTable(series);
    expect(table?.heads).toEqual([
      ...["1k", "2k", "3k", "4k"].flatMap((length) => [`LRA, ${length}`, `here, ${length}`]),
      "LRA, memory",
      "here, memory",
    ]);
    const cells = (model: string) =>
      table?.rows.find((row) => row.model === model)?.cells.map(({ value }) => value) ?? [];
    expect(cells("Linear Trans.")).toEqual(
      expect.arrayContaining(["1.1×", "1.9×", "3.7×", "5.6×", "1.03 GB", "32.0 KiB"]),
    );
    expect(
      cells("Transformer")
        .filter((_, at) => at % 2 === 1)
        .slice(0, 4),
    ).toEqual(Array(4).fill("1.0×"));
    expect(cells("Longformer").filter((cell) => cell === "–")).toHaveLength(5);
  });

  test("are in the summary, and in one sentence at the longest length that the paper has", () => {
    const text = sentence(series);
    expect(text).toMatch(/^Long Range Arena's models at 4k, times as fast as full here \(there\): /);
    expect(text).toMatch(/linear \d+× \(5\.6×\)/);
    expect(text).toMatch(/longformer [\d.]+×[;.]/);
    const summary = summaryMarkdown([{ results, charts: [] }], "title", null);
    expect(summary).toContain("<summary>Long Range Arena, published and here</summary>");
    expect(summary).toContain("arXiv 2011.04006");
    expect(summary).toContain(text?.slice(0, 40));
  });

  test("are not told of results that hold too few models, or none of the paper's lengths", () => {
    expect(sentence(seriesOf(sampleResults().rows))).toBeNull();
    expect(arenaTable(seriesOf(sampleResults().rows))).toBeNull();
    const short = seriesOf(arenaResults([], { lengths: [128, 256] }).rows);
    expect(arenaTable(short)).toBeNull();
    expect(sentence(short)).toMatch(/^Long Range Arena's models at 256, times as fast as full here: /);
  });
});
