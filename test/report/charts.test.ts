import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Results } from "../../src/record/case-row.ts";
import { charts } from "../../src/report/charts/index.ts";
import { labelExpression, logTicks } from "../../src/report/charts/ticks.ts";
import { renderSvg } from "../../src/report/svg.ts";
import { hostileResults, hostileTraces } from "./hostile-results.ts";
import { sampleResults } from "./sample-results.ts";

// Without noise, so that no digit depends on a platform's logarithm.
const small = sampleResults({ noise: 0, variants: 2, lengths: [256, 512, 1024, 5000] });

describe.each(charts)("the chart $id", (chart) => {
  test("is this specification", () => {
    expect(chart.spec(small)).toMatchSnapshot();
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
    ["one length without intervals", { lengths: [1000], rounds: 1 }],
  ] as const)("is drawn without a word from Vega: %s", async (_, options) => {
    const results = sampleResults(options);
    const svg = await drawn(results);
    expect(svg).toMatch(/^<svg /);
    expect(svg).not.toMatch(/NaN|undefined|null|Infinity/);
    for (const { variant } of results.rows) {
      if (chart.id !== "speedup" || variant !== "full") expect(svg).toContain(variant);
    }
  });

  test("draws the same bytes each time", async () => {
    expect(await drawn(small)).toBe(await drawn(small));
  });

  test("holds no hostile string as markup or control character", async () => {
    const svg = await drawn(hostileResults());
    expect(hostileTraces(svg)).toEqual([]);
    expect(svg).toContain("&lt;/title&gt;");
  });

  test("survives times and counts at the ends of what a number can be", () => {
    const number = fc.constantFrom(0, 5e-324, 1e-300, 1e-9, 1, 1e300, 1.7e308);
    fc.assert(
      fc.property(
        fc.array(fc.tuple(number, number, number, number), { minLength: 8, maxLength: 8 }),
        (values) => {
          const rows = small.rows.map((row, index) => {
            const [median_s, low_s, high_s, useful_flops] = values[index];
            return { ...row, median_s, low_s, high_s, useful_flops };
          });
          const text = JSON.stringify(chart.spec({ ...small, rows }));
          expect(text).not.toMatch(/"(seconds|speed_up|useful_flops)":null/);
        },
      ),
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
  expect(() => logTicks(0, 1)).toThrow("got 0 and 1");
  expect(() => logTicks(Number.NaN, 1)).toThrow("got NaN and 1");
});

test("a span of a third of a decade has at least one tick", () => {
  fc.assert(
    fc.property(fc.double({ min: 1e-12, max: 1e12, noNaN: true }), (low) => {
      expect(logTicks(low, low * 2.6).length).toBeGreaterThan(0);
    }),
  );
});

test("tick labels are looked up by value", () => {
  expect(labelExpression([1e-7, 1024], (tick) => `<${tick}>`)).toBe(
    '{"1024":"<1024>","1e-7":"<1e-7>"}[datum.value]',
  );
});
