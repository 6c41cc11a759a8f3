import { layoutOf, offsetIn, type Shape, seeingRows } from "../../core/shape.ts";

/** Writes the rows of linear attention that see no key: zero, whatever the query. */
export function writeUnseeing(shape: Shape, causal: boolean, output: Float32Array): void {
  const { batch, heads, queries } = shape;
  const unseeing = queries - seeingRows(shape, causal);
  if (unseeing === 0) return;
  const layout = layoutOf(shape, "output");
  for (let entry = 0; entry < batch; entry++) {
    for (let head = 0; head < heads; head++) {
      const at = offsetIn(layout, entry, head, 0);
      output.fill(0, at, at + unseeing * layout.width);
    }
  }
}
