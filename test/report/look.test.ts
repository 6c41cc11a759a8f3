import { expect, test } from "vitest";
import { inks, looksOf, palette } from "../../src/report/charts/look.ts";

/** Red, green and blue in linear light, 0 to 1. */
type Light = readonly [red: number, green: number, blue: number];

/** Dichromatic vision by Machado, Oliveira and Fernandes 2009 at full severity, in linear light; and the usual one. */
const visions: Readonly<Record<string, readonly Light[]>> = {
  usual: [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ],
  protanopia: [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
  deuteranopia: [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
  tritanopia: [
    [1.255528, -0.076749, -0.178779],
    [-0.078411, 0.930809, 0.147602],
    [0.004733, 0.691367, 0.3039],
  ],
};

test.each(Object.keys(visions))("any two colours differ by at least 15 in CIELAB to %s vision", (vision) => {
  for (const scheme of ["light", "dark"] as const) {
    const seen = palette.map((color) => lab(through(visions[vision], linear(color[scheme]))));
    for (const [index, one] of seen.entries()) {
      for (const other of seen.slice(index + 1)) {
        expect(Math.hypot(one[0] - other[0], one[1] - other[1], one[2] - other[2])).toBeGreaterThan(15);
      }
    }
  }
});

test("every colour stands out from its ground by 3 : 1, and letters by 7 : 1", () => {
  for (const scheme of ["light", "dark"] as const) {
    for (const color of palette) expect(contrast(color[scheme], inks.ground[scheme])).toBeGreaterThan(2.99);
    expect(contrast(inks.text[scheme], inks.ground[scheme])).toBeGreaterThan(7);
  }
});

test("every colour is named once, so that the page can swap it", () => {
  const names = [...palette, ...Object.values(inks)].map(({ light }) => light);
  expect(new Set(names).size).toBe(names.length);
});

test("eighty-nine variants get looks of their own, and none shares the baseline's grey", () => {
  const variants = ["full", "local", "stride", "global", "longformer", "bigbird", "linear"];
  for (let index = 0; index < 82; index++) variants.push(`plugin-${index}`);
  const looks = variants.map(looksOf(variants));
  expect(new Set(looks.map(({ color, shape }) => `${color} ${shape}`)).size).toBe(89);
  expect(looks.filter(({ color }) => color === palette[0].light)).toHaveLength(1);
});

test("a known variant looks the same whatever stands beside it, and an unknown one whatever the order", () => {
  expect(looksOf(["linear"])("linear")).toEqual(looksOf(["full", "mine", "linear"])("linear"));
  expect(looksOf(["b", "a"])("a")).toEqual(looksOf(["a", "b"])("a"));
  expect(looksOf(["b", "a"])("a")).not.toEqual(looksOf(["a", "b"])("b"));
});

test("variants differ in colour as long as there are colours, and take those of usual ones that are absent", () => {
  const mine = Array.from({ length: palette.length - 3 }, (_, index) => `mine-${index}`);
  const variants = ["full", "local", "linear", ...mine];
  const lookOf = looksOf(variants);
  expect(new Set(variants.map((variant) => lookOf(variant).color)).size).toBe(palette.length);
  expect(() => lookOf("another")).toThrow(/must be one of those given/);
});

test("lines that are no variants take what variants leave, so that a variant's box has the look of its lines", () => {
  const variants = ["full", "mine", "yours"];
  const both = looksOf(variants, ["a line", ...variants]);
  for (const variant of variants) expect(both(variant)).toEqual(looksOf(variants)(variant));
  expect(new Set(["a line", ...variants].map((name) => both(name).color)).size).toBe(4);
});

function linear(hex: string): Light {
  const channel = (at: number) => {
    const value = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  };
  return [channel(1), channel(3), channel(5)];
}

function through(matrix: readonly Light[], light: Light): Light {
  const row = (weights: Light) =>
    Math.min(1, Math.max(0, weights[0] * light[0] + weights[1] * light[1] + weights[2] * light[2]));
  return [row(matrix[0]), row(matrix[1]), row(matrix[2])];
}

function lab([red, green, blue]: Light): Light {
  const f = (value: number) => (value > 0.008856 ? Math.cbrt(value) : 7.787 * value + 16 / 116);
  const x = f((0.4124 * red + 0.3576 * green + 0.1805 * blue) / 0.95047);
  const y = f(0.2126 * red + 0.7152 * green + 0.0722 * blue);
  const z = f((0.0193 * red + 0.1192 * green + 0.9505 * blue) / 1.08883);
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
}

function contrast(one: string, other: string): number {
  const luminance = (hex: string) => {
    const [red, green, blue] = linear(hex);
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const [low, high] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (high + 0.05) / (low + 0.05);
}
