import { expect, test } from "vitest";
import { panelsIn } from "../../../src/report/browser/pattern-buttons.ts";
import { plotOffset } from "../../../src/report/browser/plot-offset.ts";
import { gallery } from "../../../src/report/charts/gallery.ts";
import { patternCardsOf } from "../../../src/report/charts/pattern-cards.ts";
import { sampleResults } from "../sample-results.ts";

test("every pattern's panel is found where its cells are drawn, so that a click on it and a button over it meet", async () => {
  const [vega, { compile }] = await Promise.all([import("vega"), import("vega-lite")]);
  const spec = gallery.spec(sampleResults());
  if (spec === null) throw new Error("the gallery has a chart");
  const view = new vega.View(vega.parse(compile(spec).spec), { renderer: "none" });
  const svg = await view.toSVG();
  const { root } = view.scenegraph() as unknown as { readonly root: Parameters<typeof panelsIn>[0] };
  const panels = panelsIn(root);
  const cards = patternCardsOf(spec)?.cards ?? [];
  expect(new Set(panels.map(({ name }) => name))).toEqual(new Set(cards.map(({ panel }) => panel)));
  const [right, down] = plotOffset(view);
  // What comes before the first group's own place in the picture.
  expect(svg).toContain(`transform="translate(${right},${down})"`);
  for (const [place, { x, y, width, height }] of panels.entries()) {
    expect([width, height]).toEqual([160, 160]);
    for (const other of panels.slice(place + 1))
      expect(Math.abs(other.x - x) >= width || Math.abs(other.y - y) >= height).toBe(true);
    expect(right + x + width).toBeLessThanOrEqual(Number(/ width="(\d+)"/.exec(svg)?.[1]));
    expect(down + y + height).toBeLessThanOrEqual(Number(/ height="(\d+)"/.exec(svg)?.[1]));
  }
});

test("the corner of a plot is that of its padding, axes and titles", () => {
  const padding = { left: 12, top: 10, right: 1, bottom: 2 };
  expect(plotOffset({ origin: () => [75, 29], padding: () => padding })).toEqual([87, 39]);
  expect(plotOffset({ origin: () => [75, 29], padding: () => 5 })).toEqual([80, 34]);
});
