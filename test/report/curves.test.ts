import { describe, expect, test } from "vitest";
import type { Results } from "../../src/record/case-row.ts";
import { curveCharts } from "../../src/report/charts/curve/index.ts";
import { curvesOf, pointsAt, valueText } from "../../src/report/curves.ts";
import { meanLines } from "../../src/report/means.ts";
import { seriesOf } from "../../src/report/series.ts";
import { renderSvg } from "../../src/report/svg.ts";
import { allCharts, chartsOf } from "../../src/report/topics/index.ts";
import { WORDS } from "../../src/report/words.ts";
import { hostile, hostileTraces, unprintables } from "./hostile-results.ts";
import { said as findings } from "./said.ts";
import { sampleCurves } from "./sample-curves.ts";
import { sampleDecode } from "./sample-decode.ts";
import { sampleResults } from "./sample-results.ts";
import { xmlFault } from "./xml-fault.ts";

const charts = curveCharts(WORDS.pass);
const [overValue, times, trade] = charts;

interface Specification {
  readonly params: readonly { readonly name: string; readonly value: number }[];
  readonly data: { readonly values: readonly Readonly<Record<string, unknown>>[] };
  readonly layer: readonly {
    readonly data?: { readonly values: readonly Readonly<Record<string, unknown>>[] };
  }[];
}

function specOf(chart: (typeof charts)[number], results: Results): Specification {
  return JSON.parse(JSON.stringify(chart.spec(results)));
}

async function drawn(chart: (typeof charts)[number], results: Results): Promise<string> {
  const warnings: string[] = [];
  const spec = chart.spec(results);
  if (spec === null) throw new Error("there is a chart to draw");
  const svg = await renderSvg(spec, (message) => warnings.push(message));
  expect(warnings).toEqual([]);
  expect(svg).not.toMatch(/NaN|undefined|null|Infinity/);
  return svg;
}

describe("curves among series", () => {
  test("are those of a variant that differ in one number, by rising value", () => {
    const { rows } = sampleCurves();
    const curves = curvesOf(seriesOf(rows.toReversed()));
    expect(curves.map(({ label }) => label).sort()).toEqual(["bigbird · size", "local · size"]);
    const local = curves.find(({ label }) => label.startsWith("local"));
    if (local === undefined) throw new Error("local has a curve");
    expect(local.members.map(({ value }) => value)).toEqual([8, 16, 32, 64]);
    expect(pointsAt(local, 1024).map(({ row }) => row.length)).toEqual([1024, 1024, 1024, 1024]);
    expect(pointsAt(local, 999)).toEqual([]);
  });

  test("of two kernels are two, and told apart", () => {
    const curves = curvesOf(
      seriesOf(sampleCurves({ kernels: ["js", "wasm"], curves: { local: [1, 2] } }).rows),
    );
    expect(curves.map(({ label }) => label)).toEqual(["local · js · size", "local · wasm · size"]);
  });

  test("are none where nothing differs, where two parameters do, or where one is no number", () => {
    const { rows } = sampleCurves();
    expect(curvesOf(seriesOf(sampleResults({ noise: 0 }).rows))).toEqual([]);
    const twice = rows.map((row) => ({
      ...row,
      params: { ...row.params, seed: Number(row.params.size ?? 0) },
    }));
    expect(curvesOf(seriesOf(twice))).toEqual([]);
    const words = rows.map((row) => ({ ...row, params: { size: `s${row.params.size}` } }));
    expect(curvesOf(seriesOf(words))).toEqual([]);
  });

  test("have values as one types them", () => {
    expect([0, 16, 4096, 0.25, 1 / 3, -2].map(valueText)).toEqual(["0", "16", "4k", "0.25", "0.3333", "-2"]);
  });
});

