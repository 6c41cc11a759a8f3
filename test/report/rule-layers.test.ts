import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Line } from "../../src/report/charts/line-chart.ts";
import { ruleLayers } from "../../src/report/charts/rule-layers.ts";

const frame = { domain: [0.01, 100], width: 560, height: 360 };

/** A line through values at lengths 1k, 2k and 4k. */
function line(...values: readonly number[]): Line {
  const points = values.map((value, at) => ({ row: { length: 1024 * 2 ** at }, value }));
  return { points } as unknown as Line;
}

/** Where the label "wasm" of a rule at 1 stands. */
function placeOf(...lines: readonly Line[]) {
  const reached = lines.flatMap(({ points }) => points.map(({ value }) => value));
  const [, { mark }] = ruleLayers({ value: 1, label: "wasm" }, reached, lines, frame);
  const { align, baseline } = mark as { align: string; baseline: string };
  return `${baseline === "bottom" ? "above" : "below"} ${align}`;
}

describe("the label of a rule", () => {
  it("is at the right end, on the side with more room, where no line is", () => {
    expect(placeOf(line(50, 50, 50), line(0.5, 0.5, 0.5))).toBe("above right");
    expect(placeOf(line(0.02, 0.02, 0.02), line(2, 2, 2))).toBe("below right");
  });

  it("moves to the other end, or to the other side, where lines pass", () => {
    expect(placeOf(line(50, 50, 1.1), line(0.5, 0.5, 0.5))).toBe("above left");
    expect(placeOf(line(1.1, 1.1, 1.1), line(50, 50, 50))).toBe("below right");
    expect(placeOf(line(1.1, 1.1, 1.1), line(0.9, 0.9, 0.3), line(50))).toBe("below right");
    expect(placeOf(line(1.1, 1.1, 1.1), line(0.3, 0.9, 0.9), line(50))).toBe("below left");
  });

  it("stays where it is usually where there is no place without a line", () => {
    expect(placeOf(line(1.1, 1.1, 1.1), line(0.9, 0.9, 0.9), line(50, 50, 50))).toBe("above right");
  });

  it("is never where a point of a line stands, if there is another place", () => {
    const value = fc.constantFrom(0.02, 0.95, 1.05, 50);
    fc.assert(
      fc.property(fc.array(fc.tuple(value, value, value), { minLength: 1, maxLength: 3 }), (drawn) => {
        const place = placeOf(...drawn.map((values) => line(...values)));
        const at = place.endsWith("left") ? 0 : 2;
        const taken = (above: boolean, end: number) =>
          drawn.some((values) => values[end] === (above ? 1.05 : 0.95));
        const everywhere = [0, 2].every((end) => taken(true, end) && taken(false, end));
        const isTaken = taken(place.startsWith("above"), at);
        // A line may pass beside its points, so that all places are taken.
        if (isTaken) expect(everywhere || place === "above right" || place === "below right").toBe(true);
      }),
    );
  });
});
