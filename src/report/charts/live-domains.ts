/** A node of a compiled chart. */
type Node = Readonly<Record<string, unknown>>;

/** Keeps what is not left out, in Vega's language: rows by their `series` and `variant`, entries of legends by their `text`. */
export const KEEPS_ROW = "indexof(hidden, datum.series) < 0 && indexof(hiddenVariants, datum.variant) < 0";
const KEEPS_ENTRY = "indexof(hiddenEntries, datum.text) < 0";

/** Entries of a legend as data, and the signal that lists those that are not left out. */
export function liveEntries(scale: string, texts: readonly unknown[]) {
  const name = `entries of ${scale}`;
  return {
    data: listed(
      name,
      texts.map((text) => ({ text })),
      KEEPS_ENTRY,
    ),
    values: { signal: `pluck(data('${name}'), 'text')` },
  };
}

/**
 * A compiled chart whose axes with one row a series have none for what is left out, and whose panels without a row have
 * neither a title nor a line below.
 */
export function withLiveRows(compiled: object): object {
  const node = asNode(compiled);
  const titles = new Map(
    asNodes(node.marks).flatMap(({ title, axes }) =>
      asNodes(axes).map(({ scale }) => [scale, asNode(title).text] as const),
    ),
  );
  const rows = asNodes(node.scales).flatMap(({ name, domain, range }) =>
    Array.isArray(domain) && asNode(range).step !== undefined
      ? [{ scale: name, data: `rows of ${name}`, series: domain, panel: titles.get(name) ?? "" }]
      : [],
  );
  const dataOf = new Map(rows.map(({ scale, data }) => [scale, data]));
  return {
    ...node,
    data: [
      ...asNodes(node.data),
      ...rows.map(({ data, series, panel }) =>
        listed(
          data,
          series.map((one) => ({ series: one, panel })),
          KEEPS_ROW,
        ),
      ),
    ],
    scales: asNodes(node.scales).map((scale) => {
      const data = dataOf.get(scale.name);
      return data === undefined
        ? scale
        : { ...scale, domain: { data, field: "series", sort: { field: "at", op: "min" } } };
    }),
    marks: asNodes(node.marks).map((mark) => {
      const data = asNodes(mark.axes).flatMap(({ scale }) => dataOf.get(scale) ?? [])[0];
      if (data === undefined || mark.title === undefined) return mark;
      const hasRows = `length(data('${data}')) > 0`;
      const encode = { domain: { update: { opacity: { signal: `${hasRows} ? 1 : 0` } } } };
      return {
        ...mark,
        title: { ...asNode(mark.title), text: { signal: `${hasRows} ? data('${data}')[0].panel : ''` } },
        axes: asNodes(mark.axes).map((axis) => (axis.labels === false ? { ...axis, encode } : axis)),
      };
    }),
  };
}

/** The compiled chart with the lines below its title, if it has any, as a signal `notes`, since they may name what is left out. */
export function withLiveNotes(compiled: object): object {
  const node = asNode(compiled);
  const { subtitle } = asNode(node.title);
  if (!Array.isArray(subtitle)) return compiled;
  return {
    ...node,
    title: { ...asNode(node.title), subtitle: { signal: "notes" } },
    signals: [...asNodes(node.signals), { name: "notes", value: subtitle }],
  };
}

/** Each with its place: what comes back would be the last. */
function listed(name: string, values: readonly Node[], keeps: string): Node {
  return {
    name,
    values: values.map((value, at) => ({ ...value, at })),
    transform: [{ type: "filter", expr: keeps }],
  };
}

function asNode(value: unknown): Node {
  return typeof value === "object" && value !== null ? { ...value } : {};
}

function asNodes(value: unknown): readonly Node[] {
  return Array.isArray(value) ? value.map(asNode) : [];
}
