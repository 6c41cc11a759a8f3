import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { axial } from "../../variants/image/axial.ts";
import { type Definition, expectDefinition } from "../pattern/brute-force.ts";
import { bindVariant, defaultsOf } from "./bound-variant.ts";
import { connected } from "./reached.ts";

const lengths = fc.integer({ min: 1, max: 90 });
const widths = fc.integer({ min: 1, max: 100 });
const inRow =
  (width: number): Definition =>
  (i, j) =>
    Math.floor(i / width) === Math.floor(j / width);
const inColumn =
  (width: number): Definition =>
  (i, j) =>
    i % width === j % width;

describe("axial", () => {
  it("has rows of 64 pixels and both directions in every head unless told otherwise", () => {
    expect(defaultsOf(axial)).toEqual({ width: 64, mode: "union" });
  });

  it("attends a pixel's row and column, and counts them in closed form, the last row short", () => {
    fc.assert(
      fc.property(widths, lengths, (width, length) => {
        const bound = bindVariant(axial, { width }, length);
        expectDefinition(bound, (i, j) => inRow(width)(i, j, length) || inColumn(width)(i, j, length));
        const rows = Math.floor(length / width);
        const rest = length % width;
        const inRows = rows * width ** 2 + rest ** 2;
        const inColumns = rest * (rows + 1) ** 2 + (width - rest) * rows ** 2;
        expect(bound.pairs()).toBe(inRows + inColumns - length);
      }),
    );
  });

  it("has rows in even heads and columns in odd ones where heads take turns", () => {
    fc.assert(
      fc.property(widths, lengths, fc.nat(5), (width, length, head) => {
        const bound = bindVariant(axial, { width, mode: "heads" }, length, head);
        expectDefinition(bound, head % 2 === 0 ? inRow(width) : inColumn(width));
      }),
    );
  });

  it("is full attention in one row or one column", () => {
    for (const width of [1, 40, 50]) expect(bindVariant(axial, { width }, 40).pairs()).toBe(1600);
  });

  it("connects every two pixels in two layers of a whole image, by rows and then columns too", () => {
    const whole = bindVariant(axial, { width: 6 }, 30);
    expect(connected([whole, whole]).size).toBe(900);
    const heads = [0, 1].map((head) => bindVariant(axial, { width: 6, mode: "heads" }, 30, head));
    expect(connected(heads).size).toBe(900);
  });
});
