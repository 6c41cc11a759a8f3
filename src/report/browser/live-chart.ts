import type { Scenegraph, Spec, TooltipHandler, View as VegaView, ViewOptions } from "vega";
import type { Names } from "./names.ts";
import type { Actions, Follower, Shown } from "./view.ts";

/** What the page holds of a chart. */
export interface ChartData {
  readonly spec: PackedSpec;
  /** Of entries of its legends, by their text, the names of the series and of the variants that they stand for. */
  readonly entries: Readonly<Record<string, LegendEntry>>;
}

interface LegendEntry {
  readonly series: readonly string[];
  readonly variants: readonly string[];
}

/**
 * A specification whose rows are packed: the names of their fields, then their values. A field that a row does not have
 * is null.
 */
interface PackedSpec {
  readonly data?: readonly { readonly values?: unknown }[];
  readonly signals?: readonly { readonly name: string }[];
}

/** A chart that answers to the reader. */
export interface LiveChart extends Follower {
  set(signal: string, value: unknown): void;
}

/** What a chart needs besides its data. */
export interface Around {
  readonly tooltip: TooltipHandler;
  readonly names: Names;
  readonly actions: Actions;
}

/** Draws the chart into `container`, without eval and without a request. */
export async function liveChart(data: ChartData, container: HTMLElement, around: Around): Promise<LiveChart> {
  const { names, actions, tooltip } = around;
  const spec = unpacked(data.spec);
  const view = new vega.View(vega.parse(spec, undefined, { ast: true }), {
    // Vega's types ask for what its interpreter's types do not promise.
    expr: vega.expressionInterpreter as ViewOptions["expr"],
    loader: refusingLoader,
    logLevel: vega.Error,
    renderer: "svg",
    tooltip,
  });
  view.initialize(container);
  await view.runAsync();
  answer(view, data, names, actions);
  const known = new Set(spec.signals?.map(({ name }) => name));
  let before: Shown | null = null;
  return {
    follow(shown) {
      const signals = Object.entries(signalsOf(shown, before, names, data)).filter(([name]) => known.has(name));
      before = shown;
      for (const [name, value] of signals) view.signal(name, value);
      if (signals.length > 0) view.runAsync();
    },
    set(signal, value) {
      view.signal(signal, value).runAsync();
    },
  };
}

/** What of a chart changes. */
function signalsOf(
  { hidden, view }: Shown,
  before: Shown | null,
  names: Names,
  { entries }: ChartData,
): Readonly<Record<string, unknown>> {
  if (hidden === (before?.hidden ?? NONE) || (before === null && hidden.size === 0)) return {};
  const [hiddenSeries, hiddenVariants] = [names.seriesWithin(hidden), names.variantsWithin(hidden)];
  void view;
  return {
    hidden: hiddenSeries,
    hiddenVariants,
    hiddenEntries: hiddenEntries(entries, new Set(hiddenSeries), new Set(hiddenVariants)),
  };
}
