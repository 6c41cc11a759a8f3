import type * as Vega from "vega";

declare global {
  /** Vega with what its types omit. Absent if the page holds no interactive chart. */
  const vega: typeof Vega & {
    readonly expressionInterpreter: unknown;
    readonly textMetrics: { width: (item: { fontSize?: number }, text: unknown) => number };
  };
}
