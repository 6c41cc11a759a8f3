import { int, optionalInt } from "../../src/core/parameters.ts";

/** Heads of DETR's attention. */
export const heads = int(8, {
  least: 1,
  unit: "heads",
  meaning: "heads, each as wide as a token over this",
  probe: 2,
});

/** The image whose rows and columns its positions tell. */
export const width = optionalInt({
  least: 1,
  unit: "pixels",
  meaning: "width of the image; none is a square image",
  probe: 5,
  imageWidth: true,
});
