import { expect, test } from "vitest";
import { speedup } from "../../src/report/charts/speedup.ts";
import { work } from "../../src/report/charts/work.ts";
import { renderSvg } from "../../src/report/svg.ts";
import { sampleResults } from "./sample-results.ts";

const drawn = async (variants: number, chart = work) => {
  const spec = chart.spec(sampleResults({ variants }));
  if (spec === null) throw new Error("there is a chart to draw");
  const svg = await renderSvg(spec);
  const grey = (svg.match(/<path [^<>]*>/g) ?? []).filter((tag) => /opacity="0.45"/.test(tag));
  return { svg, grey: grey.length, legend: svg.match(/class="mark-text role-legend-label"/g)?.length };
};

test("up to twelve lines are all coloured, and the legend says more of each than its name", async () => {
  const { svg, grey } = await drawn(12);
  expect(grey).toBe(0);
  expect(svg).toContain("local — N^1.00, declared 1");
});

test("of more lines than twelve the fastest and the baseline are coloured, and in the legend", async () => {
  const { svg, grey, legend } = await drawn(64);
  expect(grey).toBe(52);
  expect(legend).toBe(12);
  expect(svg).toContain(">12 of 64, the others in grey<");
  for (const name of ["full", "linear", "global"]) expect(svg).toContain(`>${name}<`);
  expect(svg).not.toContain(">plugin-57<");
});

test("marks of where lines cross are those of coloured lines", async () => {
  const { svg } = await drawn(64, speedup);
  const hollow = (svg.match(/<path [^<>]*fill="#ffffff"[^<>]*stroke="#[0-9a-f]{6}"/g) ?? []).length;
  expect(hollow).toBeGreaterThan(0);
  expect(hollow).toBeLessThanOrEqual(12);
});
