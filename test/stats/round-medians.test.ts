import { expect, test } from "vitest";
import { roundMedians } from "../../src/stats/round-medians.ts";

test("each round of each case has its median, by its number, and of one that stands twice the later counts", () => {
  const medians = roundMedians([
    { case: "a", round: 1, samples: [3, 1, 2] },
    { case: "b", round: 1, samples: [9] },
    { case: "a", round: 0, samples: [4, 6] },
    { case: "b", round: 1, samples: [8] },
  ]);
  expect([...medians].map(([name, own]) => [name, [...own]])).toEqual([
    [
      "a",
      [
        [1, 2],
        [0, 5],
      ],
    ],
    ["b", [[1, 8]]],
  ]);
});
