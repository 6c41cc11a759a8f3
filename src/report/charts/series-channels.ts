import type { DrawnSeries } from "./drawn-series.ts";
import { dashes, inks, type Look } from "./look.ts";

/** Rows of a legend before it takes a further column. */
const LEGEND_ROWS = 26;

/** Beyond this many Vega omits entries unless told otherwise. */
const USUAL_ENTRIES = 29;

/** Colour and shape show the series and share one legend, in the order given; `field` holds their texts, of which
 * the legend has all unless some are `listed`. */
export function seriesChannels(
  field: string,
  title: string,
  entries: readonly { readonly text: string; readonly look: Look }[],
  listed: readonly string[] = entries.map(({ text }) => text),
) {
  const channel = {
    field,
    type: "nominal" as const,
    title,
    legend: {
      columns: Math.ceil(listed.length / LEGEND_ROWS),
      ...(listed.length > USUAL_ENTRIES && { symbolLimit: listed.length }),
      ...(listed.length < entries.length && { values: [...listed] }),
    },
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

/** How a legend shows dashes. */
export const strokeLegend = { symbolType: "stroke", symbolSize: 600, symbolStrokeColor: inks.text.light };

/** A style of lines besides those of series; its dash is one that is left, if omitted. */
interface FurtherStyle {
  readonly name: string;
  readonly dash?: readonly number[];
}

/** Dashes show the style of a line, with a legend; null if all have the same. */
export function styleChannel(styles: readonly string[], further: readonly FurtherStyle[] = []) {
  const own = [...new Set(styles)].sort();
  const domain = [...own, ...further.map(({ name }) => name)];
  if (domain.length < 2) return null;
  const range = domain.map((_, at) => [...(further[at - own.length]?.dash ?? dashes[at % dashes.length])]);
  return {
    field: "style",
    type: "nominal" as const,
    title: "line",
    scale: { domain, range },
    legend: strokeLegend,
  };
}

/**
 * For points that no line joins: shape, stroke and fill show the series; hollow ones have a further style.
 */
export function pointChannels(title: string, series: readonly DrawnSeries[]) {
  const styles = [...new Set(series.map(({ style }) => style))].sort();
  const { color, shape } = seriesChannels(
    "series",
    title,
    series.map(({ label, look }) => ({ text: label, look })),
  );
  const range = series.map(({ look, style }) => {
    const fills = [look.color, inks.ground.light, inks.grid.light];
    return fills[styles.indexOf(style) % fills.length];
  });
  return { shape, stroke: color, fill: { ...color, scale: { ...color.scale, range } } };
}
