import fc from "fast-check";
import { expect, test } from "vitest";
import { type RatioCell, ratioChart, type Verdict } from "../../src/report/charts/ratio.ts";
import { renderSvg } from "../../src/report/svg.ts";
import { hostile, hostileTraces, unprintables } from "./hostile-results.ts";
import { xmlFault } from "./xml-fault.ts";

const cells: readonly RatioCell[] = [
  { label: "full · 1k", variant: "full", ratio: 1.002, low: 0.995, high: 1.008, verdict: "same" },
  { label: "local · 1k", variant: "local", ratio: 0.91, low: 0.9, high: 0.93, verdict: "faster" },
  { label: "stride · 1k", variant: "stride", ratio: 1.07, low: 1.05, high: 1.1, verdict: "slower" },
  { label: "linear · 1k", variant: "linear", ratio: 1.03, low: null, high: null, verdict: "unresolved" },
];

async function drawn(chart: Parameters<typeof ratioChart>[0]): Promise<string> {
  const spec = ratioChart(chart);
  if (spec === null) throw new Error("there is a chart to draw");
  const warnings: string[] = [];
  const svg = await renderSvg(spec, (message) => warnings.push(message));
  expect(warnings).toEqual([]);
  return svg;
}

test("a ratio chart is this specification", () => {
  expect(ratioChart({ title: "Head against base", cells, floor: 0.01 })).toMatchSnapshot();
});

test("cells stand in their order, each under its own name, with the verdicts that were given", async () => {
  const svg = await drawn({ title: "Head against base", cells: [...cells, ...cells], floor: 0.01 });
  for (const { label, verdict } of cells) {
    for (const text of [label, `${label} (2)`, verdict]) expect(svg).toContain(`>${text}<`);
  }
  expect(svg.indexOf(">full · 1k<")).toBeLessThan(svg.indexOf(">local · 1k<"));
  expect(await drawn({ title: "t", cells: cells.slice(0, 1), floor: 0 })).not.toContain(">slower<");
});

test("no name is markup in it", async () => {
  const svg = await drawn({
    title: "t",
    cells: cells.map((cell) => ({ ...cell, label: hostile })),
    floor: 0.01,
  });
  expect(hostileTraces(svg)).toEqual([]);
  expect(unprintables(svg)).toEqual([]);
  expect(xmlFault(svg)).toBeNull();
});

test("there is none without a ratio, and none with a floor that is no share", () => {
  expect(ratioChart({ title: "t", cells: [], floor: 0.01 })).toBeNull();
  expect(ratioChart({ title: "t", cells: [{ ...cells[0], ratio: 0 }], floor: 0.01 })).toBeNull();
  for (const floor of [-0.1, 1, Number.NaN]) {
    expect(() => ratioChart({ title: "t", cells, floor })).toThrow(/floor must be a share/);
  }
});

test("whatever the ratios, what is drawn has a place on a logarithmic axis", () => {
  const number = fc.constantFrom(0, 5e-324, 1e-9, 0.5, 1, 1e300, 1.7e308);
  const end = fc.option(number);
  const verdict = fc.constantFrom<Verdict>("faster", "slower", "same", "unresolved");
  const cell = fc.record({
    label: fc.string(),
    variant: fc.string(),
    ratio: number,
    low: end,
    high: end,
    verdict,
  });
  fc.assert(
    fc.property(fc.array(cell, { maxLength: 5 }), (some) => {
      const text = JSON.stringify(ratioChart({ title: "t", cells: some, floor: 0.01 }));
      expect(text).not.toMatch(/"(ratio|low|high)":0[,}]|"ratio":null/);
    }),
  );
});
