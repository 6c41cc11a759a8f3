import type { Config } from "vega-lite";
import { inks } from "./look.ts";

/** Size of the charts' letters, in pixels. */
export const FONT_SIZE = 12;

interface Sheet {
  readonly $schema: string;
  readonly title: string | Title;
  readonly padding: number;
  readonly background: string;
  readonly config: Config;
}

interface Title {
  readonly text: string | { readonly expr: string };
  /** Lines. */
  readonly subtitle?: string[];
  readonly subtitleColor?: string;
  readonly subtitleFontSize?: number;
  readonly subtitlePadding?: number;
}

/**
 * What every chart begins with; a title given as an expression may hold no string of a results file. `notes` are
 * lines below it.
 */
export function sheet(text: Title["text"], notes: readonly string[] = []): Sheet {
  const below = {
    subtitle: [...notes],
    subtitleColor: inks.text.light,
    subtitleFontSize: FONT_SIZE,
    subtitlePadding: 6,
  };
  const title = { text, ...(notes.length > 0 && below) };
  return {
    $schema: "https://vega.github.io/schema/vega-lite/v6.json",
    title: typeof text === "string" && notes.length === 0 ? text : title,
    padding: 12,
    background: inks.ground.light,
    config: paper,
  };
}

/** How every chart looks on paper, whatever it draws. The page swaps the colours in dark mode. */
const paper: Config = {
  font: "sans-serif",
  lineBreak: "\n",
  // One label for the whole picture says more to a screen reader than one for every point.
  aria: false,
  view: { stroke: null },
  title: {
    color: inks.text.light,
    fontSize: 15,
    anchor: "start",
    offset: 12,
  },
  axis: {
    domainColor: inks.line.light,
    gridColor: inks.grid.light,
    tickColor: inks.line.light,
    labelColor: inks.text.light,
    titleColor: inks.text.light,
    labelFontSize: FONT_SIZE,
    titleFontSize: FONT_SIZE,
    titleFontWeight: "normal",
    titlePadding: 10,
  },
  legend: {
    labelColor: inks.text.light,
    titleColor: inks.text.light,
    labelFontSize: FONT_SIZE,
    titleFontSize: FONT_SIZE,
    titleFontWeight: "normal",
    labelLimit: 0,
    titleLimit: 0,
    symbolOpacity: 1,
    symbolSize: 90,
    rowPadding: 4,
    offset: 20,
  },
};
