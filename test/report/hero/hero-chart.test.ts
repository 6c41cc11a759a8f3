import { expect, test } from "vitest";
import { tokenTime } from "../../../src/report/charts/decode/time.ts";
import { inks } from "../../../src/report/charts/look.ts";
import { time } from "../../../src/report/charts/time.ts";
import { renderSvg } from "../../../src/report/svg.ts";
import { sampleDecode } from "../sample-decode.ts";
import { sampleResults } from "../sample-results.ts";

/** The texts of a picture with where they stand. */
async function textsOf(results: Parameters<typeof time.spec>[0], chart = time) {
  const spec = chart.spec(results);
  if (spec === null) throw new Error("there is a chart to draw");
  const svg = await renderSvg(spec);
  const texts = [
    ...svg.matchAll(/<text text-anchor="start" transform="translate\(([\d.]+),([\d.]+)\)"([^>]*)>([^<]*)</g),
  ];
  return texts.map(([, x, y, style, text]) => ({
    x: Number(x),
    y: Number(y),
    bold: /bold/.test(style),
    text,
  }));
}

test.each([3, 7, 12, 20, 64])(
  "of %i variants at most twelve are named, the baseline in bold, and no two collide",
  async (variants) => {
    const names = (await textsOf(sampleResults({ variants }))).filter(({ text }) => !/^Time/.test(text));
    const series = names.filter(({ text }) => !text.startsWith("∝"));
    expect(series).toHaveLength(Math.min(variants, 12));
    expect(names.filter(({ bold }) => bold).map(({ text }) => text)).toEqual(["full"]);
    const heights = names.map(({ y }) => y).sort((a, b) => a - b);
    for (const [index, y] of heights.entries())
      if (index > 0) expect(y - heights[index - 1]).toBeGreaterThan(14.8);
  },
);

test("the fastest at the longest length are named", async () => {
  const results = sampleResults({ variants: 30 });
  const at = results.rows.filter(({ length }) => length === 4096);
  const fastest = at.toSorted((a, b) => (a.median_s ?? 0) - (b.median_s ?? 0)).slice(0, 11);
  const names = (await textsOf(results)).map(({ text }) => text);
  for (const { variant } of fastest) expect(names).toContain(variant);
});

test("lines N and N² grow by these powers, and those of steps by the first", () => {
  const powersOf = (chart: typeof time, results: Parameters<typeof time.spec>[0]) => {
    const spec = JSON.parse(JSON.stringify(chart.spec(results)));
    const rows: { name: string; length: number; seconds: number }[] = spec.layer[0].data.values;
    return [...Map.groupBy(rows, ({ name }) => name)].map(([name, [start, end]]) => [
      name,
      Math.log(end.seconds / start.seconds) / Math.log(end.length / start.length),
    ]);
  };
  const [linear, square] = powersOf(time, sampleResults());
  expect(linear).toEqual(["∝ N", expect.closeTo(1, 6)]);
  expect(square).toEqual(["∝ N²", expect.closeTo(2, 6)]);
  expect(powersOf(tokenTime, sampleDecode())).toEqual([["∝ P", expect.closeTo(1, 6)]]);
});

test("lines of one point are seen though they are grey", async () => {
  const spec = time.spec(sampleResults({ variants: 20, lengths: [1000] }));
  if (spec === null) throw new Error("there is a chart to draw");
  const marks = (await renderSvg(spec)).match(/<path [^<>]*>/g)?.filter((tag) => /opacity="0.45"/.test(tag));
  expect(marks?.filter((tag) => tag.includes(`fill="${inks.line.light}"`))).toHaveLength(8);
});
