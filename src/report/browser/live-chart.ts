import type { Signal, Spec, TooltipHandler, View, ViewOptions } from "vega";
import { LIT } from "../charts/hero/names.ts";
import { patternCardsOf } from "../charts/pattern-cards.ts";
import { endsOf } from "../looks/paper-look.ts";
import { type PackedChart, unpackedChart } from "../packing/charts.ts";
import type { Row } from "../packing/columns.ts";
import { fitPanels } from "./fitted-panels.ts";
import { type NamedLines, namedLines, pointsOf } from "./named-lines.ts";
import type { Names } from "./names.ts";
import { notesOf, type Seen } from "./notes.ts";
import { patternButtons } from "./pattern-buttons.ts";
import { patternDialog } from "./pattern-dialog.ts";
import type { Actions, Follower, Shown } from "./view.ts";

/** What the page holds of a chart. */
export interface ChartData {
  readonly spec: PackedSpec;
  /** The entries of its legends, each with the names of the series, or else variants, that it stands for. */
  readonly entries: readonly (readonly [text: string, names: readonly string[]])[];
}

/** Compiled Vega whose rows are packed. */
interface PackedSpec extends PackedChart {
  readonly signals?: readonly { readonly name: string }[];
}

/** A chart that answers to the reader. */
export interface LiveChart extends Follower {
  set(signal: string, value: unknown): void;
  /** Fits it to so many pixels of width, null for those of its figure, if it has no width of its own. */
  fit(width: number | null): void;
  /** The chart with what is chosen in it now, as Vega. */
  spec(): Spec;
}

/** What a chart needs besides its data. */
export interface Around {
  readonly tooltip: TooltipHandler;
  readonly names: Names;
  readonly actions: Actions;
}

/** A view of a chart, without eval and without a request. */
export function viewOf(spec: Spec, options: Pick<ViewOptions, "renderer" | "tooltip">): View {
  return new vega.View(vega.parse(spec, undefined, { ast: true }), {
    ...options,
    // Vega's types ask for what its interpreter's types do not promise.
    expr: vega.expressionInterpreter as ViewOptions["expr"],
    loader: refusingLoader,
    logLevel: vega.Error,
  });
}

/** Draws the chart of a figure into `container`; `cases` are those that its rows are of. */
export async function liveChart(
  data: ChartData,
  cases: readonly Row[],
  figure: HTMLElement,
  container: HTMLElement,
  around: Around,
): Promise<LiveChart> {
  const { names, actions, tooltip } = around;
  const spec = unpackedChart(data.spec, cases) as Spec;
  const view = viewOf(spec, { renderer: "svg", tooltip });
  view.initialize(container);
  await view.runAsync();
  fitPanels(view, spec, figure);
  const ends = endsOf(spec);
  const lines = ends === null ? null : namedLines(view, ends, pointsOf(spec), figure);
  const entries = new Map(data.entries);
  const placesOf = (item: unknown) => namesAt(item, entries).flatMap((name) => names.placesOf(name));
  const patterns = patternCardsOf(spec);
  const buttons =
    patterns === null
      ? null
      : patternButtons(view, patterns, container, patternDialog(patterns, rowsIn(spec)));
  if (lines === null) {
    view.addEventListener("mouseover", (_event, item) => {
      const places = isLegend(item) ? [] : placesOf(item);
      if (places.length === 1) actions.hover(places[0]);
    });
    view.addEventListener("mouseout", (_event, item) => {
      if (placesOf(item).length > 0) actions.hover(null);
    });
    // A click on a pattern enlarges it.
    if (patterns === null)
      view.addEventListener("click", (_event, item) => {
        const places = placesOf(item);
        if (places.length > 0) actions.choose(places);
      });
  }
  const signals = new Set(spec.signals?.map(({ name }) => name));
  const drawn = seriesIn(spec);
  let before: Shown | null = null;
  if (lines !== null) pointAtLines(container, lines, around, () => before?.hidden);
  return {
    follow(shown) {
      const drawnNames = (place: number) => names.namesOf(place).filter((name) => drawn.has(name));
      const isAsBefore = shown.hidden === before?.hidden && shown.lit === before.lit;
      const lit = signals.has(LIT) ? new Set(shown.lit.flatMap(drawnNames)) : null;
      const changes = [
        ...(isAsBefore ? [] : hiddenSignals({ drawn, lit, places: shown.hidden }, names, data, spec)),
        ...litSignals(shown, before, drawnNames),
      ].filter(([name]) => signals.has(name));
      before = shown;
      for (const [name, value] of changes) view.signal(name, value);
      // What has fewer rows takes less room.
      if (!isAsBefore) view.resize();
      if (lines !== null && changes.length > 0) lines.name(namedIn(shown, names, drawn));
      else if (changes.length > 0) view.runAsync().then(() => buttons?.place());
    },
    spec: () => ({
      ...spec,
      signals: (spec.signals ?? []).map(
        (signal) => ({ ...signal, value: view.signal(signal.name) }) as Signal,
      ),
    }),
    fit(width) {
      lines?.fit(width);
    },
    set(signal, value) {
      // What has fewer panels takes less room.
      view.signal(signal, value).resize().runAsync();
    },
  };
}

