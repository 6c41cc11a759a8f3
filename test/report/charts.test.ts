import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Results } from "../../src/record/case-row.ts";
import { byteTicks, digitsOf, labelExpression, logTicks } from "../../src/report/charts/ticks.ts";
import { renderSvg } from "../../src/report/svg.ts";
import { unitCharts } from "../../src/report/topics/index.ts";
import { formatSeconds } from "../../src/text/format.ts";
import { hostileResults, hostileTraces, unprintables } from "./hostile-results.ts";
import { sampleResults } from "./sample-results.ts";
import { xmlFault } from "./xml-fault.ts";

const charts = unitCharts("pass");

// Without noise, so that no digit depends on a platform's logarithm.
const small = sampleResults({ noise: 0, variants: 2, lengths: [256, 512, 1024, 5000] });

/** Variants that a chart leaves out: the baseline where it is the measure, and what has no pattern where that is drawn. */
const absentees: Readonly<Record<string, RegExp>> = {
  speedup: /^full$/,
  "speedup-with-prepare": /^full$/,
  ideal: /^full$/,
  pairs: /^linear$/,
  gallery: /^plugin-/,
};

describe.each(charts)("the chart $id", (chart) => {
  test("is this specification", () => {
    expect(chart.spec(small)).toMatchSnapshot();
  });

  test("says of every row of its data whose it is, so that all charts filter alike", () => {
    const text = JSON.stringify(chart.spec(sampleResults({ variants: 9, kernels: ["js", "wasm"] })));
    const { data, vconcat = [] } = JSON.parse(text);
    const rows = [data, ...vconcat.map((part: { data: unknown }) => part.data)].flatMap(
      (data) => data?.values ?? [],
    );
    for (const row of rows) {
      expect(row.series).toMatch(
        chart.id === "gallery" ? row.variant : RegExp(`^${row.variant} · (js|wasm)$`),
      );
    }
    expect(rows.length).toBeGreaterThan(0);
  });

  test("leaves its input as it was, and is the same twice", () => {
    const before = structuredClone(small);
    expect(chart.spec(small)).toEqual(chart.spec(small));
    expect(small).toEqual(before);
  });

  test("is null where nothing was measured", () => {
    const failed = sampleResults({ alter: (line) => ({ ...line, outcome: "failed", reason: "red" }) });
    expect(chart.spec(failed)).toBeNull();
    expect(chart.spec({ ...small, rows: [] })).toBeNull();
  });

  test.each([
    ["seven variants at five lengths", {}],
    [
      "twenty variants at twelve lengths",
      { variants: 20, lengths: [3, 64, 65, 128, 256, 512, 1000, 1024, 2048, 4096, 8192, 1048576] },
    ],
    ["two kernels at three lengths", { kernels: ["js", "wasm"], lengths: [256, 1024, 4096] }],
    ["one length without intervals", { lengths: [1000], rounds: 2 }],
  ] as const)("is drawn without a word from Vega: %s", async (_, options) => {
    const results = sampleResults(options);
    const svg = await drawn(results);
    expect(svg).toMatch(/^<svg /);
    expect(svg).not.toMatch(/NaN|undefined|null|Infinity/);
    const absent = absentees[chart.id] ?? /^$/;
    // Of many lines twelve are named.
    const text = chart.id === "time" ? JSON.stringify(chart.spec(results)) : svg;
    for (const { variant } of results.rows) if (!absent.test(variant)) expect(text).toContain(variant);
  });

  test("draws the same bytes each time", async () => {
    expect(await drawn(small)).toBe(await drawn(small));
  });

  test("holds no hostile string as markup or control character", async () => {
    const svg = await drawn(hostileResults());
    expect(hostileTraces(svg)).toEqual([]);
    expect(unprintables(svg)).toEqual([]);
    expect(xmlFault(svg)).toBeNull();
    expect(svg).toContain("&lt;/title&gt;");
    const spec = JSON.stringify(chart.spec(hostileResults()));
    // Names are cut before it; in words that may be longer it is text, which the drawing above has escaped.
    expect(hostileTraces(spec).filter((trace) => !trace.startsWith("<"))).toEqual([]);
    expect(unprintables(spec)).toEqual([]);
  });

  test("takes variants named constructor, toString, hasOwnProperty and __proto__", async () => {
    // Vega looks such names up in plain objects, in which every one of them is found.
    const names = ["constructor", "toString", "hasOwnProperty", "__proto__"];
    const results = sampleResults({ noise: 0, variants: 1 + names.length, lengths: [256, 512, 1024, 5000] });
    const given = [...new Set(results.rows.map(({ variant }) => variant))].filter((id) => id !== "full");
    const named = (row: Results["rows"][number]) => ({
      ...row,
      variant: names[given.indexOf(row.variant)] ?? row.variant,
    });
    const spec = chart.spec({ ...results, rows: results.rows.map(named), sketches: [] });
    if (spec !== null) expect(await renderSvg(spec)).toContain("<svg");
  });

  test("shows kernels whose names are cut alike as two, and no wider than a name may be", async () => {
    const long = "kernel".repeat(2000);
    const results = sampleResults({ kernels: [`${long}-a`, `${long}-b`], lengths: [256, 1024, 4096] });
    const svg = await drawn(results);
    const cut = `${long.slice(0, 32)}…`;
    // Patterns do not depend on kernels.
    if (chart.id !== "gallery") for (const end of ["<", " (2)<"]) expect(svg).toContain(cut + end);
    expect(Number(/width="(\d+)"/.exec(svg)?.[1])).toBeLessThan(1300);
  });

  test("survives times and counts at the ends of what a number can be", () => {
    const number = fc.constantFrom(0, 5e-324, 1e-300, 1e-9, 1, 1e300, 1.7e308);
    fc.assert(
      fc.property(
        fc.array(fc.tuple(number, number, number, number), { minLength: 8, maxLength: 8 }),
        (values) => {
          const rows = small.rows.map((row, index) => {
            const [median_s, low_s, high_s, useful_flops] = values[index];
            const times = { median_s, low_s, high_s, prepare_s: low_s };
            const counts = { useful_flops, pairs: median_s, workspace_bytes: useful_flops };
            const errors = { gate_error: low_s, gate_budget: high_s, fidelity_error: useful_flops };
            return {
              ...row,
              ...times,
              ...counts,
              ...errors,
              percent_of_ceiling: high_s,
              ideal_speedup: low_s,
            };
          });
          const text = JSON.stringify(chart.spec({ ...small, rows }));
          expect(text).not.toMatch(
            /"(seconds|speed_up|useful_flops|pairs|x|y|speed|error|budget|ratio)":null/,
          );
          expect(text).not.toMatch(/"domain":\[[^\]]*null/);
        },
      ),
      { numRuns: 40 },
    );
  });

  async function drawn(results: Results): Promise<string> {
    const warnings: string[] = [];
    const spec = chart.spec(results);
    if (spec === null) throw new Error("there is a chart to draw");
    const svg = await renderSvg(spec, (message) => warnings.push(message));
    expect(warnings).toEqual([]);
    return svg;
  }
});

