import { describe, expect, it } from "vitest";
import { randomStream } from "../../../src/core/random.ts";
import { solveUnitLower } from "../../../src/training/twins/unit-lower.ts";
import { openArrays } from "../open-arrays.ts";
import { relativeDistance, SAME } from "../relative-distance.ts";

const arrays = await openArrays();

describe("a triangular system with ones on its diagonal", () => {
  it.each([1, 2, 15, 16, 17, 33, 48])("of %i rows is solved, whatever stands above the diagonal", (rows) => {
    const random = randomStream(rows);
    const drawn = (count: number) => Float32Array.from({ length: count }, () => random.gaussian());
    const [lower, right] = [drawn(2 * rows * rows).map((one) => one / 4), drawn(2 * rows * 3)];
    const solved = solveUnitLower(
      arrays,
      arrays.tensor(lower, 1, 2, rows, rows),
      arrays.tensor(right, 1, 2, rows, 3),
    );
    const found = solved.numbers();
    expect(solved.shape).toEqual([1, 2, rows, 3]);
    // As it is defined, row by row in float64.
    const exact = new Float64Array(right.length);
    for (let at = 0; at < right.length; at++) {
      const [slice, row, column] = [Math.floor(at / (rows * 3)), Math.floor(at / 3) % rows, at % 3];
      let sum = right[at];
      for (let before = 0; before < row; before++) {
        sum -= lower[(slice * rows + row) * rows + before] * exact[(slice * rows + before) * 3 + column];
      }
      exact[at] = sum;
    }
    expect(relativeDistance(found, exact)).toBeLessThan(SAME);
  });
});