/** The lines that are named: the one pointed at, and those that are lit and shown. */
function namedIn(
  { lit, hidden, view: { hovered } }: Shown,
  names: Names,
  drawn: ReadonlySet<string>,
): readonly string[] {
  const places = [...(hovered === null ? [] : [hovered]), ...lit].filter((place) => !hidden.has(place));
  const found = places.flatMap((place) => names.namesOf(place)).filter((name) => drawn.has(name));
  return [...new Set(found)];
}

/** Lines answer to the pointer near them: those in grey are thin. */
function pointAtLines(
  container: HTMLElement,
  lines: NamedLines,
  { names, actions }: Around,
  hidden: () => ReadonlySet<number> | undefined,
): void {
  const placesAt = (event: MouseEvent) => {
    const name = lines.lineAt(event);
    return name === null ? [] : names.placesOf(name).filter((place) => !hidden()?.has(place));
  };
  container.addEventListener("pointermove", (event) => actions.hover(placesAt(event)[0] ?? null));
  container.addEventListener("pointerleave", () => actions.hover(null));
  container.addEventListener("click", (event) => {
    const places = placesAt(event);
    if (places.length > 0) actions.choose(places);
  });
}

type Signals = readonly (readonly [name: string, value: unknown])[];

/**
 * What of a chart is left out, by place, also of its legends and of the lines below its title. What is not coloured has no
 * entry where some are.
 */
function hiddenSignals(
  { drawn, lit, places }: Omit<Seen, "hidden"> & { readonly places: ReadonlySet<number> },
  names: Names,
  { entries }: ChartData,
  { usermeta }: Spec,
): Signals {
  const [series, variants] = [names.seriesWithin(places), names.variantsWithin(places)];
  const hidden = new Set([...series, ...variants]);
  const isOut = (name: string) => hidden.has(name) || (lit !== null && !lit.has(name));
  return [
    ["hidden", series],
    ["hiddenVariants", variants],
    ["hiddenEntries", entries.filter(([, those]) => those.every(isOut)).map(([text]) => text)],
    ["notes", notesOf(usermeta, { drawn, hidden, lit })],
  ];
}

/** What of a chart is coloured, where that changed. */
function litSignals(
  { lit, view: { hovered } }: Shown,
  before: Shown | null,
  namesOf: (place: number) => readonly string[],
): Signals {
  return [
    ...(lit === before?.lit ? [] : [["lit", lit.flatMap(namesOf)] as const]),
    ...(before !== null && hovered === before.view.hovered
      ? []
      : [["hovered", (hovered === null ? undefined : namesOf(hovered)[0]) ?? ""] as const]),
  ];
}

/** The names of the series that a chart's rows are of. */
function seriesIn(spec: Spec): ReadonlySet<string> {
  return new Set(rowsIn(spec).flatMap(({ series }) => (typeof series === "string" ? [series] : [])));
}

function rowsIn({ data = [] }: Spec): readonly Row[] {
  return data.flatMap((one) => {
    const values: unknown = "values" in one ? one.values : null;
    return Array.isArray(values) ? values.filter((row) => typeof row === "object" && row !== null) : [];
  });
}

/** What a drawn item says of itself, as far as it is of use here. */
interface Drawn {
  readonly mark?: { readonly role?: string };
  readonly datum?: { readonly value?: unknown; readonly series?: unknown };
}

function isLegend(item: unknown): boolean {
  const { mark } = (item ?? {}) as Drawn;
  return mark?.role === "legend-symbol" || mark?.role === "legend-label";
}

/** The names that a drawn item stands for: its own series, or those of its entry of a legend. */
export function namesAt(item: unknown, entries: ReadonlyMap<string, readonly string[]>): readonly string[] {
  const { datum } = (item ?? {}) as Drawn;
  if (isLegend(item)) return typeof datum?.value === "string" ? (entries.get(datum.value) ?? []) : [];
  return typeof datum?.series === "string" ? [datum.series] : [];
}

const refuse = () => Promise.reject(new Error("chart: its data lies in the page, nothing is loaded"));

// Vega reads `options`, which its types omit.
const refusingLoader = { load: refuse, sanitize: refuse, http: refuse, file: refuse, options: {} };
