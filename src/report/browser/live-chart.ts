import type { Spec, TooltipHandler, ViewOptions } from "vega";

/**
 * What the page holds of a chart: its Vega specification, and which variant, by its place in the list of the results
 * file, each name stands for: as the chart's data has it, and as its legend has it.
 */
export interface ChartData {
  readonly spec: PackedSpec;
  readonly variants: readonly (readonly [name: string, variant: number])[];
  readonly entries: readonly (readonly [label: string, variant: number])[];
}

/**
 * A specification whose rows are packed: the names of their fields, then their values. A field that a row does not have
 * is null.
 */
interface PackedSpec {
  readonly data?: readonly { readonly values?: unknown }[];
}

/** A chart that answers to the reader. */
export interface LiveChart {
  hide(hidden: ReadonlySet<number>): void;
  set(signal: string, value: unknown): void;
}

/**
 * Draws the chart into `container`, without eval and without a request. `onLegend` hears which variant's entry of the
 * legend was clicked.
 */
export async function liveChart(
  data: ChartData,
  container: HTMLElement,
  tooltip: TooltipHandler,
  onLegend: (variant: number) => void,
): Promise<LiveChart> {
  const view = new vega.View(vega.parse(unpacked(data.spec), undefined, { ast: true }), {
    // Vega's types ask for what its interpreter's types do not promise.
    expr: vega.expressionInterpreter as ViewOptions["expr"],
    loader: refusingLoader,
    logLevel: vega.Error,
    renderer: "svg",
    tooltip,
  });
  view.initialize(container);
  await view.runAsync();
  const entries = new Map(data.entries);
  view.addEventListener("click", (_event, item) => {
    const variant = entries.get(legendEntry(item) ?? "");
    if (variant !== undefined) onLegend(variant);
  });
  return {
    hide(hidden) {
      view.signal("hidden", namesOf(data.variants, hidden));
      view.signal("hiddenEntries", namesOf(data.entries, hidden));
      view.runAsync();
    },
    set(signal, value) {
      view.signal(signal, value).runAsync();
    },
  };
}

/** The specification with its rows as objects. */
export function unpacked({ data = [], ...spec }: PackedSpec): Spec {
  return { ...spec, data: data.map((one) => ({ ...one, values: rowsOf(one.values) })) } as Spec;
}

function rowsOf(values: unknown): unknown {
  if (typeof values !== "object" || values === null || !("fields" in values)) return values;
  const { fields, rows } = values as { fields: readonly string[]; rows: readonly unknown[][] };
  return rows.map((row) => Object.fromEntries(fields.map((field, at) => [field, row[at]])));
}

/** The names that stand for variants of the set. */
export function namesOf(
  names: readonly (readonly [name: string, variant: number])[],
  variants: ReadonlySet<number>,
): readonly string[] {
  return names.filter(([, variant]) => variants.has(variant)).map(([name]) => name);
}

/** The label of the legend's entry that a drawn item belongs to; null where it belongs to none. */
export function legendEntry(item: unknown): string | null {
  const { mark, datum } = (item ?? {}) as { mark?: { role?: string }; datum?: { value?: unknown } };
  const isEntry = mark?.role === "legend-symbol" || mark?.role === "legend-label";
  return isEntry && typeof datum?.value === "string" ? datum.value : null;
}

const refuse = () => Promise.reject(new Error("chart: its data lies in the page, nothing is loaded"));

// Vega reads `options`, which its types omit.
const refusingLoader = { load: refuse, sanitize: refuse, http: refuse, file: refuse, options: {} };