describe("a report with curves", () => {
  test("draws three charts of them after the trade, and one without has none of them, nor their notes", () => {
    const ids = chartsOf(sampleCurves()).map(({ id }) => id);
    const own = ["curve-error", "curve-time", "curve-trade"];
    expect(ids.filter((id) => id.startsWith("curve"))).toEqual(own);
    expect(ids.indexOf("curve-error")).toBe(ids.indexOf("frontier") + 1);
    expect(chartsOf(sampleResults()).filter(({ id }) => id.startsWith("curve"))).toEqual([]);
    expect(new Set(allCharts.map(({ id }) => id)).has("curve-trade")).toBe(true);
  });

  test("has a point for each value, with its error and time, at the longest length unless another is chosen", async () => {
    const spec = specOf(trade, sampleCurves());
    expect(spec.params).toEqual([{ name: "length", value: 1024 }]);
    const points = spec.data.values.filter(({ length, variant }) => length === 1024 && variant === "local");
    expect(points.map(({ value, seconds, error }) => [value, seconds, error])).toEqual([
      [8, 8e-5, 2],
      [16, 1.6e-4, 1],
      [32, 3.2e-4, 0.5],
      [64, 6.4e-4, 0.25],
    ]);
    for (const { variant, series } of spec.data.values) expect(series).toContain(variant);
    const svg = await drawn(trade, sampleCurves());
    expect(svg).toContain(">Error over time, along a parameter, sequence length 1k<");
    for (const label of [">8<", ">64<", ">mean of v: 0.8<", ">full<", ">local · size<"])
      expect(svg).toContain(label);
  });

  test("has the mean of v as a line by length, and none in files without it", () => {
    const means = (results: Results) =>
      specOf(overValue, results).layer.flatMap(
        ({ data }) => data?.values.flatMap(({ text }) => text ?? []) ?? [],
      );
    expect(new Set(means(sampleCurves()))).toEqual(new Set(["mean of v: 0.8"]));
    expect(means(sampleCurves({ mean: null }))).toEqual([]);
  });

  test("reaches full attention where a value leaves nothing out", async () => {
    const exact = sampleCurves({ error: (value) => (value === 64 ? 3e-7 : 16 / value) });
    expect(await drawn(overValue, exact)).toContain(">exact<");
  });

  test.each([
    ["with a zero among them", [0, 1, 8]],
    ["with values below zero", [-2, 0.5, 3]],
    ["two, close by", [0.1, 0.11]],
    ["and two at the ends of what a number can be", [1e-30, 1e30]],
  ])("draws values %s", async (_, values) => {
    for (const chart of charts)
      await drawn(chart, sampleCurves({ curves: { local: values }, error: () => 0.5 }));
  });

  test("leaves out what has no error, and is not drawn where nothing has", () => {
    const one = sampleCurves({ error: (value, variant) => (variant === "local" ? null : 1 / value) });
    expect(new Set(specOf(overValue, one).data.values.map(({ variant }) => variant))).toEqual(
      new Set(["bigbird"]),
    );
    expect(JSON.stringify(overValue.spec(one))).toContain(
      "Left out, having no error against full attention: local · size",
    );
    expect(JSON.stringify(times.spec(one))).not.toContain("Left out");
    expect(new Set(specOf(times, one).data.values.map(({ variant }) => variant))).toEqual(
      new Set(["local", "bigbird"]),
    );
    expect(overValue.spec(sampleCurves({ error: () => null }))).toBeNull();
    expect(trade.spec(sampleResults({ noise: 0 }))).toBeNull();
  });

  const against = (rows: Results["rows"], of: readonly string[], text: string) =>
    rows.map((row) =>
      of.includes(row.variant) ? { ...row, fidelity_against: text, mean_fidelity_error: 0.12 } : row,
    );

  test("leaves a curve measured against something else out of charts of errors, and names it", async () => {
    const results = sampleCurves();
    const mixed = { ...results, rows: against(results.rows, ["local"], "full attention of unit q and k") };
    for (const chart of [overValue, trade]) {
      expect(new Set(specOf(chart, mixed).data.values.map(({ variant }) => variant))).toEqual(
        new Set(["bigbird"]),
      );
      const svg = await drawn(chart, mixed);
      expect(svg).toContain(">Left out, measured against full attention of unit q and k: local · size<");
      expect(svg).toContain(">relative error against full attention<");
      expect(svg).not.toContain("0.12");
    }
    expect(new Set(specOf(times, mixed).data.values.map(({ variant }) => variant))).toContain("local");
  });

  test("says on the axis what errors are against where none is against full attention", async () => {
    const results = sampleCurves();
    const rows = against(results.rows, ["local", "bigbird"], "full attention of unit q and k");
    const svg = await drawn(overValue, { ...results, rows });
    expect(svg).toContain(">relative error against full attention of unit q and k<");
    expect(svg).toContain(">mean of v: 0.12<");
    expect(svg).not.toContain("mean of v: 0.8");
    expect(svg).not.toContain("Left out");
  });

  test("names a second mean of v by its variant, or counts what has too long names", () => {
    const { rows } = sampleCurves();
    const two = (of: readonly string[], name = (variant: string) => variant) =>
      rows.map((row) => ({
        ...row,
        variant: row.variant === "full" ? "full" : name(row.variant),
        ...(of.includes(row.variant) && { mean_fidelity_error: 0.12 }),
      }));
    const texts = (some: Results["rows"]) =>
      meanLines(
        seriesOf(some).flatMap((series) => series.rows.slice(-1).map((row) => ({ series, row }))),
      ).map(({ text }) => text);
    expect(texts(two(["local"]))).toEqual(["mean of v: 0.8", "mean of v, for local: 0.12"]);
    const long = (variant: string) => `${variant} ${"x".repeat(25)}`;
    expect(texts(two(["local", "bigbird"], long))).toEqual([
      "mean of v: 0.8",
      "mean of v, for 2 variants: 0.12",
    ]);
    const apart = two([]).map((row) =>
      row.variant === "local" && Number(row.params.size) < 64 ? { ...row, mean_fidelity_error: 0.12 } : row,
    );
    expect(texts(apart)[1]).toBe("mean of v, for local · size=8, local · size=16, local · size=32: 0.12");
  });

  test("calls lengths positions where tokens are decoded", () => {
    const decode = sampleDecode({ noise: 0 });
    const rows = decode.rows.flatMap((row) =>
      row.variant === "local" ? [1, 2].map((size) => ({ ...row, params: { size } })) : [row],
    );
    const own = chartsOf({ ...decode, rows }).find(({ id }) => id === "curve-time");
    const text = JSON.stringify(own?.spec({ ...decode, rows }));
    expect(text).toContain("Time over a parameter, position ");
    expect(text).toContain('"time per token"');
  });

  test("holds no hostile string as markup or control character", async () => {
    const results = sampleCurves();
    const evil = results.rows.map((row) => ({
      ...row,
      variant: row.variant === "full" ? "full" : `${row.variant}${hostile}`,
      params: Object.fromEntries(
        Object.entries(row.params).map(([name, value]) => [`${name}${hostile}`, value]),
      ),
    }));
    for (const chart of charts) {
      const svg = await drawn(chart, { ...results, rows: evil });
      expect(hostileTraces(svg)).toEqual([]);
      expect(unprintables(svg)).toEqual([]);
      expect(xmlFault(svg)).toBeNull();
      expect(svg).toContain("&lt;/title&gt;");
    }
  });
});

