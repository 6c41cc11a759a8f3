/** The name of the data of the names at the ends of lines, for what places them anew. */
export const LABELS = "labels";

/** The parameters of such a chart: the labels of the lines that are coloured, and of the one under the pointer, or none. */
export const LIT = "lit";
export const HOVERED = "hovered";
