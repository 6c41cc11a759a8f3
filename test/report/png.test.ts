import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { Resvg } from "@resvg/resvg-wasm";
import { beforeAll, expect, test } from "vitest";
import { renderPng } from "../../src/report/png.ts";
import { renderSvg } from "../../src/report/svg.ts";
import { unitCharts } from "../../src/report/topics/index.ts";
import { textWidth } from "../../src/text/text-width.ts";
import { sampleResults } from "./sample-results.ts";

const charts = unitCharts("pass");

const { resolve } = createRequire(import.meta.url);
const fonts = ["DejaVuSans", "DejaVuSans-Bold"].map((name) =>
  readFileSync(resolve(`dejavu-fonts-ttf/ttf/${name}.ttf`)),
);
const plain =
  '<svg xmlns="http://www.w3.org/2000/svg" width="300" height="40"><rect width="300" height="40" fill="#fff"/>';

function written(text: string): string {
  return `${plain}<text x="5" y="25" font-family="sans-serif" font-size="12">${text}</text></svg>`;
}

function sizeOf(png: Uint8Array): readonly [number, number] {
  const view = new DataView(png.buffer, png.byteOffset);
  return [view.getUint32(16), view.getUint32(20)];
}

test("a PNG has two pixels for each of the picture's, and the same bytes each time", async () => {
  const png = await renderPng(written("full — N^2.00"));
  expect([...png.subarray(0, 8)]).toEqual([137, 80, 78, 71, 13, 10, 26, 10]);
  expect(sizeOf(png)).toEqual([600, 80]);
  expect(Buffer.from(await renderPng(written("full — N^2.00"))).equals(png)).toBe(true);
});

test("text is drawn on a machine without fonts", async () => {
  const [text, blank] = [await renderPng(written("300 µs")), await renderPng(`${plain}</svg>`)];
  expect(text.length).toBeGreaterThan(1.5 * blank.length);
});

test("pictures are drawn one by one and all at once alike", async () => {
  const texts = ["a", "b", "c"].map(written);
  const together = await Promise.all(texts.map((svg) => renderPng(svg)));
  for (const [index, text] of texts.entries()) {
    expect(Buffer.from(await renderPng(text)).equals(together[index])).toBe(true);
  }
});

let shown: readonly { text: string; size: number; bold: boolean }[];
beforeAll(async () => {
  await renderPng(`${plain}</svg>`);
  const results = sampleResults({ variants: 20 });
  const pictures = await Promise.all(
    charts.map(({ spec }) => spec(results)).map((spec) => (spec === null ? "" : renderSvg(spec))),
  );
  shown = pictures
    .flatMap((svg) => [...svg.matchAll(/<text ([^>]*)>([^<]*)<\/text>/g)])
    .map(([, attributes, text]) => ({
      text,
      size: Number(/font-size="(\d+)px"/.exec(attributes)?.[1]),
      bold: attributes.includes('font-weight="bold"'),
    }))
    .filter(({ text, bold }) => text.trim() !== "" && !bold);
});

test("no text of a chart is wider in the PNG's font than it was measured", () => {
  expect(shown.length).toBeGreaterThan(30);
  for (const { text, size } of shown) {
    const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="900" height="40"><text x="5" y="25" font-family="sans-serif" font-size="${size}">${text}</text></svg>`;
    const picture = new Resvg(svg, { font: { fontBuffers: fonts, sansSerifFamily: "DejaVu Sans" } });
    const width = picture.getBBox()?.width ?? 0;
    expect(width, text).toBeGreaterThan(0);
    expect(width, text).toBeLessThanOrEqual(textWidth(text, size));
  }
});
