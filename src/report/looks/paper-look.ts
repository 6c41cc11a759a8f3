import { textWidth } from "../../text/text-width.ts";
import { type Ends, endLabels } from "../charts/hero/end-labels.ts";
import { LABELS, LIT } from "../charts/hero/names.ts";
import { inks } from "../charts/look.ts";

// Shared by the pictures and the page's script: imports only what both have.

/** A node of a chart in Vega, or of what it is made of. */
type Node = Readonly<Record<string, unknown>>;

/** Pixels in an inch. */
const INCH = 96;
/** The width of a column, in inches. */
const COLUMN = 3.25;
/** The size of letters: eight points, in pixels. */
const LETTERS = (8 * INCH) / 72;
/** The size that charts are drawn with. */
const DRAWN = 12;
/** The plot's height, and that of one with names beside it. */
const HEIGHT = 150;
const NAMED_HEIGHT = 200;
/** Pixels that a name beside a plot may take. */
const NAME = 92;
/** Pixels that an axis takes to the left of what is below the plot. */
const AXIS = 70;
/** What marks and lines are reduced to. */
const MARKS = 0.4;
const LINES = 0.7;
const INK = "#000000";
/** What `usermeta.places` is in charts whose marks are placed in pixels. */
export const PIXELS = "pixels";

/**
 * A chart, compiled to Vega, as a picture for a paper, SVG as text: as wide as a column, letters of eight points, no title,
 * black on white. Charts of several panels, and those whose marks and names are placed in pixels, keep their proportions:
 * only their letters have that size. `draw` draws a chart of Vega as SVG.
 */
export async function paperSvg(spec: object, draw: (spec: object) => Promise<string>): Promise<string> {
  const bare = withInk(untitled(asNode(spec)));
  if (bare.layout !== undefined || asNode(bare.usermeta).places === PIXELS) {
    return scaled(await draw(bare), LETTERS / DRAWN);
  }
  const small = reduced(bare);
  // What axes take is known once they are drawn; legends are below, and may be wider.
  let width = (COLUMN * INCH) / 2;
  for (let pass = 0; pass < PASSES; pass++) {
    const excess = widthOf(await draw(placed({ ...small, legends: [] }, width))) - COLUMN * INCH;
    if (excess === 0) break;
    width = Math.max(LEAST, width - excess);
  }
  return scaled(await draw(placed(small, width)), 1);
}

/** Drawings until the width fits: with one more the numbers of the axis may need other room. */
const PASSES = 4;
/** Pixels that a plot has at least, however wide what stands beside it. */
const LEAST = 90;

function untitled({ title: _, ...spec }: Node): Node {
  return { ...spec, padding: 2, background: inks.ground.light };
}

/** Text in black: colours of data stay. */
function withInk({ data, ...spec }: Node): Node {
  const black = (value: unknown): unknown => {
    if (value === inks.text.light) return INK;
    if (Array.isArray(value)) return value.map(black);
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, black(one)]));
  };
  return { ...asNode(black(spec)), data };
}

/** Smaller letters, marks and lines; legends below. */
function reduced(spec: Node): Node {
  const config = asNode(spec.config);
  const letters = { labelFontSize: LETTERS, titleFontSize: LETTERS };
  const legends = {
    symbolSize: 35,
    rowPadding: 1,
    offset: 6,
    layout: { bottom: { direction: "vertical", anchor: "start", margin: 4 } },
  };
  return {
    ...spec,
    height: asNode(spec.usermeta).ends === undefined ? HEIGHT : NAMED_HEIGHT,
    config: {
      ...config,
      axis: { ...asNode(config.axis), ...letters, titlePadding: 4, tickSize: 3, labelPadding: 2 },
      legend: { ...asNode(config.legend), ...letters, ...legends },
      text: { ...asNode(config.text), fontSize: LETTERS },
    },
    ...(Array.isArray(spec.legends) && {
      legends: spec.legends.map((legend) => legendBelow(legend, litIn(spec))),
    }),
    scales: asNodes(spec.scales).map((scale) => (scale.name === "size" ? smallerRange(scale) : scale)),
    marks: asNodes(spec.marks).map(smaller),
  };
}

