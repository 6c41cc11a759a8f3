import { expect, test } from "vitest";
import { countText } from "../../src/text/count-text.ts";

test("one is one of it, and none and more are several", () => {
  expect([0, 1, 2].map((count) => countText(count, "cell"))).toEqual(["0 cells", "1 cell", "2 cells"]);
});
