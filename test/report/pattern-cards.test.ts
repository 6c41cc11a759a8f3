import { expect, test } from "vitest";
import { gallery } from "../../src/report/charts/gallery.ts";
import { pairsByPart, patternCardsOf } from "../../src/report/charts/pattern-cards.ts";
import { hostileResults, unprintables } from "./hostile-results.ts";
import { sampleResults } from "./sample-results.ts";

function cardsOf(results: ReturnType<typeof sampleResults>) {
  const found = patternCardsOf(gallery.spec(results) ?? {});
  if (found === null) throw new Error("the gallery has cards");
  return found;
}

test("each pattern of the gallery comes with its family, N and its parameters as drawn and as measured", () => {
  const { cards } = cardsOf(sampleResults());
  const local = cards.find(({ title }) => title === "local");
  expect(local).toMatchObject({
    series: "local",
    length: 32,
    image: null,
    parameters: [["window", "5", "128"]],
  });
  expect(local?.family).toMatch(/^sparse: /);
  expect(cards.map(({ title }) => title)).toContain("full");
});

test("patterns that look alike have one card, without parameters, which shape none of them", () => {
  const as: Readonly<Record<string, string>> = { local: "rope", stride: "alibi", global: "sink-logit" };
  const results = sampleResults({
    variants: 4,
    alter: (line) => ({ ...line, variant: as[line.variant] ?? line.variant, params: { base: 7 } }),
  });
  expect(cardsOf(results).cards).toMatchObject([
    { title: "full, alibi, rope, sink-logit", series: "full", parameters: [] },
  ]);
});

test("a pattern of pixels has a card for its matrix and its image", () => {
  const results = sampleResults({
    variants: 1,
    alter: (line) => ({ ...line, variant: "swin", params: { width: 6, window: 3 } }),
  });
  const spec = gallery.spec(results);
  const { cards } = cardsOf(results);
  expect(cards).toMatchObject([{ title: "swin", image: "swin\n6 × 6 pixels" }]);
  for (const panel of [cards[0].panel, cards[0].image])
    expect(JSON.stringify(spec)).toContain(`"panel":${JSON.stringify(panel)}`);
});

test("parts are counted in pairs, those of a pattern in the order of the legend", () => {
  const parts = [
    { word: "global", color: "#000001" },
    { word: "local", color: "#000002" },
    { word: "random", color: "#000003" },
  ];
  const area = (part: string, rowTo: number, keyTo: number) => ({
    part,
    rowFrom: 0,
    rowTo,
    keyFrom: 1,
    keyTo,
  });
  expect(pairsByPart([area("local", 2, 4), area("global", 1, 2), area("local", 3, 2)], parts)).toEqual([
    { word: "global", color: "#000001", pairs: 1 },
    { word: "local", color: "#000002", pairs: 9 },
  ]);
});

test("names of a results file are printable and short on cards", () => {
  const text = JSON.stringify(patternCardsOf(gallery.spec(hostileResults()) ?? {}));
  expect(unprintables(text)).toEqual([]);
});