function smallerRange(scale: Node): Node {
  const { range } = scale;
  return Array.isArray(range) ? { ...scale, range: range.map((size) => Number(size) * MARKS) } : scale;
}

/** Below the plot, in as many columns as there is room for. Entries that are no list are the lines that are coloured. */
function legendBelow(legend: unknown, lit: ReadonlySet<string>): Node {
  const node = asNode(legend);
  const entries = Array.isArray(node.values) ? node.values.map(String) : [...lit];
  const widest = Math.max(0, ...entries.map((entry) => textWidth(entry, LETTERS)));
  const columns = Math.max(1, Math.floor((COLUMN * INCH - AXIS) / (widest + 24)));
  return { ...node, orient: "bottom", columns };
}

function smaller(mark: Node): Node {
  const encode = asNode(mark.encode);
  const update = asNode(encode.update);
  const { size, strokeWidth, fontSize } = update;
  return {
    ...mark,
    encode: {
      ...encode,
      update: {
        ...update,
        ...(size !== undefined && mark.type === "symbol" && { size: times(size, MARKS) }),
        ...(strokeWidth !== undefined && { strokeWidth: times(strokeWidth, LINES) }),
        ...(fontSize !== undefined && { fontSize: { value: LETTERS } }),
      },
    },
    ...(Array.isArray(mark.marks) && { marks: asNodes(mark.marks).map(smaller) }),
  };
}

/** A value of an encoding, or a choice of several, by a factor: those of a scale are as they are. */
function times(value: unknown, factor: number): unknown {
  if (Array.isArray(value)) return value.map((one) => times(one, factor));
  const node = asNode(value);
  return typeof node.value === "number" ? { ...node, value: node.value * factor } : node;
}

/** The chart with a plot of this width, and names at the ends of its lines for that. */
function placed(spec: Node, width: number): Node {
  const ends = endsOf(spec);
  if (ends === null) return { ...spec, width };
  const height = NAMED_HEIGHT;
  const font = { fontSize: LETTERS, most: NAME };
  const labels = endLabels(ends, litIn(spec), { width, height, padding: 12, ...font });
  return {
    ...spec,
    width,
    data: asNodes(spec.data).map((one) => (one.name === LABELS ? { ...one, values: labels } : one)),
  };
}

/** What `usermeta` says of the ends of lines; null if the chart does not name them. */
export function endsOf(spec: object): Ends | null {
  const { ends } = asNode(asNode(spec).usermeta);
  return ends === undefined ? null : (ends as Ends);
}

function litIn(spec: Node): ReadonlySet<string> {
  const listed = (name: string) => {
    const value = asNodes(spec.signals).find((signal) => signal.name === name)?.value;
    return new Set(Array.isArray(value) ? value.map(String) : []);
  };
  return listed(LIT).difference(listed("hidden"));
}

function widthOf(svg: string): number {
  return Number(/^<svg [^>]*? width="([\d.]+)"/.exec(svg)?.[1]);
}

/** In inches, by a factor: what the picture holds is as it was. */
function scaled(svg: string, factor: number): string {
  return svg.replace(/^<svg [^>]*>/, (open) =>
    open.replace(/ (width|height)="([\d.]+)"/g, (_, name: string, pixels: string) => {
      const inches = (Number(pixels) * factor) / INCH;
      return ` ${name}="${Number(inches.toFixed(3))}in"`;
    }),
  );
}

function asNode(value: unknown): Node {
  return typeof value === "object" && value !== null ? { ...value } : {};
}

function asNodes(value: unknown): readonly Node[] {
  return Array.isArray(value) ? value.map(asNode) : [];
}
