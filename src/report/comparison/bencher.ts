import type { Comparison } from "../../compare/comparison.ts";
import { headTime } from "./head-time.ts";
import { historyNames } from "./history-names.ts";
import { jsonText } from "./json-text.ts";

/** https://bencher.dev/docs/reference/bencher-metric-format */
interface Metric {
  readonly value: number;
  readonly lower_value?: number;
  readonly upper_value?: number;
}

/**
 * Head's side in Bencher Metric Format: the measures `latency` of each cell, the median, and `mean-latency`
 * in nanoseconds, and those quantities of work that have changed under names of their own, such as
 * `executed-flops`.
 */
export function bencherJson(comparison: Comparison): string {
  const nameOf = historyNames(comparison);
  const benchmarks = new Map<string, Map<string, Metric>>();
  const add = (id: string, measure: string, metric: Metric): void => {
    const name = nameOf(id);
    const measures = benchmarks.get(name) ?? new Map<string, Metric>();
    benchmarks.set(name, measures.set(measure, metric));
  };
  for (const cell of comparison.cells) {
    const time = headTime(cell);
    if (time === null) continue;
    add(cell.case, "latency", {
      value: nanoseconds(time.seconds),
      ...(time.low === null ? {} : { lower_value: nanoseconds(time.low) }),
      ...(time.high === null ? {} : { upper_value: nanoseconds(time.high) }),
    });
  }
  for (const { case: id, mean } of comparison.cells) {
    const value = mean === null ? Number.NaN : nanoseconds(mean.head_s);
    if (value > 0 && Number.isFinite(value)) add(id, "mean-latency", { value });
  }
  for (const { case: id, quantity, head } of comparison.work) {
    if (head !== null && Number.isFinite(head)) add(id, slug(quantity), { value: head });
  }
  // From entries, because a name may be a property that every object has.
  const entries = [...benchmarks].map(([name, measures]) => [name, Object.fromEntries(measures)]);
  return jsonText(Object.fromEntries(entries));
}

function nanoseconds(seconds: number): number {
  return Number((seconds * 1e9).toPrecision(12));
}

/** A measure is called by at most 64 letters, digits and hyphens. */
function slug(quantity: string): string {
  const words = quantity.toLowerCase().match(/[a-z0-9]+/g) ?? [];
  return words.join("-").slice(0, 64).replace(/-$/, "") || "work";
}
