import type { TopLevelSpec } from "vega-lite";
import {
  interactive,
  lengthsInChart,
  type NameInChart,
  namesInChart,
  withLiveLegends,
} from "./charts/interactive.ts";
import { quietLogger } from "./svg.ts";

/** A chart as the page draws it when the reader chooses what to see. */
export interface LiveChart {
  /** Vega, so that the page compiles nothing. */
  readonly spec: object;
  /** The variants in it, by their names in its data and in its legend. */
  readonly names: readonly NameInChart[];
  /** The lengths that its parameter `length` may take, rising; null where it has no such parameter. */
  readonly lengths: LengthChoice | null;
}

interface LengthChoice {
  readonly all: readonly number[];
  readonly chosen: number;
}

/** Compiles a chart for the page. */
export async function liveChart(spec: TopLevelSpec): Promise<LiveChart> {
  const { compile } = await import("vega-lite");
  const names = namesInChart(spec);
  const entries = new Set(names.flatMap(({ variant, series }) => [variant, series]));
  const compiled = compile(interactive(spec), { logger: quietLogger(() => {}) }).spec;
  return { spec: withLiveLegends(compiled, entries), names, lengths: lengthChoice(spec) };
}

/** What the parameter `length` of a chart may be: the lengths in its data. */
function lengthChoice(spec: TopLevelSpec): LengthChoice | null {
  const parameter = spec.params?.find(({ name }) => name === "length");
  if (parameter === undefined || !("value" in parameter) || typeof parameter.value !== "number") return null;
  const all = new Set([...lengthsInChart(spec), parameter.value]);
  return { all: [...all].sort((a, b) => a - b), chosen: parameter.value };
}
