import type { TopLevelSpec } from "vega-lite";
import { OPERATIONS } from "../../core/operation.ts";
import type { Results } from "../../record/case-row.ts";
import { formatRatio } from "../../text/format.ts";
import { lengthChannel, logChannel } from "../charts/axes.ts";
import { familiesOf, looksOf } from "../charts/family-looks.ts";
import { drawable } from "../charts/line-chart.ts";
import { inks } from "../charts/look.ts";
import { panels } from "../charts/panels.ts";
import { sheet } from "../charts/paper.ts";
import { seriesChannels } from "../charts/series-channels.ts";
import { WORDS } from "../words.ts";
import type { Overview, OverviewLine } from "./overview.ts";
import { comparedMode, linesIn } from "./selections.ts";

/** Lines that can be told apart, and panels that are looked at. */
const MOST_LINES = 8;
const MOST_PANELS = 12;

const PANEL = { width: 250, height: 190 } as const;
const COLUMNS = 3;

export function gainsTitle({ baseline }: Pick<Overview, "baseline">): string {
  return `Speed-up over ${baseline}, one panel a class of machines`;
}

/** How to read it. */
export function gainsCaption({ baseline }: Pick<Overview, "baseline">): string {
  return `The median over settings of how many times faster than ${baseline} a variant is, each within its own shard. All panels have the same axes: above the line at 1 a variant is faster.`;
}

/**
 * Speed-ups by length, one panel a class of machines, in the mode that the collection is mainly about: of many lines those
 * that gain most. Null if there is nothing to draw.
 */
export function gainsChart(overview: Overview, traits: Results["traits"]): TopLevelSpec | null {
  const mode = comparedMode(overview);
  if (mode === undefined) return null;
  const shown = overview.places.slice(0, MOST_PANELS);
  const all = shown
    .flatMap((_, place) => linesIn(overview, mode, place))
    .filter(({ isBaseline }) => !isBaseline);
  const labels = [...new Set(all.map(({ label }) => label))];
  const kept = new Set(labels.slice(0, MOST_LINES));
  const lines = all.filter(({ label }) => kept.has(label));
  const points = lines.flatMap((line) => pointsOf(line, shown[line.place].label));
  if (points.length === 0) return null;
  const variantOf = new Map(lines.map(({ label, variant }) => [label, variant]));
  const lookOf = looksOf(
    lines.map(({ variant }) => variant),
    familiesOf(traits === undefined ? {} : { traits }),
    variantOf,
  );
  const entries = [...variantOf.keys()].map((text) => ({ text, look: lookOf(text) }));
  const lengths = [...new Set(points.map(({ length }) => length))].sort((a, b) => a - b);
  const x = lengthChannel(lengths, WORDS[OPERATIONS[mode].unit].fullLength);
  const y = logChannel({ field: "gain", title: `speed-up over ${overview.baseline}`, format: formatRatio }, [
    ...points.map(({ gain }) => gain),
    1,
  ]);
  const { color, shape } = seriesChannels("line", "variant", entries);
  const notes = [
    ...(kept.size < labels.length ? [`${kept.size} of ${labels.length}: those that gain most`] : []),
    ...(shown.length < overview.places.length
      ? [`${shown.length} of ${overview.places.length} classes`]
      : []),
  ];
  return {
    ...sheet(gainsTitle(overview), notes),
    data: { values: points },
    ...panels(
      shown.map(({ label }) => label),
      COLUMNS,
    ),
    spec: {
      ...PANEL,
      layer: [
        { mark: { type: "rule", color: inks.line.light }, encoding: { y: { datum: 1 } } },
        { mark: { type: "line", strokeWidth: 2 }, encoding: { x, y, color } },
        { mark: { type: "point", filled: true, size: 55, opacity: 1 }, encoding: { x, y, color, shape } },
      ],
    },
  };
}

function pointsOf({ label, cells }: OverviewLine, panel: string) {
  return cells
    .filter(({ median }) => drawable(median))
    .map(({ length, median }) => ({ panel, line: label, length, gain: median }));
}
