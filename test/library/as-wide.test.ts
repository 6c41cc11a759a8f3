import { expect, it } from "vitest";
import { asWideAs } from "../../src/library/as-wide.ts";
import { chooseVariants } from "../../src/library/settings.ts";
import { variants } from "../../variants/index.ts";

const chosen = (settings: readonly string[] = []) => chooseVariants(variants, "full,@image", settings);
const grid = { width: 24, height: 10 };
const widths = (settings: readonly string[] = []) =>
  chosen(settings).map((one) => asWideAs(grid, one).overrides.width);

it("makes variants over images as wide as the image, and no others", () => {
  expect(new Set(widths())).toEqual(new Set([undefined, 24]));
  expect(widths()[0]).toBeUndefined();
});

it("leaves a width that is set, and all others", () => {
  expect(widths(["axial.width=8"]).slice(0, 3)).toEqual([undefined, 8, 24]);
  const [, axial] = chosen(["axial.mode=heads"]);
  expect(asWideAs(grid, axial).overrides).toEqual({ mode: "heads", width: 24 });
});

it("changes nothing without an image", () => {
  for (const one of chosen()) expect(asWideAs(undefined, one)).toEqual(one);
});

it("knows the width of every variant that has one", () => {
  for (const { id, params } of variants) {
    for (const [name, { imageWidth }] of Object.entries(params)) {
      expect({ id, name, imageWidth: imageWidth === true }).toEqual({
        id,
        name,
        imageWidth: name === "width",
      });
    }
  }
});
