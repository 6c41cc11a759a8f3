import { describe, expect, test } from "vitest";
import type { Results } from "../../src/record/case-row.ts";
import type { Chart } from "../../src/report/charts/chart.ts";
import { inks } from "../../src/report/charts/look.ts";
import { renderSvg } from "../../src/report/svg.ts";
import { chartsOf, unitCharts } from "../../src/report/topics/index.ts";
import { hostileDecode, hostileTraces, unprintables } from "./hostile-results.ts";
import { type DecodeOptions, sampleDecode } from "./sample-decode.ts";
import { sampleResults } from "./sample-results.ts";
import { xmlFault } from "./xml-fault.ts";

const charts = unitCharts("pass");
const decodeCharts = unitCharts("step");

// Without noise, so that no digit depends on a platform's logarithm.
const small = sampleDecode({ noise: 0, variants: 2, positions: [256, 512, 1024, 4096], recomputed: 1024 });

const own = decodeCharts.filter(({ id }) => charts.every((chart) => chart.id !== id));

test("a file of steps has charts of its own, and of forward passes those that mean the same of both", () => {
  expect(own.map(({ id }) => id)).toEqual([
    "token-time",
    "token-speedup",
    "token-bandwidth",
    "state-bytes",
    "generate",
  ]);
  expect(chartsOf(small).map(({ caption }) => caption)).toEqual(decodeCharts.map(({ caption }) => caption));
  expect(chartsOf(sampleResults()).map(({ caption }) => caption)).toEqual(
    charts.map(({ caption }) => caption),
  );
  const shared = decodeCharts.filter((chart) => !own.includes(chart));
  expect(shared.map(({ id }) => id)).toEqual(["gallery", "gate-error", "rounds"]);
  expect(shared.map(({ caption }) => caption).join()).not.toMatch(/sequence|longest/);
});

test("a file of both has both, each from its own rows", () => {
  const forwards = sampleResults({ noise: 0, variants: 2 });
  const both = { ...small, rows: [...forwards.rows, ...small.rows] };
  const drawn = chartsOf(both);
  expect(new Set(drawn.map(({ id }) => id)).size).toBe(drawn.length);
  expect(drawn.map(({ id }) => id)).toEqual(expect.arrayContaining(["time", "token-time", "ideal"]));
  const series = (id: string) => {
    const rows = rowsOf(drawn.find((chart) => chart.id === id) ?? drawn[0], both);
    return [...new Set(rows.map((row) => row.series))];
  };
  expect(series("time")).toEqual(["full", "local"]);
  expect(series("token-time").toSorted()).toEqual(["full, cached", "full, recomputed", "local"]);
});

describe.each(own)("the chart $id", (chart) => {
  test("is this specification", () => {
    expect(chart.spec(small)).toMatchSnapshot();
  });

  test("is null where nothing was measured, and where there are forward passes alone", () => {
    const alter: DecodeOptions["alter"] = (line) => ({ ...line, outcome: "failed", reason: "red" });
    expect(chart.spec(sampleDecode({ alter }))).toBeNull();
    expect(chart.spec({ ...small, rows: [] })).toBeNull();
    expect(chart.spec(sampleResults())).toBeNull();
  });

  test.each([
    ["seven variants", { variants: 7 }],
    ["two kernels", { kernels: ["js", "wasm"] }],
    ["one position, without intervals", { positions: [1000], rounds: 2 }],
    ["no recomputing", { recomputed: 0 }],
    [
      "a position that failed",
      {
        alter: (line) =>
          line.length === 1024 && line.variant !== "local"
            ? { ...line, outcome: "failed", reason: "red" }
            : line,
      },
    ],
  ] as readonly [string, DecodeOptions][])("is drawn without a word from Vega: %s", async (_, options) => {
    const svg = await drawn(chart, sampleDecode(options));
    expect(svg).toMatch(/^<svg /);
    expect(svg).not.toMatch(/NaN|undefined|null|Infinity/);
    expect(svg).toContain(">local");
  });

  test("without the baseline it is drawn without it, or says that there is nothing to draw", async () => {
    const rows = small.rows.filter((row) => row.variant !== "full");
    const spec = chart.spec({ ...small, rows });
    expect(spec === null).toBe(chart.id === "token-speedup");
    if (spec !== null) expect(await renderSvg(spec)).toContain(">local");
  });

  test("holds no hostile string as markup or control character", async () => {
    const svg = await drawn(chart, hostileDecode());
    expect(hostileTraces(svg)).toEqual([]);
    expect(unprintables(svg)).toEqual([]);
    expect(xmlFault(svg)).toBeNull();
    const spec = JSON.stringify(chart.spec(hostileDecode()));
    // Data, in which markup is text.
    expect(hostileTraces(spec).filter((trace) => !trace.startsWith("<"))).toEqual([]);
    expect(unprintables(spec)).toEqual([]);
  });

  test("survives times and bytes at the ends of what a number can be", () => {
    const ends = [0, 5e-324, 1e-300, 1, 1e300, 1.7e308];
    for (const [shift] of ends.entries()) {
      const at = (index: number) => ends[(index + shift) % ends.length];
      const rows = small.rows.map((row, index) => ({
        ...row,
        median_s: at(index),
        low_s: at(index + 1),
        high_s: at(index + 2),
        state_bytes: at(index + 3),
        percent_of_bandwidth: at(index + 4),
      }));
      const text = JSON.stringify(chart.spec({ ...small, rows }));
      expect(text).not.toMatch(
        /"(seconds|speed_up|generate_s|state_bytes|percent_of_bandwidth)":null|"domain":\[[^\]]*null/,
      );
    }
  });
});

