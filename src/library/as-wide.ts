import type { ImageGrid } from "../core/tensors.ts";
import type { ChosenVariant } from "./settings.ts";

/** A variant as wide as the image that its input is: its parameter of that width, unless it is set. */
export function asWideAs(grid: ImageGrid | undefined, { variant, overrides }: ChosenVariant): ChosenVariant {
  const widths = Object.keys(variant.params).filter((name) => variant.params[name].imageWidth);
  if (grid === undefined || widths.length === 0) return { variant, overrides };
  const wide = Object.fromEntries(widths.map((name) => [name, grid.width]));
  return { variant, overrides: { ...wide, ...overrides } };
}
