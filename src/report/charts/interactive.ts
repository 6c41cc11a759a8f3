import type { TopLevelSpec } from "vega-lite";

/** A node of a specification, of Vega-Lite or of Vega. */
type Node = Readonly<Record<string, unknown>>;

/**
 * The chart with a parameter `hidden`, a list of variants whose rows it leaves out, wherever it has data with a field
 * `variant`. Every chart goes through here, so that none has to know of it.
 */
export function interactive(spec: TopLevelSpec): TopLevelSpec {
  const { params = [] } = spec;
  const datasets = asNode(asNode(spec).datasets);
  const filtered = withFilter(asNode(spec), datasets);
  return { ...filtered, params: [...params, { name: "hidden", value: [] }] } as unknown as TopLevelSpec;
}

const filter = { filter: "indexof(hidden, datum.variant) < 0" };

/** Where the data enters, so that whatever is computed from it goes without them too. */
function withFilter(node: Node, datasets: Node): Node {
  const copy: Record<string, unknown> = { ...node };
  if (rowsOf(node, datasets).some((row) => "variant" in row)) {
    copy.transform = [filter, ...asNodes(node.transform)];
  }
  for (const key of PARTS) {
    if (Array.isArray(node[key])) copy[key] = asNodes(node[key]).map((part) => withFilter(part, datasets));
  }
  if ("spec" in node) copy.spec = withFilter(asNode(node.spec), datasets);
  return copy;
}

/** The rows that enter at this node, not those that it takes from above. */
function rowsOf(node: Node, datasets: Node): readonly Node[] {
  const { values, name } = asNode(node.data);
  return asNodes(values ?? (typeof name === "string" ? datasets[name] : undefined));
}

/** A variant in a chart, by its name and by its series', of which a variant may have several. */
export interface NameInChart {
  readonly variant: string;
  readonly series: string;
}

/** The variants in the chart's data, in its order, each pair of names once. */
export function namesInChart(spec: TopLevelSpec): readonly NameInChart[] {
  const names = new Map<string, NameInChart>();
  for (const { variant, series } of allRows(asNode(spec))) {
    if (typeof variant !== "string") continue;
    const name = { variant, series: typeof series === "string" ? series : variant };
    names.set(JSON.stringify(Object.values(name)), name);
  }
  return [...names.values()];
}

/** The lengths in the chart's data. */
export function lengthsInChart(spec: TopLevelSpec): ReadonlySet<number> {
  return new Set(
    allRows(asNode(spec))
      .map(({ length }) => length)
      .filter((length) => typeof length === "number"),
  );
}

function allRows(spec: Node): readonly Node[] {
  const datasets = asNode(spec.datasets);
  const visit = (node: Node): readonly Node[] => [
    ...rowsOf(node, datasets),
    ...PARTS.flatMap((key) => asNodes(node[key]).flatMap(visit)),
    ...("spec" in node ? visit(asNode(node.spec)) : []),
  ];
  return visit(spec);
}

/** Where a node of Vega-Lite holds others. */
const PARTS = ["layer", "concat", "hconcat", "vconcat"];

/**
 * A compiled chart whose legends answer: entries of series or variants can be clicked, and fade where they are in the
 * list `hiddenEntries`.
 */
export function withLiveLegends(compiled: object, entries: ReadonlySet<string>): object {
  const node = asNode(compiled);
  const signals = [...asNodes(node.signals).map(withoutBinding), { name: "hiddenEntries", value: [] }];
  return { ...withLegends(node, namesOfScales(node, entries)), signals };
}

/** The page has controls of its own. */
function withoutBinding({ bind: _, ...signal }: Node): Node {
  return signal;
}

function withLegends(node: Node, scales: ReadonlySet<unknown>): Node {
  const copy: Record<string, unknown> = { ...node };
  if (Array.isArray(node.legends)) {
    copy.legends = asNodes(node.legends).map((legend) =>
      ["fill", "stroke", "shape", "opacity", "size"].some((channel) => scales.has(legend[channel]))
        ? { ...legend, encode: liveEntries(asNode(legend.encode)) }
        : legend,
    );
  }
  if (Array.isArray(node.marks)) copy.marks = asNodes(node.marks).map((mark) => withLegends(mark, scales));
  return copy;
}

function liveEntries(encode: Node): Node {
  const opacity = [{ test: "indexof(hiddenEntries, datum.value) >= 0", value: 0.3 }, { value: 1 }];
  const live = (part: unknown) => {
    const known = asNode(part);
    const update = { ...asNode(known.update), opacity, cursor: { value: "pointer" } };
    return { ...known, interactive: true, update };
  };
  return { ...encode, symbols: live(encode.symbols), labels: live(encode.labels) };
}

/** The scales of which every entry is a series or a variant. */
function namesOfScales(node: Node, entries: ReadonlySet<string>): ReadonlySet<unknown> {
  const names = asNodes(node.scales)
    .filter(({ domain }) => {
      if (!Array.isArray(domain)) return /^(?:series|variant)$/.test(String(asNode(domain).field));
      return domain.length > 0 && domain.every((entry) => entries.has(entry));
    })
    .map(({ name }) => name);
  return new Set([...names, ...asNodes(node.marks).flatMap((mark) => [...namesOfScales(mark, entries)])]);
}

function asNode(value: unknown): Node {
  return typeof value === "object" && value !== null ? { ...value } : {};
}

function asNodes(value: unknown): readonly Node[] {
  return Array.isArray(value) ? value.map(asNode) : [];
}
