import type { TopLevelSpec } from "vega-lite";
import { interactive, type LegendEntry, lengthsInChart, withLiveLegends } from "./charts/interactive.ts";
import { withLiveNotes, withLiveRows } from "./charts/live-domains.ts";
import { quietLogger } from "./svg.ts";

/** A chart as the page draws it when the reader chooses what to see. */
export interface LiveChart {
  /** Compiled Vega, so that the page compiles nothing. */
  readonly spec: object;
  /** The entries of its legends that stand for series or variants. */
  readonly entries: readonly LegendEntry[];
  /** The lengths that its parameter `length` may take; null if it has no such parameter. */
  readonly lengths: LengthChoice | null;
}

interface LengthChoice {
  /** Rising. */
  readonly all: readonly number[];
  readonly chosen: number;
}

/** Compiles a chart for the page. */
export async function liveChart(spec: TopLevelSpec): Promise<LiveChart> {
  const { compile } = await import("vega-lite");
  const bare = compile(interactive(spec), { logger: quietLogger(() => {}) }).spec;
  const { compiled, entries } = withLiveLegends(withLiveNotes(withLiveRows(bare)), spec);
  return {
    spec: compiled,
    entries,
    lengths: lengthChoice(spec),
  };
}

/** What the parameter `length` of a chart may be: the lengths in its data. */
function lengthChoice(spec: TopLevelSpec): LengthChoice | null {
  const parameter = spec.params?.find(({ name }) => name === "length");
  if (parameter === undefined || !("value" in parameter) || typeof parameter.value !== "number") return null;
  const all = new Set([...lengthsInChart(spec), parameter.value]);
  return { all: [...all].sort((a, b) => a - b), chosen: parameter.value };
}
