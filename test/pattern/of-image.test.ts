import { expect, test } from "vitest";
import { aligned } from "../../src/pattern/aligned.ts";
import { axisCells } from "../../src/pattern/axis.ts";
import { band } from "../../src/pattern/band.ts";
import { byHead } from "../../src/pattern/by-head.ts";
import { causal } from "../../src/pattern/causal.ts";
import { comb } from "../../src/pattern/comb.ts";
import { grid } from "../../src/pattern/grid.ts";
import { ofImage } from "../../src/pattern/of-image.ts";
import { union } from "../../src/pattern/union.ts";
import { within } from "../../src/pattern/within.ts";

const cells = (width: number) => grid(width, axisCells(2, 0), axisCells(2, 0), { wholeRows: false });

test("an image is known of whatever is made of a pattern that knows it", () => {
  const made = [
    cells(8),
    ofImage(8, band(1, 1)),
    ofImage(8, union(band(1, 1), comb(8))),
    union(ofImage(8, union(band(1, 1), comb(8))), comb(3)),
    union(band(1, 1), cells(8)),
    byHead(cells(8), comb(8)),
    causal(ofImage(8, band(1, 1))),
    within(cells(8), { left: 9, right: null, from: 1, to: null }),
    aligned(cells(8), 4),
  ];
  for (const { imageWidth, text } of made) expect(imageWidth, text).toBe(8);
});

test("no image is known where there is none, or where two differ", () => {
  for (const pattern of [
    band(1, 1),
    union(band(1, 1), comb(8)),
    union(cells(8), cells(6)),
    byHead(cells(8), cells(6)),
  ]) {
    expect(pattern.imageWidth).toBeUndefined();
  }
});

test("a pattern of an image attends the same keys", () => {
  const plain = union(band(1, 1), comb(8));
  const [of, it] = [ofImage(8, plain), plain].map((pattern) => pattern.bind({ length: 40, head: 0 }));
  for (let query = 0; query < 40; query++) expect(of.intervals(query)).toEqual(it.intervals(query));
  expect(ofImage(8, plain).text).toBe(plain.text);
  expect(() => ofImage(0, plain)).toThrow(/ofImage: width must be/);
});
