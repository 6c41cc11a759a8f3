import fc from "fast-check";
import { expect, test } from "vitest";
import {
  cutToWidth,
  type Ends,
  endLabels,
  roomOf,
  spread,
} from "../../../src/report/charts/hero/end-labels.ts";
import { textWidth } from "../../../src/text/text-width.ts";

const wanted = fc.array(fc.double({ min: -200, max: 600, noNaN: true }), { maxLength: 30 });

test("places are within the ends, in the order wanted, and at least a gap apart", () => {
  fc.assert(
    fc.property(wanted, fc.double({ min: 1, max: 50, noNaN: true }), (values, gap) => {
      const placed = spread(values, gap, [0, 400]);
      const found = placed
        .flatMap((at, index) => (at === null ? [] : [{ at, wanted: values[index] }]))
        .sort((a, b) => a.at - b.at);
      expect(found.length).toBe(Math.min(values.length, Math.floor(400 / gap + 1e-9) + 1));
      for (const [index, { at, wanted }] of found.entries()) {
        expect(at).toBeGreaterThan(-1e-6);
        expect(at).toBeLessThan(400 + 1e-6);
        if (index === 0) continue;
        expect(at - found[index - 1].at).toBeGreaterThan(gap - 1e-6);
        expect(wanted).toBeGreaterThanOrEqual(found[index - 1].wanted);
      }
    }),
    { numRuns: 200 },
  );
});

test("no other places with the same gaps are nearer to those wanted", () => {
  const cost = (places: readonly (number | null)[], values: readonly number[]) =>
    places.reduce<number>((sum, at, index) => sum + ((at ?? 0) - values[index]) ** 2, 0);
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 12 }), { minLength: 1, maxLength: 4 }),
      fc.array(fc.integer({ min: 0, max: 12 }), { minLength: 4, maxLength: 4 }),
      (values, other) => {
        const best = spread(values, 2, [0, 12]);
        const order = values.map((_, at) => at).sort((a, b) => values[a] - values[b] || a - b);
        const rival = other.slice(0, values.length).sort((a, b) => a - b);
        const apart = rival.every((at, rank) => rank === 0 || at - rival[rank - 1] >= 2);
        const placed = values.map((_, at) => rival[order.indexOf(at)]);
        if (apart) expect(cost(best, values)).toBeLessThan(cost(placed, values) + 1e-9);
      },
    ),
    { numRuns: 500 },
  );
});

test("what is wanted apart stays where it is, and of what has no room the last goes without", () => {
  expect(spread([10, 90, 50], 14, [0, 100])).toEqual([10, 90, 50]);
  expect(spread([50, 50, 50], 10, [0, 100])).toEqual([40, 50, 60]);
  expect(spread([100, 100], 10, [0, 100])).toEqual([90, 100]);
  expect(spread([5, 5, 5], 10, [0, 10])).toEqual([0, 10, null]);
  expect(spread([], 10, [0, 10])).toEqual([]);
});

const ends: Ends = {
  ends: [
    { series: "full", name: "full", emphasised: true, length: 4096, value: 1 },
    { series: "local", name: "local", emphasised: false, length: 1024, value: 0.1 },
    { series: "linear", name: "linear", emphasised: false, length: 4096, value: 0.1 },
    { series: null, name: "∝ N", emphasised: false, length: 4096, value: 0.01 },
  ],
  x: [256, 4096],
  y: [0.01, 1],
};
const plot = { width: 424, height: 200, padding: 12, fontSize: 12, most: 100 };

test("a name stands beside the plot, level with its line's last point, wherever that is", () => {
  const labels = endLabels(ends, new Set(["full", "local"]), plot);
  expect(labels.map(({ text }) => text)).toEqual(["full", "local", "∝ N"]);
  expect(labels.map(({ end_x, end_y, text_y }) => [end_x, end_y, text_y])).toEqual([
    [412, 0, 0],
    [212, 100, 100],
    [412, 200, 200],
  ]);
  for (const { mark_x, text_x } of labels) {
    expect(mark_x).toBeGreaterThan(plot.width);
    expect(text_x).toBeGreaterThan(mark_x);
  }
});

test("names of lines that end at one point lie a line apart", () => {
  const labels = endLabels(ends, new Set(["local", "linear"]), plot);
  const [local, linear] = labels;
  expect(local.end_y).toBe(linear.end_y);
  expect(Math.abs(local.text_y - linear.text_y)).toBeCloseTo(15, 6);
});

test("the room of names is that of the widest that is shown, none wider than allowed", () => {
  const long = `${"a".repeat(300)}z`;
  const wide: Ends = { ...ends, ends: [...ends.ends, { ...ends.ends[0], series: long, name: long }] };
  const narrow = roomOf(wide, new Set(["full"]), plot);
  expect(narrow).toBeLessThan(25 + 40);
  expect(roomOf(wide, new Set([long]), plot)).toBeGreaterThan(25 + 80);
  expect(roomOf(wide, new Set([long]), plot)).toBeLessThanOrEqual(25 + 100);
});

test("a name that is too wide keeps both its ends, and no character is cut in two", () => {
  expect(cutToWidth("local", 12, 100)).toBe("local");
  const cut = cutToWidth("longformer · window=128 · stride=64 · js", 12, 150);
  expect(cut).toMatch(/^longf.*….*js$/);
  expect(textWidth(cut, 12)).toBeLessThanOrEqual(150);
  expect(cutToWidth("😀".repeat(40), 12, 60).isWellFormed()).toBe(true);
  expect(cutToWidth("abc", 12, 1)).toBe("a…");
});
