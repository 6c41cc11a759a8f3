import { expect, test } from "vitest";
import { band } from "../../src/pattern/band.ts";
import { comb } from "../../src/pattern/comb.ts";
import { union } from "../../src/pattern/union.ts";
import { patternSvg } from "../../src/report/pattern-svg.ts";

test("the filled cells of the drawing are the pairs of the pattern", () => {
  const pattern = union(band(3, 1), comb(7)).bind({ length: 40, head: 0 });
  const filled = new Set<string>();
  const runs = /M(\d+) (\d+)H(\d+)v1H\1z/g;
  for (const [, from, row, to] of patternSvg(pattern, "a pattern").matchAll(runs)) {
    for (let key = Number(from); key < Number(to); key++) filled.add(`${row} ${key}`);
  }
  const attended = new Set<string>();
  for (let query = 0; query < 40; query++) {
    for (let key = 0; key < 40; key++) if (pattern.attends(query, key)) attended.add(`${query} ${key}`);
  }
  expect(filled).toEqual(attended);
});

test("a caption is data, and is squeezed where it is too long", () => {
  const pattern = band(1, 1).bind({ length: 4, head: 0 });
  const svg = patternSvg(pattern, `<script>alert(1)</script>${"x".repeat(90)}`);
  expect(svg).not.toContain("<script>");
  expect(svg).toContain('textLength="512"');
  expect(patternSvg(pattern, "short")).not.toContain("textLength");
});
