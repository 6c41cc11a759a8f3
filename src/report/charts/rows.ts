/** Pixels of a row in a chart with one row a series. */
export const ROW_STEP = 18;

/** The channel of a chart with one row a series, in the order of the labels, with the labels at the left. */
export function rowChannel(labels: readonly string[]) {
  return {
    field: "series",
    type: "nominal" as const,
    title: null,
    sort: null,
    scale: { domain: [...labels] },
    axis: { labelLimit: 0, grid: true, domain: false, ticks: false, labelPadding: 8 },
  };
}
