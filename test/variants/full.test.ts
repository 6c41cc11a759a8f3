import { expect, it } from "vitest";
import { full } from "../../variants/dense/full.ts";
import { bindVariant } from "./bound-variant.ts";

it("full attends every key from every query, and has no parameters", () => {
  expect(full.params).toEqual({});
  for (const length of [1, 2, 61, 200]) {
    const bound = bindVariant(full, {}, length);
    expect(bound.pairs()).toBe(length * length);
    for (let query = 0; query < length; query++) expect(bound.intervals(query)).toEqual([0, length]);
  }
});
