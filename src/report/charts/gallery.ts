import type { PatternSketch, SketchedArea } from "../../core/pattern-sketch.ts";
import { shortName } from "../../text/labels.ts";
import { seriesOf } from "../series.ts";
import { isTimed } from "../speed-up.ts";
import type { Chart } from "./chart.ts";
import { tooltip } from "./details.ts";
import { inks, palette } from "./look.ts";
import { panels } from "./panels.ts";
import { sheet } from "./paper.ts";

const title = "Patterns: queries down, keys across";

/** The attention matrix of each variant, its parts in different colours. */
export const gallery: Chart = {
  id: "gallery",
  title,
  caption:
    "Attention matrices at a length at which each pair can be seen: queries down, keys across, a filled cell is a pair " +
    "that counts. Parameters are smaller than the measured ones, in the manner of the papers' figures. Where parts " +
    "overlap, the first in the legend is shown. Plug-ins are omitted: the results file does not hold what they declare.",
  absent:
    "No variant that was measured is built in, and the results file does not hold the patterns of others.",
  spec({ rows, sketches = [] }) {
    const measured = new Map(
      seriesOf(rows)
        .filter((one) => one.rows.some(isTimed))
        .map((one) => [one.variant, one.variantLabel]),
    );
    const bothWays = new Set(sketches.map(({ causal }) => causal)).size > 1;
    const drawn = sketches.flatMap((sketch) => {
      const variant = measured.get(sketch.variant);
      if (variant === undefined) return [];
      const name = bothWays && sketch.causal ? `${variant} · causal` : variant;
      return [{ sketch, variant, panel: [name, parametersOf(sketch)].filter(Boolean).join("\n") }];
    });
    if (drawn.length === 0) return null;
    const present = new Set(drawn.flatMap(({ sketch }) => sketch.areas.map(({ role }) => role)));
    const seen = roles.filter(({ role }) => present.has(role));
    const lines = Array.from(
      { length: Math.max(...drawn.map(({ sketch }) => sketch.length)) + 1 },
      (_, at) => at,
    );
    const axis = {
      type: "quantitative" as const,
      title: null,
      scale: { domain: [0, lines[lines.length - 1]], nice: false },
      // Over the cells, so that the grid is unbroken.
      axis: {
        values: lines,
        labels: false,
        ticks: false,
        domain: false,
        grid: true,
        zindex: 1,
      },
    };
    return {
      ...sheet(title),
      data: {
        values: drawn.flatMap(({ sketch, variant, panel }) =>
          sketch.areas.map(({ role, rowFrom, rowTo, keyFrom, keyTo }) => ({
            series: panel.split("\n")[0],
            variant,
            panel,
            part: wordOf(role),
            rowFrom,
            rowTo,
            keyFrom,
            keyTo,
          })),
        ),
      },
      ...panels(
        drawn.map(({ panel }) => panel),
        4,
      ),
      spec: {
        width: SIDE,
        height: SIDE,
        mark: { type: "rect" },
        encoding: {
          x: { ...axis, field: "keyFrom" },
          x2: { field: "keyTo" },
          y: { ...axis, field: "rowFrom", scale: { ...axis.scale, reverse: true } },
          y2: { field: "rowTo" },
          color: {
            field: "part",
            type: "nominal",
            title: "part of the pattern",
            scale: { domain: seen.map(({ word }) => word), range: seen.map(({ color }) => color) },
            legend: { symbolType: "square", symbolSize: 130 },
          },
          tooltip: tooltip({ series: "variant", part: "part" }),
        },
      },
    };
  },
};

/** Pixels of a matrix. */
const SIDE = 192;

/** Parts of patterns, each in the colour of the variant that consists of only that part. */
const roles: readonly { role: SketchedArea["role"]; word: string; color: string }[] = [
  { role: "full", word: "all pairs", color: palette[0].light },
  { role: "state", word: "all, through a state", color: palette[6].light },
  { role: "global", word: "global", color: palette[3].light },
  { role: "local", word: "local", color: palette[1].light },
  { role: "stride", word: "stride", color: palette[2].light },
  { role: "other", word: "other", color: inks.line.light },
  { role: "random", word: "random", color: palette[5].light },
];

function wordOf(role: SketchedArea["role"]): string {
  return roles.find((one) => one.role === role)?.word ?? role;
}

/** `window 5, tokens 2`, two per line: those that shape the pattern. */
function parametersOf({ params, areas }: PatternSketch): string {
  if (areas.some(({ role }) => role === "state")) return "";
  const texts = Object.entries(params)
    .filter(([name, value]) => value !== null && value !== 0 && name !== "seed")
    .map(([name, value]) => `${shortName(name)} ${value}`);
  return texts.map((text, at) => (at === 0 ? text : at % 2 === 0 ? `,\n${text}` : `, ${text}`)).join("");
}
