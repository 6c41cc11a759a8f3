// Shared by the pictures and the page's script: imports nothing.

/** A node of a chart in Vega. */
type Node = Readonly<Record<string, unknown>>;

/** The widths of a column and of two, in pixels of the chart. */
interface Widths {
  readonly column: number;
  readonly two: number;
}

/** Drawings until panels under one another have their width. */
const PASSES = 3;
/** Pixels that a panel has at least, whatever stands beside it. */
const LEAST = 90;

/**
 * A chart of several panels, compiled to Vega: those under one another as wide as a column, those side by side as many in a
 * row as two columns hold.
 */
export async function panelsSvg(
  spec: Node,
  { column, two }: Widths,
  draw: (spec: object) => Promise<string>,
): Promise<string> {
  if (typeof spec.width === "number") return stacked(spec, spec.width, column, draw);
  let most = Math.max(1, ...columnsIn(spec));
  let svg = await draw(spec);
  while (widthOf(svg) > two && most > 1) {
    const narrow = narrower(withColumns(spec, most), (widthOf(svg) - two) / most);
    const fitted = narrow === null ? null : await draw(narrow);
    if (fitted !== null && widthOf(fitted) <= two) return fitted;
    svg = await draw(withColumns(spec, --most));
  }
  return svg;
}

/** The part of its width that a panel may lose. */
const LOSS = 0.2;

/** Panels narrower by so many pixels; null if that is much of them, or they are squares. */
function narrower(spec: Node, pixels: number): Node | null {
  const signals = asNodes(spec.signals);
  const width = signals.find(({ name }) => name === "child_width")?.value;
  if (typeof width !== "number" || !(pixels < LOSS * width)) return null;
  const less = { name: "child_width", value: Math.floor(width - pixels) };
  return { ...spec, signals: signals.map((signal) => (signal.name === less.name ? less : signal)) };
}

async function stacked(
  spec: Node,
  start: number,
  wanted: number,
  draw: (spec: object) => Promise<string>,
): Promise<string> {
  let width = start;
  let svg = await draw(spec);
  for (let pass = 0; pass < PASSES && widthOf(svg) !== wanted; pass++) {
    width = Math.max(LEAST, width + Math.floor(wanted) - widthOf(svg));
    svg = await draw({ ...spec, width });
  }
  return svg;
}

/** How many panels each group of them has side by side. */
function columnsIn(node: Node): readonly number[] {
  const { columns } = asNode(node.layout);
  return [...(typeof columns === "number" ? [columns] : []), ...asNodes(node.marks).flatMap(columnsIn)];
}

function withColumns(node: Node, most: number): Node {
  const { columns } = asNode(node.layout);
  return {
    ...node,
    ...(Array.isArray(node.data) && { data: asNodes(node.data).map((one) => withRows(one, most)) }),
    ...(typeof columns === "number" && {
      layout: { ...asNode(node.layout), columns: Math.min(columns, most) },
    }),
    ...(Array.isArray(node.marks) && {
      marks: withoutFooters(asNodes(node.marks)).map((mark) => withColumns(mark, most)),
    }),
  };
}

/** What the heads of rows are drawn from, one for each: with fewer columns there are more rows. */
function withRows(data: Node, columns: number): Node {
  if (!Array.isArray(data.transform)) return data;
  const transform = asNodes(data.transform).map((one) => {
    const { signal } = asNode(one.stop);
    if (one.type !== "sequence" || typeof signal !== "string") return one;
    const fewer = (_: string, before: string, now: string) => `${before}${Math.min(Number(now), columns)})`;
    return { ...one, stop: { signal: signal.replace(/^(ceil\(length\(data\(.*\)\) \/ )(\d+)\)$/, fewer) } };
  });
  return { ...data, transform };
}

/** Of panels of several groups, footers are as many as columns were, and say nothing. */
function withoutFooters(marks: readonly Node[]): readonly Node[] {
  return marks.filter(({ role }) => role !== "column-footer");
}

function widthOf(svg: string): number {
  return Number(/^<svg [^>]*? width="([\d.]+)"/.exec(svg)?.[1]);
}

function asNode(value: unknown): Node {
  return typeof value === "object" && value !== null ? { ...value } : {};
}

function asNodes(value: unknown): readonly Node[] {
  return Array.isArray(value) ? value.map(asNode) : [];
}