describe("the sentence on curves", () => {
  const said = (results: Results) => findings(results).find((one) => one.includes(" · size")) ?? "";
  const only = { curves: { local: [8, 16, 32, 64] } };

  test.each([
    ["turns", 0.8, "no longer worse than the mean of v with 80 % from 32 on."],
    ["is worse", 0.1, "worse than the mean of v with 10 % everywhere."],
    ["is better", 5, "nowhere worse than the mean of v with 500 %."],
  ])("says what a curve costs and brings, and where it %s beside the mean of v", (_, mean, end) => {
    const sentence = findings(sampleCurves({ ...only, mean })).find((one) => one.includes("from 8 to 64"));
    expect(sentence).toBe(`local · size from 8 to 64 at 1k: 80.0 µs to 640 µs, error 200 % to 25 %, ${end}`);
  });

  test("says what its errors are against where that is not full attention, and none where each has another", () => {
    const results = sampleCurves(only);
    const rows = (text: (size: number) => string) =>
      results.rows.map((row) =>
        row.variant === "local" ? { ...row, fidelity_against: text(Number(row.params.size)) } : row,
      );
    const sentence = (text: (size: number) => string) =>
      findings({ ...results, rows: rows(text) }).join("\n");
    expect(sentence(() => "unit q")).toContain(
      "80.0 µs to 640 µs, error against unit q from 200 % to 25 %, ",
    );
    expect(sentence((size) => `unit q at ${size}`)).toContain(
      "80.0 µs to 640 µs, with errors that are each against something else.",
    );
  });

  test("says so where an error rises again, and nothing of the mean in older files", () => {
    const uneven = sampleCurves({ ...only, error: (value) => (value === 16 ? 0.1 : 2) });
    expect(findings(uneven).join("\n")).toContain("at some values worse than the mean of v with 80 %.");
    expect(findings(sampleCurves({ ...only, mean: null })).join("\n")).toContain("error 200 % to 25 %.");
  });

  test("is none where there is no curve", () => {
    expect(said(sampleResults({ noise: 0 }))).toBe("");
  });
});
