/** The name of the data of the names at the ends of lines, for what places them anew. */
export const LABELS = "labels";

/** The parameters of such a chart: the labels of the lines that are coloured, and of the one under the pointer, or none. */
export const LIT = "lit";
export const HOVERED = "hovered";

/** Whether a row of the chart's data is of a line that is coloured, or under the pointer, in Vega's language. */
export const isLit = `indexof(${LIT}, datum.series) >= 0`;
export const isHovered = `datum.series === ${HOVERED}`;
