import type { lengthChannel, logChannel } from "./axes.ts";
import { crowdNote } from "./crowd-note.ts";
import { tooltip } from "./details.ts";
import type { DrawnSeries } from "./drawn-series.ts";
import { MOST_LIT } from "./hero/lit.ts";
import { litSeries } from "./hero/lit-series.ts";
import { HOVERED, isHovered, isLit, LIT } from "./hero/names.ts";
import { inks } from "./look.ts";

/** A line of a chart that may have too many to tell apart. */
interface CrowdedLine {
  readonly series: DrawnSeries;
  readonly text: string;
}

/** Which lines are coloured where there are too many to tell apart, as in the chart of times. */
export interface Crowd {
  /** What the legend lists. */
  readonly texts: readonly string[];
  /** Lines below the title. */
  readonly notes: readonly string[];
  /** The labels of its lines, which a page changes, and of the one under the pointer. */
  readonly params: readonly { readonly name: string; readonly value: readonly string[] | string }[];
}

/** Null if there are so few lines that all are coloured. */
export function crowdOf(lines: readonly CrowdedLine[]): Crowd | null {
  if (lines.length <= MOST_LIT) return null;
  const chosen = new Set(litSeries(lines.map(({ series }) => series)));
  const lit = lines.filter(({ series }) => chosen.has(series));
  return {
    texts: lit.map(({ text }) => text),
    notes: crowdNote(lit.length, lines.length),
    params: [
      { name: LIT, value: lit.map(({ series }) => series.label) },
      { name: HOVERED, value: "" },
    ],
  };
}

/** All lines in grey, behind those that are coloured. */
export function greyLines(x: ReturnType<typeof lengthChannel>, y: ReturnType<typeof logChannel>) {
  return {
    transform: [{ filter: { field: y.field, valid: true as const } }],
    mark: { type: "line" as const, color: inks.line.light, strokeWidth: 1, opacity: 0.45 },
    encoding: {
      x,
      y,
      detail: { field: "series", type: "nominal" as const },
      tooltip: tooltip({ series: "series" }),
    },
  };
}

/** A layer of which only what is lit or under the pointer is drawn. */
export function ofLit<Layer extends { readonly transform?: readonly object[] }>(layer: Layer) {
  return { ...layer, transform: [{ filter: `${isLit} || ${isHovered}` }, ...(layer.transform ?? [])] };
}
