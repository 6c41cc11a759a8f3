import type { TopLevelSpec } from "vega-lite";
import { KEEPS_ROW, liveEntries } from "./live-domains.ts";

/** A node of a specification, of Vega-Lite or of Vega. */
type Node = Readonly<Record<string, unknown>>;

/**
 * The chart with parameters `hidden` and `hiddenVariants`, lists of series and of variants whose rows it omits, wherever it
 * has data with a field `series` or `variant`. Every chart goes through here, so that none has to know about it.
 */
export function interactive(spec: TopLevelSpec): TopLevelSpec {
  const { params = [] } = spec;
  const datasets = asNode(asNode(spec).datasets);
  const filtered = withFilter(asNode(spec), datasets);
  const hidden = ["hidden", "hiddenVariants"].map((name) => ({ name, value: [] }));
  return { ...filtered, params: [...params, ...hidden] } as unknown as TopLevelSpec;
}

const filter = { filter: KEEPS_ROW };

/** Where the data enters, so that whatever is computed from it also lacks them. */
function withFilter(node: Node, datasets: Node): Node {
  const copy: Record<string, unknown> = { ...node };
  if (rowsOf(node, datasets).some((row) => "series" in row || "variant" in row)) {
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

/** An entry of a legend, by its text, with the names of what it stands for. */
export type LegendEntry = readonly [text: string, names: readonly string[]];

/** A compiled chart and the entries of its legends that stand for series or variants. */
interface LiveLegends {
  readonly compiled: object;
  readonly entries: readonly LegendEntry[];
}

/**
 * Lets the legends of a compiled chart answer: entries that stand for series can be clicked, and are left out if they are
 * in the list `hiddenEntries`. The entries of a legend stand for series, or where rows are of none for variants, if some field of
 * the chart's data has all their texts, and one and the same in all rows of a series.
 */
export function withLiveLegends(compiled: object, spec: TopLevelSpec): LiveLegends {
  const node = asNode(compiled);
  const fields = namesByField(allRows(asNode(spec)));
  const shown = new Set(
    all("legends", node).flatMap((legend) => LEGEND_SCALES.map((channel) => legend[channel])),
  );
  const scales = new Map(
    all("scales", node).flatMap(({ name, domain }) => {
      if (!shown.has(name)) return [];
      const entries = entriesOf(domain, fields);
      return entries.length === 0 ? [] : [[String(name), entries] as const];
    }),
  );
  const entries = [...new Map([...scales.values()].flat())];
  const live = new Map(
    [...scales].map(([scale, own]) => [
      scale,
      liveEntries(
        scale,
        own.map(([text]) => text),
      ),
    ]),
  );
  const listed = all("legends", node).flatMap(({ values }) => (Array.isArray(values) ? values : []));
  const unlisted =
    listed.length === 0 ? [] : entries.flatMap(([text]) => (listed.includes(text) ? [] : [text]));
  return {
    compiled: {
      ...withLegends(node, new Map([...live].map(([scale, { values }]) => [scale, values]))),
      signals: [...asNodes(node.signals).map(withoutBinding), { name: "hiddenEntries", value: unlisted }],
      data: [...asNodes(node.data), ...[...live.values()].map(({ data }) => data)],
    },
    entries,
  };
}

/** The texts of a field, each with the names of the series whose rows have it. */
type Texts = ReadonlyMap<string, ReadonlySet<string>>;

/** The fields that have one text for each series. */
function namesByField(rows: readonly Node[]): ReadonlyMap<string, Texts> {
  const fields = new Map<string, Map<string, Set<string>>>();
  const textOf = new Map<string, unknown>();
  const several = new Set<string>();
  for (const row of rows) {
    const name = row.series ?? row.variant;
    if (typeof name !== "string") continue;
    for (const [field, text] of Object.entries(row)) {
      const key = JSON.stringify([field, name]);
      if (textOf.has(key) && textOf.get(key) !== text) several.add(field);
      textOf.set(key, text);
      if (typeof text !== "string") continue;
      const texts = fields.get(field) ?? new Map<string, Set<string>>();
      fields.set(field, texts.set(text, (texts.get(text) ?? new Set()).add(name)));
    }
  }
  return new Map([...fields].filter(([field]) => !several.has(field)));
}

/** The entries of a scale's domain, if they stand for series. */
function entriesOf(domain: unknown, fields: ReadonlyMap<string, Texts>): readonly LegendEntry[] {
  const { field } = asNode(domain);
  const candidates = Array.isArray(domain) ? [...fields.values()] : [fields.get(String(field))];
  for (const known of candidates) {
    const texts: readonly unknown[] = Array.isArray(domain) ? domain : [...(known?.keys() ?? [])];
    const entries = texts.flatMap((text): readonly LegendEntry[] => {
      const names = typeof text === "string" ? known?.get(text) : undefined;
      return typeof text === "string" && names !== undefined ? [[text, [...names]]] : [];
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

/** `scales` are those whose legends are live, each with what its entries are. */
function withLegends(node: Node, scales: ReadonlyMap<unknown, object>): Node {
  const copy: Record<string, unknown> = { ...node };
  if (Array.isArray(node.legends)) {
    copy.legends = asNodes(node.legends).map((legend) => {
      const values = LEGEND_SCALES.flatMap((channel) => scales.get(legend[channel]) ?? [])[0];
      return values === undefined ? legend : { ...legend, values, encode: clickable(asNode(legend.encode)) };
    });
  }
  if (Array.isArray(node.marks)) copy.marks = asNodes(node.marks).map((mark) => withLegends(mark, scales));
  return copy;
}

function clickable(encode: Node): Node {
  const live = (part: unknown) => {
    const known = asNode(part);
    const update = { ...asNode(known.update), opacity: { value: 1 }, cursor: { value: "pointer" } };
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
