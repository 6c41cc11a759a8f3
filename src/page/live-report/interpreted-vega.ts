/**
 * Vega as the page's worker has it, in the place of the package: that of the script `vega.js`, which runs in the worker
 * before it. No policy of a page that shows results allows code from text, so that expressions are interpreted, as in the
 * report's own charts.
 */
import type { Runtime, Spec, View as VegaView, ViewOptions } from "vega";

export const { textMetrics } = vega;

export function parse(spec: Spec): Runtime {
  return vega.parse(spec, undefined, { ast: true });
}

/** A view whose expressions are interpreted. */
export const View = class extends vega.View {
  constructor(runtime: Runtime, options: ViewOptions) {
    // Vega's types ask for what its interpreter's types do not promise.
    super(runtime, { ...options, expr: vega.expressionInterpreter as ViewOptions["expr"] });
  }
} satisfies new (
  runtime: Runtime,
  options: ViewOptions,
) => VegaView;
