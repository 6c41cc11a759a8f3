import { expect, test } from "vitest";
import { builtInTraits } from "../../src/library/traits.ts";
import { familiesOf, looksOf } from "../../src/report/charts/family-looks.ts";
import { familyPalettes, inks, palette } from "../../src/report/charts/look.ts";
import { variants as builtIn } from "../../variants/index.ts";

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

const schemes = ["light", "dark"] as const;
const every = [...palette, ...familyPalettes.flatMap(({ shades }) => shades)];

test.each(Object.keys(visions))("any two colours differ by at least 15 in CIELAB to %s vision", (vision) => {
  for (const scheme of schemes) {
    expect(leastDistance(palette.map((color) => color[scheme]).map(seenBy(vision)))).toBeGreaterThan(15);
  }
});

test.each(Object.keys(visions))(
  "to %s vision the colours of all families and the ink differ by 11 in CIELAB, and those of one family by 19",
  (vision) => {
    for (const scheme of schemes) {
      const shades = familyPalettes.map((family) => family.shades.map((shade) => shade[scheme]));
      expect(leastDistance([...shades.flat(), inks.text[scheme]].map(seenBy(vision)))).toBeGreaterThan(11);
      for (const own of shades) expect(leastDistance(own.map(seenBy(vision)))).toBeGreaterThan(19);
    }
  },
);

test("every colour stands out from its ground by 3 : 1, and letters by 7 : 1", () => {
  for (const scheme of schemes) {
    for (const color of every) expect(contrast(color[scheme], inks.ground[scheme])).toBeGreaterThan(2.99);
    expect(contrast(inks.text[scheme], inks.ground[scheme])).toBeGreaterThan(7);
  }
});

test("on paper no colour of a family is taken for black: its lightness in CIELAB is 29 at least, twice that of the ink", () => {
  const lightness = (hex: string) => lab(linear(hex))[0];
  const least = Math.min(
    ...familyPalettes.flatMap(({ shades }) => shades.map(({ light }) => lightness(light))),
  );
  expect(least).toBeGreaterThan(29);
  expect(least).toBeGreaterThan(2 * lightness(inks.text.light));
});

test("every colour is named once, so that the page can swap it", () => {
  const names = [...every, ...Object.values(inks)].map(({ light }) => light);
  expect(new Set(names).size).toBe(names.length);
});

const families = familiesOf({ traits: builtInTraits() });
const shown = ({ color, shape }: { color: string; shape: string }) => `${color} ${shape}`;

test("every built-in variant has a look of its own in colours of its family, and the baseline alone the ink", () => {
  const names = builtIn.map(({ id }) => id);
  const lookOf = looksOf(names, families);
  expect(new Set(names.map((name) => shown(lookOf(name)))).size).toBe(names.length);
  for (const { id } of builtIn) {
    const palette = familyPalettes.find((one) => one.id === families.of(id));
    const colors = id === "full" ? [inks.text.light] : (palette?.shades.map(({ light }) => light) ?? []);
    expect(colors, id).toContain(lookOf(id).color);
  }
});

test("a variant that the families list looks the same whatever stands beside it, another whatever the order", () => {
  expect(looksOf(["bigbird"], families)("bigbird")).toEqual(
    looksOf(["full", "mine", "stride", "bigbird"], families)("bigbird"),
  );
  const ab = looksOf(["a", "b"], families);
  expect(looksOf(["b", "a"], families)("a")).toEqual(ab("a"));
  expect(ab("a")).not.toEqual(ab("b"));
  expect(() => ab("another")).toThrow(/must be one of those given/);
});

test("sixteen variants that no family lists look unlike", () => {
  const mine = Array.from({ length: 16 }, (_, index) => `mine-${index}`);
  const lookOf = looksOf(["full", ...mine], familiesOf({}));
  expect(new Set(["full", ...mine].map((name) => shown(lookOf(name)))).size).toBe(17);
});

test("lines that are no variants have their variant's family, and leave the looks of variants as they are", () => {
  const variants = ["full", "mine", "local"];
  const both = looksOf(variants, families, new Map([["a line", "local"]]));
  for (const variant of variants) expect(both(variant)).toEqual(looksOf(variants, families)(variant));
  const sparse = builtIn.filter(({ id }) => families.of(id) === "sparse").map(({ id }) => id);
  const all = looksOf(sparse, families, new Map([["a line", "local"]]));
  expect(sparse.map((name) => shown(all(name)))).not.toContain(shown(all("a line")));
});

function seenBy(vision: string): (hex: string) => Light {
  return (hex) => lab(through(visions[vision], linear(hex)));
}

function leastDistance(colors: readonly Light[]): number {
  const pairs = colors.flatMap((one, index) => colors.slice(index + 1).map((other) => [one, other] as const));
  return Math.min(
    ...pairs.map(([one, other]) => Math.hypot(one[0] - other[0], one[1] - other[1], one[2] - other[2])),
  );
}

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
