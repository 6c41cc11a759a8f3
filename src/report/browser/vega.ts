/** What the page needs of Vega, which is its global `vega`. Bundled apart: a page without a live chart omits it. */
import * as whole from "vega";

export { Error, parse, View } from "vega";
export { expressionInterpreter } from "vega-interpreter";

/** How Vega measures text, which its types omit. */
export const { textMetrics } = whole as typeof whole & {
  readonly textMetrics: { width: (item: { fontSize?: number }, text: unknown) => number };
};
