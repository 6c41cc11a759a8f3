/** A view of Vega, as far as it is of use here. */
interface Placed {
  readonly origin: () => readonly number[];
  readonly padding: () => unknown;
}

/** Pixels from the corner of a chart's picture to that of its plot: padding, axes and titles. */
export function plotOffset(view: Placed): readonly [right: number, down: number] {
  const padding = view.padding();
  const { left, top } =
    typeof padding === "number"
      ? { left: padding, top: padding }
      : (padding as { readonly left: number; readonly top: number });
  const [right, down] = view.origin();
  return [left + right, top + down];
}
