import { dashes, inks, type Look } from "./look.ts";

/** Rows of a legend before it takes a further column. */
const LEGEND_ROWS = 26;

/** Colour and shape say the series and share one legend, in the order given; `field` holds their texts. */
export function seriesChannels(
  field: string,
  title: string,
  entries: readonly { readonly text: string; readonly look: Look }[],
) {
  const channel = {
    field,
    type: "nominal" as const,
    title,
    legend: { columns: Math.ceil(entries.length / LEGEND_ROWS) },
  };
  const domain = entries.map(({ text }) => text);
  return {
    color: { ...channel, scale: { domain, range: entries.map(({ look }) => look.color) } },
    shape: { ...channel, scale: { domain, range: entries.map(({ look }) => look.shape) } },
  };
}

/** Height of a chart beside such a legend. */
export function heightBeside(entries: number, least: number): number {
  return Math.max(least, Math.min(entries, LEGEND_ROWS) * 19);
}

/** Dashes say the style of a line, with a legend; null where all have the same. */
export function styleChannel(styles: readonly string[], dotted?: string) {
  const domain = [...new Set(styles)].sort();
  const range = domain.map((_, index) => [...dashes[index % dashes.length]]);
  if (domain.length < 2 && dotted === undefined) return null;
  return {
    field: "style",
    type: "nominal" as const,
    title: "line",
    scale:
      dotted === undefined ? { domain, range } : { domain: [...domain, dotted], range: [...range, [1, 4]] },
    legend: { symbolType: "stroke", symbolSize: 600, symbolStrokeColor: inks.text.light },
  };
}

/** How full a point is says its style, where no line can; null where all have the same. */
export function fullnessChannel(styles: readonly string[]) {
  const domain = [...new Set(styles)].sort();
  if (domain.length < 2) return null;
  return {
    field: "style",
    type: "nominal" as const,
    title: "points",
    scale: { domain, range: domain.map((_, index) => [1, 0, 0.4][index % 3]) },
    legend: { symbolStrokeColor: inks.text.light, symbolFillColor: inks.text.light },
  };
}
