import type { TopLevelSpec } from "vega-lite";
import { formatLength } from "../text/format.ts";
import { interactive, type LegendEntry, lengthsInChart, withLiveLegends } from "./charts/interactive.ts";
import { TASK } from "./charts/learned/task-choice.ts";
import { withLiveNotes, withLiveRows } from "./charts/live-domains.ts";
import { quietLogger } from "./svg.ts";

/** A chart as the page draws it when the reader chooses what to see. */
export interface LiveChart {
  /** Compiled Vega, so that the page compiles nothing. */
  readonly spec: object;
  /** The entries of its legends that stand for series or variants. */
  readonly entries: readonly LegendEntry[];
  /** What a reader can choose in it. */
  readonly choices: readonly ChartChoice[];
}

/** A parameter of a chart, and what it may be. */
export interface ChartChoice {
  /** Of the parameter. */
  readonly name: "length" | "task";
  readonly options: readonly { readonly value: number; readonly text: string }[];
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
    choices: [lengthChoice(spec), taskChoice(spec)].filter((choice) => choice !== null),
  };
}

/** What the parameter `length` of a chart may be: the lengths in its data. */
function lengthChoice(spec: TopLevelSpec): ChartChoice | null {
  const chosen = numberOf(spec, "length");
  if (chosen === null) return null;
  const all = [...new Set([...lengthsInChart(spec), chosen])].sort((a, b) => a - b);
  return { name: "length", options: all.map((value) => ({ value, text: formatLength(value) })), chosen };
}

/** What the parameter `task` of a chart may be: those that its `usermeta.tasks` names, or all of them. */
function taskChoice(spec: TopLevelSpec): ChartChoice | null {
  const chosen = numberOf(spec, TASK);
  const { tasks }: { readonly tasks?: readonly (readonly [number, string])[] } = spec.usermeta ?? {};
  if (chosen === null || tasks === undefined) return null;
  const named = tasks.map(([value, text]) => ({ value, text }));
  return { name: TASK, options: [{ value: -1, text: `all ${tasks.length}` }, ...named], chosen };
}

function numberOf({ params }: TopLevelSpec, name: ChartChoice["name"]): number | null {
  const parameter = params?.find((one) => one.name === name);
  if (parameter === undefined || !("value" in parameter) || typeof parameter.value !== "number") return null;
  return parameter.value;
}
