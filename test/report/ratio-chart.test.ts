import fc from "fast-check";
import { expect, test } from "vitest";
import { type RatioCell, ratioChart, type Verdict } from "../../src/report/charts/ratio.ts";
import { renderSvg } from "../../src/report/svg.ts";
import { hostile, hostileTraces, unprintables } from "./hostile-results.ts";
import { xmlFault } from "./xml-fault.ts";

const at1k = { length: 1024, isOfMean: false };

const cells: readonly RatioCell[] = [
  { ...at1k, series: "full", variant: "full", ratio: 1.002, low: 0.995, high: 1.008, verdict: "same" },
  { ...at1k, series: "local", variant: "local", ratio: 0.91, low: 0.9, high: 0.93, verdict: "faster" },
  { ...at1k, series: "stride", variant: "stride", ratio: 1.07, low: 1.05, high: 1.1, verdict: "slower" },
  {
    length: 4096,
    isOfMean: true,
    series: "linear",
    variant: "linear",
    ratio: 1.03,
    low: null,
    high: null,
    verdict: "unresolved",
  },
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
  for (const { series, verdict } of cells) {
    for (const text of [series, `${series} (2)`, verdict]) expect(svg).toContain(`>${text}<`);
  }
  expect(svg.indexOf(">full<")).toBeLessThan(svg.indexOf(">local<"));
  expect(svg.indexOf(">1k<")).toBeLessThan(svg.indexOf(">4k<"));
  expect(await drawn({ title: "t", cells: cells.slice(0, 1), floor: 0 })).not.toContain(">slower<");
});

test("lengths of one series stand side by side in one row, and a ratio of means has a hole", () => {
  const text = JSON.stringify(
    ratioChart({ title: "t", cells: [cells[0], { ...cells[0], length: 4096, isOfMean: true }], floor: 0.01 }),
  );
  expect(text).toContain('"domain":["full"]');
  expect(text).toContain('"sort":["1k","4k"]');
  expect(text).toContain('"equal":"mean"');
});

test("its numbers are changes, some way from the edge: a narrow panel has room for three", () => {
  const labels = (ratio: number) => {
    const one = { ...cells[0], ratio: 1, low: null, high: null };
    const text = JSON.stringify(ratioChart({ title: "t", cells: [{ ...one, ratio }, one], floor: 0.01 }));
    return [...(/"labelExpr":"(\{.*?\})\[/.exec(text)?.[1] ?? "").matchAll(/:\\"(.*?)\\"/g)].map(
      ([, label]) => label,
    );
  };
  expect(labels(1.4)).toEqual(["0", "+30"]);
  expect(labels(0.7)).toEqual(["0", "−30"]);
  expect(labels(12)).toEqual(["0", "5×"]);
});

test("no name is markup in it", async () => {
  const svg = await drawn({
    title: "t",
    cells: cells.map((cell) => ({ ...cell, series: hostile })),
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
    series: fc.string(),
    length: fc.constantFrom(1, 1024, 65_536),
    isOfMean: fc.boolean(),
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
