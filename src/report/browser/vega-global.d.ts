import type * as Vega from "vega";

declare global {
  /** Vega with what its types leave out. Absent where the page holds no chart that answers. */
  const vega: typeof Vega & {
    readonly expressionInterpreter: unknown;
    readonly textMetrics: { width: (item: { fontSize?: number }, text: unknown) => number };
  };
}
