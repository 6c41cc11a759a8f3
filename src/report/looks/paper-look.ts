import { textWidth } from "../../text/text-width.ts";
import { type Ends, endLabels } from "../charts/hero/end-labels.ts";
import { LABELS, LIT } from "../charts/hero/names.ts";
import { inks } from "../charts/look.ts";
import { panelsSvg } from "./paper-panels.ts";

// Shared by the pictures and the page's script: imports only what both have.

/** A node of a chart in Vega, or of what it is made of. */
type Node = Readonly<Record<string, unknown>>;

/** Pixels in an inch. */
const INCH = 96;
/** The width of a column, and of two with the gap between them, in inches. */
const COLUMN = 3.25;
const TWO_COLUMNS = 6.75;
/** The size of letters: eight points, in pixels. */
const LETTERS = (8 * INCH) / 72;
/** The size that charts are drawn with. */
const DRAWN = 12;
/** The least that letters may have where a chart would be too wide: six points. */
const LEAST_LETTERS = (6 * INCH) / 72;
/** The plot's height, and that of one with names beside it. */
const HEIGHT = 150;
const NAMED_HEIGHT = 200;
/** Pixels that a name beside a plot may take. */
const NAME = 92;
/** What marks and lines are reduced to. */
const MARKS = 0.4;
const LINES = 0.7;
const INK = "#000000";
/** What `usermeta.places` is in charts whose marks are placed in pixels. */
export const PIXELS = "pixels";

/**
 * A chart, compiled to Vega, as a picture for a paper, SVG as text: as wide as a column, letters of eight points, no title,
 * black on white. Charts whose marks and names are placed in pixels, and those of panels side by side, are as wide as two
 * columns. `draw` draws a chart of Vega as SVG.
 */
export async function paperSvg(spec: object, draw: (spec: object) => Promise<string>): Promise<string> {
  const bare = withInk(untitled(asNode(spec)));
  if (asNode(bare.usermeta).places === PIXELS) return onPage(await draw(legendsBelow(bare)));
  if (bare.layout !== undefined)
    return onPage(await panelsSvg(legendsBelow(bare), { column: COLUMN_DRAWN, two: USUAL.width }, draw));
  const small = reduced(bare);
  // What axes take is known once they are drawn; legends are below, and may be wider.
  let width = (COLUMN * INCH) / 2;
  for (let pass = 0; pass < PASSES; pass++) {
    const excess = widthOf(await draw(placed({ ...small, legends: [] }, width))) - COLUMN * INCH;
    if (excess <= 0 && excess > -NEARLY) break;
    width = Math.max(LEAST, width - excess - (pass > 1 ? 1 : 0));
  }
  return inInches(legendsLeft(await draw(placed(small, width)), COLUMN * INCH), 1);
}

/** With legends from the left edge instead of that of the plot: a picture that needs no more than `least` pixels has that. */
function legendsLeft(svg: string, least: number): string {
  const natural = widthOf(svg);
  const shift = Number(/<g [^<>]*?transform="translate\(([\d.]+),/.exec(svg)?.[1] ?? 0) - PADDING;
  const moved = svg.replace(
    /(class="[^"]*role-legend"[^<>]*><g transform="translate\()(-?[\d.]+)/g,
    (_, before: string, x: string) => `${before}${Number(x) - shift}`,
  );
  return withWidth(moved, natural, Math.max(least, natural - shift));
}

/** The picture and its ground with another width. */
function withWidth(svg: string, natural: number, width: number): string {
  const whole = new RegExp(`(viewBox="0 0 |<rect width="| width=")${natural}(?=[ "])`, "g");
  const [head] = svg.split("/>", 1);
  return `${head.replace(whole, `$1${width}`)}${svg.slice(head.length)}`;
}

/** A chart drawn with letters of the usual size, as wide as a column or two. */
function onPage(svg: string): string {
  const natural = widthOf(svg);
  // Rather smaller letters than a third column, unless names make it wider than any page.
  const factor = Math.max(LEAST_LETTERS / DRAWN, Math.min(LETTERS / DRAWN, (TWO_COLUMNS * INCH) / natural));
  const page = natural * factor <= COLUMN * INCH ? COLUMN : TWO_COLUMNS;
  const wide = Math.max(natural, (page * INCH) / factor);
  return inInches(withWidth(svg, natural, wide), factor);
}

/** Drawings until the width fits: with one more the numbers of the axis may need other room. */
const PASSES = 6;
/** Pixels that a picture may lack, and gets at its right edge. */
const NEARLY = 4;
/** Pixels around the picture. */
const PADDING = 2;
/** Pixels that a plot has at least, however wide what stands beside it. */
const LEAST = 90;

function untitled({ title: _, ...spec }: Node): Node {
  return { ...spec, padding: PADDING, background: inks.ground.light };
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
  const legends = { ...BELOW, symbolSize: 35, rowPadding: 1, offset: 6 };
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
      legends: spec.legends.map((legend) => legendBelow(smallerSymbols(asNode(legend)), spec, SMALL)),
    }),
    scales: asNodes(spec.scales).map((scale) => (scale.name === "size" ? smallerRange(scale) : scale)),
    marks: asNodes(spec.marks).map(smaller),
  };
}

function smallerRange(scale: Node): Node {
  const { range } = scale;
  return Array.isArray(range) ? { ...scale, range: range.map((size) => Number(size) * MARKS) } : scale;
}

/** Legends below the chart, one under another. */
const BELOW = { layout: { bottom: { direction: "vertical", anchor: "start", margin: 4 } } };

/** What legends have to do with: the size of letters and the width of the chart, in its pixels. */
interface Room {
  readonly letters: number;
  readonly width: number;
}

const SMALL: Room = { letters: LETTERS, width: COLUMN * INCH };
/** The width of a column, in pixels of a chart drawn with letters of the usual size. */
const COLUMN_DRAWN = (COLUMN * INCH * DRAWN) / LETTERS;
const USUAL: Room = { letters: DRAWN, width: (TWO_COLUMNS * INCH * DRAWN) / LETTERS };

/** A chart of the usual size of letters with its legends below it. */
function legendsBelow(spec: Node): Node {
  const config = asNode(spec.config);
  const legends = asNodes(spec.legends).map((legend) => legendBelow(legend, spec, USUAL));
  return {
    ...spec,
    config: { ...config, legend: { ...asNode(config.legend), ...BELOW } },
    ...(legends.length > 0 && { legends }),
  };
}

function smallerSymbols({ symbolSize, ...legend }: Node): Node {
  return typeof symbolSize === "number" ? { ...legend, symbolSize: symbolSize * MARKS } : legend;
}

/** In as many columns as there is room for. */
function legendBelow(legend: Node, spec: Node, { letters, width }: Room): Node {
  const widest = Math.max(0, ...entriesOf(legend, spec).map((entry) => textWidth(entry, letters)));
  const symbol = typeof legend.symbolSize === "number" ? Math.sqrt(legend.symbolSize) : letters;
  const columns = Math.max(1, Math.floor(width / (widest + symbol + letters)));
  return { ...legend, orient: "bottom", columns };
}

/** The entries of a legend: those listed, or those of its scale, or the lines that are coloured. */
function entriesOf({ values, ...legend }: Node, spec: Node): readonly string[] {
  const used = new Set(Object.values(legend));
  const domains = asNodes(spec.scales).map(({ name, domain }) => (used.has(name) ? domain : null));
  const list = [values, ...domains].find(Array.isArray);
  return list === undefined ? [...litIn(spec)] : list.map(String);
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
function inInches(svg: string, factor: number): string {
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
