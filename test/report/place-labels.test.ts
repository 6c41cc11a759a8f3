import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type Box,
  LINE,
  overlap,
  type PlacedLabel,
  placeLabels,
  widthOf,
} from "../../src/report/charts/place-labels.ts";

const area = { width: 640, height: 460 };

function boxOf({ x, y, align }: PlacedLabel, text: string): Box {
  const width = widthOf(text);
  const left = { left: x, center: x - width / 2, right: x - width }[align];
  return { left, right: left + width, top: y - LINE / 2, bottom: y + LINE / 2 };
}

const points = fc.array(
  fc.record({
    x: fc.integer({ min: 26, max: 614 }),
    y: fc.integer({ min: 26, max: 434 }),
    radius: fc.integer({ min: 3, max: 17 }),
    text: fc.string({ minLength: 4, maxLength: 18 }),
  }),
  { minLength: 1, maxLength: 30 },
);

describe("labels", () => {
  test("of thirty points anywhere overlap no other and lie within the chart", () => {
    fc.assert(
      fc.property(points, (of) => {
        const boxes = placeLabels(of, area).flatMap((label, index) =>
          label === null ? [] : [boxOf(label, of[index].text)],
        );
        for (const [index, box] of boxes.entries()) {
          expect(Math.min(box.left, box.top)).toBeGreaterThanOrEqual(-1e-9);
          expect(box.right).toBeLessThanOrEqual(area.width + 1e-9);
          expect(box.bottom).toBeLessThanOrEqual(area.height + 1e-9);
          for (const other of boxes.slice(index + 1)) expect(overlap(box, other)).toBe(false);
        }
      }),
      { numRuns: 60 },
    );
  });

  test("of twenty variants on one spot all find a place, and lines lead to it", () => {
    const crowd = Array.from({ length: 20 }, (_, at) => ({
      x: 320 + at,
      y: 230,
      radius: 8,
      text: `variant-${at}`,
    }));
    const placed = placeLabels(crowd, area);
    expect(placed.filter((label) => label === null)).toEqual([]);
    expect(placed.filter((label) => label?.lead !== null).length).toBeGreaterThan(10);
  });

  test("stay off what is taken, and off lines if there is room", () => {
    const taken: Box = { left: 100, right: 640, top: 200, bottom: 260 };
    const point = { x: 95, y: 230, radius: 5, text: "local" };
    const [label] = placeLabels([point], { ...area, taken: [taken] });
    if (label === null) throw new Error("there is room");
    expect(overlap(boxOf(label, point.text), taken)).toBe(false);
    const line = { from: { x: 95, y: 230 }, to: { x: 400, y: 230 } };
    const [beside] = placeLabels([point], { ...area, drawn: [line] });
    expect(beside?.align).not.toBe("left");
  });

  test("stay off lines across the chart, which the line to a mark on one may pass", () => {
    const across: Box = { left: 0, right: 640, top: 228, bottom: 232 };
    const crowd = [0, 1, 2, 3, 4].map((at) => ({ x: 320 + at, y: 230, radius: 8, text: `variant-${at}` }));
    const placed = placeLabels(crowd, { ...area, across: [across] });
    expect(placed).not.toContain(null);
    for (const label of placed)
      if (label !== null) expect(overlap(boxOf(label, "variant-0"), across)).toBe(false);
    expect(placed.some((label) => label?.lead != null)).toBe(true);
  });

  test("that fit nowhere are none, and a single one lies to the right of its mark", () => {
    expect(placeLabels([{ x: 10, y: 10, radius: 3, text: "x".repeat(200) }], area)).toEqual([null]);
    const [label] = placeLabels([{ x: 100, y: 100, radius: 6, text: "full" }], area);
    expect(label).toEqual({ x: 108, y: 100, align: "left", lead: null });
  });
});
