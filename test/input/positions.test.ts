import { describe, expect, it } from "vitest";
import { positionAt, positionFrequencies } from "../../src/input/positions.ts";

function position(at: number, width: number): number[] {
  const frequencies = positionFrequencies(width);
  return Array.from({ length: width }, (_, coordinate) => positionAt(at, coordinate, frequencies));
}

describe("sinusoidal positions", () => {
  it("are those of the paper's formula", () => {
    expect(position(0, 4)).toEqual([0, 1, 0, 1]);
    const expected = [Math.sin(7), Math.cos(7), Math.sin(0.07), Math.cos(0.07)];
    for (const [index, value] of position(7, 4).entries()) expect(value).toBeCloseTo(expected[index], 12);
  });

  it("end with a sine in an odd width", () => {
    expect(position(2, 1)).toEqual([Math.sin(2)]);
    expect(position(1, 3)[2]).toBeCloseTo(Math.sin(10000 ** (-2 / 3)), 12);
  });
});
