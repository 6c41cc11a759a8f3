import type { ImageSketch } from "../../core/pattern-sketch.ts";
import { inks } from "./look.ts";
import { panels } from "./panels.ts";
import { type Part, partChannel, partTooltip, partWord } from "./pattern-parts.ts";

/** An image with what stands above it. */
interface PixelPanel {
  readonly variant: string;
  readonly name: string;
  readonly panel: string;
  readonly image: ImageSketch;
}

/** Images in panels of one size, the keys of a pixel in the colours of their parts, and a dot in the pixel. */
export function pixelPanels(
  drawn: readonly PixelPanel[],
  parts: readonly Part[],
  { columns, side }: { readonly columns: number; readonly side: number },
) {
  const axis = { type: "quantitative" as const, axis: null, scale: { domain: [0, 1], nice: false } };
  const down = { ...axis, scale: { ...axis.scale, reverse: true } };
  const box = {
    x: { ...axis, field: "left" },
    x2: { field: "right" },
    y: { ...down, field: "top" },
    y2: { field: "bottom" },
  };
  // Images differ in size, so that lines between their pixels are no axis.
  const lines = { stroke: inks.grid.light, strokeWidth: 1 };
  return {
    data: { values: drawn.flatMap(pixelsOf) },
    ...panels(
      drawn.map(({ panel }) => panel),
      columns,
    ),
    spec: {
      width: side,
      height: side,
      layer: [
        {
          transform: [{ filter: "datum.part === null" }],
          mark: { type: "rect" as const, fill: inks.ground.light, ...lines },
          encoding: box,
        },
        {
          transform: [{ filter: "datum.part !== null" }],
          mark: { type: "rect" as const, ...lines },
          encoding: { ...box, color: partChannel(parts), tooltip: partTooltip },
        },
        {
          transform: [{ filter: "datum.isQuery" }],
          mark: {
            type: "point" as const,
            filled: true,
            fill: inks.ground.light,
            stroke: inks.text.light,
            strokeWidth: 1.5,
            size: 70,
            opacity: 1,
          },
          encoding: { x: { ...axis, field: "middle" }, y: { ...down, field: "centre" } },
        },
      ],
    },
  };
}

/** Every pixel of an image, with the part that attends it, in shares of its width and height. */
function pixelsOf({ variant, name, panel, image }: PixelPanel) {
  const { width, height, row, column, areas } = image;
  return Array.from({ length: width * height }, (_, at) => {
    const [y, x] = [Math.floor(at / width), at % width];
    const area = areas.find(
      ({ rowFrom, rowTo, keyFrom, keyTo }) => rowFrom <= y && y < rowTo && keyFrom <= x && x < keyTo,
    );
    return {
      series: name,
      variant,
      panel,
      part: area === undefined ? null : partWord(area.role),
      isQuery: y === row && x === column,
      left: x / width,
      right: (x + 1) / width,
      middle: (x + 0.5) / width,
      top: y / height,
      bottom: (y + 1) / height,
      centre: (y + 0.5) / height,
    };
  });
}
