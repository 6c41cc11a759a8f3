import { inks } from "./look.ts";

/** Size of the letters above a panel, in pixels. */
export const HEAD_SIZE = 12;

/** Pixels of a panel at least, in a chart whose `usermeta.panels` says how many stand side by side: the page fits them to its width. */
export const LEAST_PANEL = 80;

/** A chart of small panels, in the order of their names, each shown above its own. */
export function panels(names: readonly string[], columns: number) {
  return {
    facet: {
      field: "panel",
      type: "nominal" as const,
      title: null,
      sort: [...names],
      header: {
        labelColor: inks.text.light,
        labelFontSize: HEAD_SIZE,
        // Wide names widen the panels' distances instead.
        labelLimit: 0,
        labelAnchor: "start" as const,
      },
    },
    columns: Math.min(columns, names.length),
    spacing: { row: 14, column: 24 },
  };
}
