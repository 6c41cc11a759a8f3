import type { TopLevelSpec } from "vega-lite";

/** A node of a specification, of Vega-Lite or of Vega. */
type Node = Readonly<Record<string, unknown>>;

/**
 * The chart with a parameter `hidden`, a list of variants whose rows it omits, wherever it has data with a
 * field `variant`. Every chart goes through here, so that none has to know about it.
 */
export function interactive(spec: TopLevelSpec): TopLevelSpec {
  const { params = [] } = spec;
  const datasets = asNode(asNode(spec).datasets);
  const filtered = withFilter(asNode(spec), datasets);
  return { ...filtered, params: [...params, { name: "hidden", value: [] }] } as unknown as TopLevelSpec;
}

const filter = { filter: "indexof(hidden, datum.variant) < 0" };

/** Where the data enters, so that whatever is computed from it also lacks them. */
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

/** The rows that enter at this node, not those inherited from above. */
function rowsOf(node: Node, datasets: Node): readonly Node[] {
  const { values, name } = asNode(node.data);
  return asNodes(values ?? (typeof name === "string" ? datasets[name] : undefined));
}

/** A name of a variant in a chart, in a field of its data or in a legend. */
export interface NameInChart {
  readonly name: string;
  readonly variant: string;
}

/** The variants in the chart's data. */
export function variantsInChart(spec: TopLevelSpec): ReadonlySet<string> {
  return new Set(
    allRows(asNode(spec))
      .map(({ variant }) => variant)
      .filter((variant) => typeof variant === "string"),
  );
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

/** A compiled chart and the entries of its legends that stand for variants. */
interface LiveLegends {
  readonly compiled: object;
  readonly entries: readonly NameInChart[];
}

/**
 * Lets the legends of a compiled chart answer: entries that stand for a variant can be clicked, and fade if
 * they are in the list `hiddenEntries`. An entry stands for a variant if some field of the chart's data has
 * its text only in rows of that variant, and the same holds for the other entries of its scale.
 */
export function withLiveLegends(compiled: object, spec: TopLevelSpec): LiveLegends {
  const node = asNode(compiled);
  const fields = variantsByField(allRows(asNode(spec)));
  const shown = new Set(
    all("legends", node).flatMap((legend) => LEGEND_SCALES.map((channel) => legend[channel])),
  );
  const scales = new Map(
    all("scales", node).flatMap(({ name, domain }) => {
      if (!shown.has(name)) return [];
      const entries = entriesOf(domain, fields);
      return entries.length === 0 ? [] : [[name, entries] as const];
    }),
  );
  const signals = [...asNodes(node.signals).map(withoutBinding), { name: "hiddenEntries", value: [] }];
  return {
    compiled: { ...withLegends(node, new Set(scales.keys())), signals },
    entries: [...new Map([...scales.values()].flat().map((entry) => [entry.name, entry])).values()],
  };
}

type Variants = ReadonlyMap<string, string | null>;

/** By field, the variant of the rows that have a text in it; null if they are of several. */
function variantsByField(rows: readonly Node[]): ReadonlyMap<string, Variants> {
  const fields = new Map<string, Map<string, string | null>>();
  for (const { variant, ...row } of rows) {
    if (typeof variant !== "string") continue;
    for (const [field, text] of Object.entries({ ...row, variant })) {
      if (typeof text !== "string") continue;
      const variants = fields.get(field) ?? new Map<string, string | null>();
      variants.set(text, !variants.has(text) || variants.get(text) === variant ? variant : null);
      fields.set(field, variants);
    }
  }
  return fields;
}

/** The entries of a scale's domain, if each stands for one variant. */
function entriesOf(domain: unknown, fields: ReadonlyMap<string, Variants>): readonly NameInChart[] {
  const { field } = asNode(domain);
  const candidates = Array.isArray(domain) ? [...fields.values()] : [fields.get(String(field))];
  for (const variants of candidates) {
    const texts: readonly unknown[] = Array.isArray(domain) ? domain : [...(variants?.keys() ?? [])];
    const entries = texts.flatMap((name) => {
      const variant = typeof name === "string" ? variants?.get(name) : undefined;
      return typeof name === "string" && variant && name.includes(variant) ? [{ name, variant }] : [];
    });
    if (texts.length > 0 && entries.length === texts.length) return entries;
  }
  return [];
}

/** What makes a legend, by the names of the scales. */
const LEGEND_SCALES = ["fill", "stroke", "shape", "opacity", "size"];

/** All scales or legends of a compiled chart, including those of its parts. */
function all(kind: "scales" | "legends", node: Node): readonly Node[] {
  return [...asNodes(node[kind]), ...asNodes(node.marks).flatMap((mark) => all(kind, mark))];
}

/** The page has controls of its own. */
function withoutBinding({ bind: _, ...signal }: Node): Node {
  return signal;
}

function withLegends(node: Node, scales: ReadonlySet<unknown>): Node {
  const copy: Record<string, unknown> = { ...node };
  if (Array.isArray(node.legends)) {
    copy.legends = asNodes(node.legends).map((legend) =>
      LEGEND_SCALES.some((channel) => scales.has(legend[channel]))
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

function asNode(value: unknown): Node {
  return typeof value === "object" && value !== null ? { ...value } : {};
}

function asNodes(value: unknown): readonly Node[] {
  return Array.isArray(value) ? value.map(asNode) : [];
}
