/**
 * What the page holds of a chart: its Vega specification, and which variant, by its place in the list of the results
 * file, each name stands for: as the chart's data has it, and as its legend has it.
 * @typedef {{
 *   readonly spec: PackedSpec,
 *   readonly variants: readonly (readonly [name: string, variant: number])[],
 *   readonly entries: readonly (readonly [label: string, variant: number])[],
 * }} ChartData
 */

/**
 * A specification whose rows are packed: the names of their fields, then their values. A field that a row does not have
 * is null.
 * @typedef {{ readonly data?: readonly { readonly values?: unknown }[] }} PackedSpec
 */

/**
 * A chart that answers to the reader.
 * @typedef {{
 *   readonly hide: (hidden: ReadonlySet<number>) => void,
 *   readonly set: (signal: string, value: unknown) => void,
 * }} LiveChart
 */

/**
 * Draws the chart into `container`, without eval and without a request. `onLegend` hears which variant's entry of the
 * legend was clicked.
 * @param {ChartData} data
 * @param {HTMLElement} container
 * @param {import("vega").TooltipHandler} tooltip
 * @param {(variant: number) => void} onLegend
 * @returns {Promise<LiveChart>}
 */
export async function liveChart(data, container, tooltip, onLegend) {
  const view = new vega.View(vega.parse(unpacked(data.spec), undefined, { ast: true }), {
    // Vega's types ask for what its interpreter's types do not promise.
    expr: /** @type {import("vega").ViewOptions["expr"]} */ (vega.expressionInterpreter),
    loader: /** @type {import("vega").Loader} */ (/** @type {unknown} */ (refusingLoader)),
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

/**
 * @param {PackedSpec} spec
 * @returns {import("vega").Spec}
 */
export function unpacked({ data = [], ...spec }) {
  const whole = { ...spec, data: data.map((one) => ({ ...one, values: rowsOf(one.values) })) };
  return /** @type {import("vega").Spec} */ (whole);
}

/** @param {unknown} values */
function rowsOf(values) {
  if (typeof values !== "object" || values === null || !("fields" in values)) return values;
  const { fields, rows } = /** @type {{ fields: readonly string[], rows: readonly unknown[][] }} */ (values);
  return rows.map((row) => Object.fromEntries(fields.map((field, at) => [field, row[at]])));
}

/**
 * The names that stand for variants of the set.
 * @param {readonly (readonly [name: string, variant: number])[]} names
 * @param {ReadonlySet<number>} variants
 */
export function namesOf(names, variants) {
  return names.filter(([, variant]) => variants.has(variant)).map(([name]) => name);
}

/**
 * The label of the legend's entry that a drawn item belongs to; null where it belongs to none.
 * @param {unknown} item
 * @returns {string | null}
 */
export function legendEntry(item) {
  const { mark, datum } = /** @type {{ mark?: { role?: string }, datum?: { value?: unknown } }} */ (
    item ?? {}
  );
  const isEntry = mark?.role === "legend-symbol" || mark?.role === "legend-label";
  return isEntry && typeof datum?.value === "string" ? datum.value : null;
}

const refuse = () => Promise.reject(new Error("chart: its data lies in the page, nothing is loaded"));

const refusingLoader = { load: refuse, sanitize: refuse, http: refuse, file: refuse, options: {} };
