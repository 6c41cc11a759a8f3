import { expect, test } from "vitest";
import { inks } from "../../../src/report/charts/look.ts";
import { time } from "../../../src/report/charts/time.ts";
import { counterparts } from "../../../src/report/looks/dark-look.ts";
import { renderPng } from "../../../src/report/png.ts";
import { renderSvg } from "../../../src/report/svg.ts";
import { chartsOf } from "../../../src/report/topics/index.ts";
import { hostileResults, hostileTraces, unprintables } from "../hostile-results.ts";
import { sampleResults } from "../sample-results.ts";
import { xmlFault } from "../xml-fault.ts";

const small = sampleResults({ variants: 4, lengths: [256, 1024] });

/** Charts of panels side by side, and those whose names are placed in pixels. */
const twoColumns = /^(frontier|rounds|gallery)$/;

async function drawn(id: string, look: "paper" | "page" | "dark", results = small): Promise<string> {
  const spec = chartsOf(results)
    .find((chart) => chart.id === id)
    ?.spec(results);
  if (spec === null || spec === undefined) throw new Error("there is a chart to draw");
  const warnings: string[] = [];
  const svg = await renderSvg(spec, (message) => warnings.push(message), look);
  expect(warnings).toEqual([]);
  return svg;
}

const ids = chartsOf(small).flatMap(({ id, spec }) => (spec(small) === null ? [] : [id]));

test.each(ids)("for a paper %s is black on white, has no title and letters of eight points", async (id) => {
  const svg = await drawn(id, "paper");
  const [, inches, pixels] = /^<svg [^>]*? width="([\d.]+)in"[^>]* viewBox="0 0 ([\d.]+) /.exec(svg) ?? [];
  const scale = Number(inches) / (Number(pixels) / 96);
  const sizes = [...svg.matchAll(/font-size="([\d.]+)px"/g)].map(([, size]) => Number(size) * scale * 0.75);
  // A heading within a chart may be a little larger.
  expect(sizes.toSorted((a, b) => a - b)[Math.floor(sizes.length / 2)]).toBeCloseTo(8, 1);
  expect(Math.max(...sizes)).toBeLessThan(twoColumns.test(id) ? 8.7 : 8.05);
  expect(Math.min(...sizes)).toBeGreaterThan(7.2);
  expect(svg).not.toContain(inks.text.light);
  expect(svg).toMatch(/<rect [^>]*fill="#ffffff"/);
  const { title } = JSON.parse(JSON.stringify(chartsOf(small).find((chart) => chart.id === id)));
  expect(svg).not.toContain(`>${title}<`);
});

const many = sampleResults({ variants: 20, kernels: ["js", "wasm"], lengths: [256, 512, 1024, 2048] });
const drawable = chartsOf(many).flatMap(({ id, spec }) => (spec(many) === null ? [] : [id]));

test.each(drawable)(
  "for a paper %s is as wide as a column, or as two, and its ground as wide as that",
  async (id) => {
    for (const results of [small, many]) {
      if (results === small && !ids.includes(id)) continue;
      const svg = await drawn(id, "paper", results);
      const [, inches, pixels] =
        /^<svg [^>]*? width="([\d.]+)in"[^>]* viewBox="0 0 ([\d.]+) /.exec(svg) ?? [];
      expect([3.25, 6.75]).toContain(Number(Number(inches).toFixed(2)));
      if (!twoColumns.test(id)) expect(Number(inches)).toBeCloseTo(3.25, 2);
      expect(svg).toContain(`<rect width="${pixels}"`);
    }
  },
);

test("for a paper names at the ends of twelve lines do not collide", async () => {
  const svg = await drawn("time", "paper", sampleResults({ variants: 30 }));
  const names = [
    ...svg.matchAll(/<text text-anchor="start" transform="translate\([\d.]+,([\d.]+)\)"[^>]*>[^<]+</g),
  ];
  const heights = names.map(([, y]) => Number(y)).sort((a, b) => a - b);
  expect(heights).toHaveLength(14);
  for (const [at, y] of heights.entries()) if (at > 0) expect(y - heights[at - 1]).toBeGreaterThan(13);
});

test("a picture for a paper has 300 pixels in an inch", async () => {
  const png = await renderPng(await drawn("time", "paper"), "paper");
  const width = new DataView(png.buffer, png.byteOffset).getUint32(16);
  expect(Math.abs(width - 3.25 * 300)).toBeLessThan(3);
});

test("in the dark look every colour is that of a dark page, and no name is changed", async () => {
  const [first] = [...counterparts.keys()];
  const named = ({ variant, ...row }: (typeof small.rows)[number]) => ({
    ...row,
    variant: variant === "local" ? `fill="${first}"` : variant,
  });
  const spec = time.spec({ ...small, rows: small.rows.map(named) });
  if (spec === null) throw new Error("there is a chart to draw");
  const svg = await renderSvg(spec, () => {}, "dark");
  const colors = [...svg.matchAll(/<[^<>]* (?:fill|stroke)="(#[0-9a-f]{6})"/g)].map(([, color]) => color);
  expect(colors.length).toBeGreaterThan(20);
  for (const color of colors) expect([...counterparts.values()]).toContain(color);
  expect(svg).toMatch(new RegExp(`>fill=(?:"|&quot;)${first}`));
});

test.each(["paper", "dark"] as const)(
  "in the look %s no hostile string is markup, and bytes repeat",
  async (look) => {
    const svg = await drawn("time", look, hostileResults());
    expect(hostileTraces(svg)).toEqual([]);
    expect(unprintables(svg)).toEqual([]);
    expect(xmlFault(svg)).toBeNull();
    expect(await drawn("time", look, hostileResults())).toBe(svg);
  },
);