test("recomputing keeps its own look, and the baseline its ink, in whichever order they come", () => {
  for (const rows of [small.rows, small.rows.toReversed()]) {
    const text = JSON.stringify(own[0].spec({ ...small, rows }));
    expect(text).toContain('"full, cached"');
    const { domain, range } = /"color":\{.*?"scale":(\{.*?\})/.exec(text)?.[1]
      ? JSON.parse(/"color":\{.*?"scale":(\{.*?\})/.exec(text)?.[1] ?? "{}")
      : { domain: [], range: [] };
    const color = (name: string) =>
      range[domain.findIndex((entry: string) => entry.startsWith(`full, ${name}`))];
    expect(color("cached")).toBe(inks.text.light);
    expect(color("recomputed")).not.toBe(inks.text.light);
  }
});

test("bandwidth is held against the working set that holds the state, and left out where no rate was measured", () => {
  const rows = rowsOf(own[4], sampleDecode({ noise: 0, variants: 1 }));
  const shares = rows.map((row) => [row.length, row.percent_of_bandwidth]);
  // 512 bytes a key at 20 GB/s and half a microsecond, against 50, 50, 50, 30, 30 and 24 GB/s.
  expect(shares).toEqual(
    [64, 256, 1024, 4096, 16_384, 65_536].map((position, index) => {
      const bytes = 512 * position;
      const rate = [5e10, 5e10, 5e10, 3e10, 3e10, 2.4e10][index];
      return [position, expect.closeTo((100 * bytes) / (5e-7 + bytes / 2e10) / rate, 6)];
    }),
  );
  expect(own[4].spec(sampleDecode({ readRates: false }))).toBeNull();
});

function rowsOf(chart: Chart, results: Results): readonly Readonly<Record<string, unknown>>[] {
  return JSON.parse(JSON.stringify(chart.spec(results))).data.values;
}

async function drawn(chart: Chart, results: Results): Promise<string> {
  const warnings: string[] = [];
  const spec = chart.spec(results);
  if (spec === null) throw new Error("there is a chart to draw");
  const svg = await renderSvg(spec, (message) => warnings.push(message));
  expect(warnings).toEqual([]);
  return svg;
}

test("the label of the rule stands where no point is in its way", () => {
  const nearAt = (positions: readonly number[]) => ({
    ...small,
    rows: small.rows.map((row) => ({
      ...row,
      percent_of_bandwidth: positions.includes(row.length)
        ? 95
        : row.percent_of_bandwidth === null
          ? null
          : 20,
    })),
  });
  const alignOf = (positions: readonly number[]) => {
    const text = JSON.stringify(own.find(({ id }) => id === "token-bandwidth")?.spec(nearAt(positions)));
    return /"type":"text"[^}]*"align":"(\w+)"/.exec(text)?.[1];
  };
  expect(alignOf([])).toBe("right");
  expect(alignOf([4096])).toBe("left");
  expect(alignOf([256, 4096])).toBe("right");
});