test("charts have names of their own, safe as file names", () => {
  expect(new Set(charts.map(({ id }) => id)).size).toBe(charts.length);
  for (const { id } of charts) expect(id).toMatch(/^[a-z][a-z-]*$/);
});

test("a chart that asks for a file or an address gets none", async () => {
  const spec = { data: { url: "file:///etc/hostname" }, mark: "bar", encoding: {} } as const;
  const warnings: string[] = [];
  await renderSvg({ $schema: "https://vega.github.io/schema/vega-lite/v6.json", ...spec }, (message) =>
    warnings.push(message),
  );
  expect(warnings.join()).toMatch(/the data must lie in the chart itself/);
});

test("ticks are round, rise, and lie within the span", () => {
  expect(logTicks(0.9, 11)).toEqual([1, 2, 5, 10]);
  expect(logTicks(1e-7, 1.1e-5)).toEqual([1e-7, 3e-7, 1e-6, 3e-6, 1e-5]);
  expect(logTicks(0.5e-6, 2)).toEqual([1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1]);
  expect(logTicks(1.2e-4, 1.07)).toEqual([3e-4, 1e-3, 3e-3, 1e-2, 3e-2, 0.1, 0.3, 1]);
  expect(logTicks(1.2e-6, 0.4)).toEqual([3e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 0.3]);
  expect(logTicks(1.74e-3, 2.3e-3)).toEqual([1.8e-3, 2e-3, 2.2e-3]);
  expect(() => logTicks(0, 1)).toThrow("got 0 and 1");
  expect(() => logTicks(Number.NaN, 1)).toThrow("got NaN and 1");
});

test("ticks of bytes are powers of two, no more than nine, where two fit", () => {
  expect(byteTicks(3, 70)).toEqual([4, 8, 16, 32, 64]);
  expect(byteTicks(1000, 5e6).map(Math.log2)).toEqual([10, 12, 14, 16, 18, 20, 22]);
  expect(byteTicks(1, 2 ** 43).map(Math.log2)).toEqual([0, 5, 10, 15, 20, 25, 30, 35, 40]);
  expect(byteTicks(1e5, 1.3e5)).toEqual([100_000, 110_000, 120_000, 130_000]);
});

test("every span that a chart can have is covered by ticks with labels of their own", () => {
  const low = fc.double({ min: -12, max: 12, noNaN: true }).map((power) => 10 ** power);
  // Room above and below the outermost points makes a factor of 1.32 at least.
  const factor = fc.double({ min: 0.1214, max: 9, noNaN: true }).map((power) => 10 ** power);
  fc.assert(
    fc.property(low, factor, (low, factor) => {
      const ticks = logTicks(low, low * factor);
      expect(ticks.length).toBeGreaterThan(1);
      expect(ticks).toEqual([...new Set(ticks)].sort((a, b) => a - b));
      expect(ticks[0] / low).toBeLessThan(3.4);
      expect((low * factor) / ticks[ticks.length - 1]).toBeLessThan(3.4);
      const digits = digitsOf(ticks, formatSeconds);
      expect(new Set(ticks.map((tick) => formatSeconds(tick, digits))).size).toBe(ticks.length);
    }),
  );
});

test("ticks end where numbers end", () => {
  expect(logTicks(5e-324, 5e-324)).toEqual([]);
  expect(logTicks(1e308, Number.MAX_VALUE)).toEqual([1e308, 1.2e308, 1.4e308, 1.6e308]);
});

test("tick labels have as many digits as it takes to write them", () => {
  expect(digitsOf([1e-3, 3e-3], formatSeconds)).toBe(1);
  expect(digitsOf([9e-4, 1e-3, 1.1e-3], formatSeconds)).toBe(2);
});

test("tick labels are looked up by value", () => {
  expect(labelExpression([1e-7, 1024], (tick) => `<${tick}>`)).toBe(
    '{"1024":"<1024>","1e-7":"<1e-7>"}[datum.value]',
  );
});
