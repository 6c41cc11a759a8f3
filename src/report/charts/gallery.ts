import type { ImageSketch, PatternSketch } from "../../core/pattern-sketch.ts";
import type { CaseRow } from "../../record/case-row.ts";
import { shortName } from "../../text/labels.ts";
import { textWidth } from "../../text/text-width.ts";
import { seriesOf } from "../series.ts";
import { isTimed } from "../speed-up.ts";
import { cardParameters } from "./card-parameters.ts";
import type { Chart } from "./chart.ts";
import { HEAD_SIZE, panels } from "./panels.ts";
import { sheet } from "./paper.ts";
import type { PatternCard } from "./pattern-cards.ts";
import { type Part, partChannel, partsOf, partTooltip, partWord } from "./pattern-parts.ts";
import { pixelPanels } from "./pixel-panels.ts";

const title = "Patterns: queries down, keys across";

/** The attention matrix of each variant, its parts in different colours, family by family. */
export const gallery: Chart = {
  id: "gallery",
  title,
  caption:
    "Attention matrices at a length at which each pair can be seen: queries down, keys across, a filled cell is a pair " +
    "that counts. Where tokens are the pixels of an image, the keys of one pixel, which has a dot, are also shown where " +
    "they lie in it. Parameters are smaller than the measured ones, in the manner of the papers' figures. Where parts " +
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
    const drawn = sketches.flatMap((sketch): readonly Drawn[] => {
      const variant = measured.get(sketch.variant);
      if (variant === undefined) return [];
      const name = bothWays && sketch.causal ? `${variant} · causal` : variant;
      return [{ sketch, variant, name }];
    });
    if (drawn.length === 0) return null;
    const parts = partsOf(drawn.flatMap(({ sketch }) => [...sketch.areas, ...(sketch.image?.areas ?? [])]));
    const families = Map.groupBy(drawn, ({ sketch }) => sketch.family.id);
    return {
      ...sheet(title),
      usermeta: { patterns: { parts, cards: [...families.values()].flatMap((own) => cardsOf(own, rows)) } },
      spacing: 28,
      vconcat: [...families.values()].flatMap((members) => familyRows(members, parts)),
    };
  },
};

/** A sketch with its variant's name in the report. */
interface Drawn {
  readonly sketch: PatternSketch;
  readonly variant: string;
  readonly name: string;
}

/** A family's matrices under its name and line, then the keys of one pixel of each that has an image. */
function familyRows(members: readonly Drawn[], parts: readonly Part[]) {
  const [{ sketch }] = members;
  const { id, summary } = sketch.family;
  const images = members.flatMap(({ sketch: { image }, ...one }) =>
    image === undefined ? [] : [{ ...one, image, panel: imagePanel(one.name, image) }],
  );
  return [
    { title: heading(`${id}: ${summary}`), ...matrices(members, parts) },
    ...(images.length === 0
      ? []
      : [
          {
            title: heading(`${id}: what the pixel with a dot attends, in its image`),
            ...pixelPanels(images, parts, PANELS),
          },
        ]),
  ];
}

function imagePanel(name: string, { height, width }: ImageSketch): string {
  return `${name}\n${height} × ${width} pixels`;
}

/** What the page says of each panel when it enlarges it. */
function cardsOf(members: readonly Drawn[], rows: readonly CaseRow[]): readonly PatternCard[] {
  return groupsOf(members).map((alike) => {
    const [{ sketch, name }] = alike;
    const { family, length, image } = sketch;
    return {
      title: [...new Set(alike.map((one) => one.name))].join(", "),
      family: `${family.id}: ${family.summary}`,
      length,
      panel: headOf(alike),
      series: name,
      image: image === undefined ? null : imagePanel(name, image),
      // Those of variants that look alike shape nothing in the picture.
      parameters: attendsAll(sketch) ? [] : cardParameters(sketch, rows),
    };
  });
}

/** Smaller than the chart's title. */
function heading(text: string) {
  return { text, fontSize: 13, offset: 6 };
}

/** How many panels stand side by side, and their side in pixels. */
const PANELS = { columns: 5, side: 160 } as const;

function matrices(drawn: readonly Drawn[], parts: readonly Part[]) {
  const named = groupsOf(drawn).flatMap((alike) => {
    const panel = headOf(alike);
    return alike.map((one) => ({ ...one, panel }));
  });
  const length = Math.max(...drawn.map(({ sketch }) => sketch.length));
  const axis = {
    type: "quantitative" as const,
    title: null,
    scale: { domain: [0, length], nice: false },
    // Over the cells, so that the grid is unbroken.
    axis: {
      values: Array.from({ length: length + 1 }, (_, at) => at),
      labels: false,
      ticks: false,
      domain: false,
      grid: true,
      zindex: 1,
    },
  };
  return {
    data: {
      values: named.flatMap(({ sketch, variant, name, panel }) =>
        sketch.areas.map(({ role, rowFrom, rowTo, keyFrom, keyTo }) => ({
          series: name,
          variant,
          panel,
          part: partWord(role),
          rowFrom,
          rowTo,
          keyFrom,
          keyTo,
        })),
      ),
    },
    ...panels([...new Set(named.map(({ panel }) => panel))], PANELS.columns),
    spec: {
      width: PANELS.side,
      height: PANELS.side,
      mark: { type: "rect" as const },
      encoding: {
        x: { ...axis, field: "keyFrom" },
        x2: { field: "keyTo" },
        y: { ...axis, field: "rowFrom", scale: { ...axis.scale, reverse: true } },
        y2: { field: "rowTo" },
        color: partChannel(parts),
        tooltip: partTooltip,
      },
    },
  };
}

/** The variants of each panel: one, or all that attend every pair, whose pictures are the same. */
function groupsOf(drawn: readonly Drawn[]): readonly (readonly Drawn[])[] {
  const groups = Map.groupBy(drawn, (one) =>
    attendsAll(one.sketch) ? JSON.stringify(one.sketch.areas) : one,
  );
  return [...groups.values()];
}

/** Whether every pair counts, one by one or through a state, whatever the parameters are. */
function attendsAll({ areas }: PatternSketch): boolean {
  return areas.every(({ role }) => role === "full" || role === "state" || role === "chosen");
}

/** The variants' names, and the parameters that shape their pattern, such as `window 5, tokens 2`. */
function headOf(alike: readonly Drawn[]): string {
  const names = inLines([...new Set(alike.map(({ name }) => name))]);
  const [{ sketch }] = alike;
  if (attendsAll(sketch)) return names;
  const texts = Object.entries(sketch.params)
    .filter(([name, value]) => value !== null && value !== 0 && value !== false && name !== "seed")
    .map(([name, value]) => `${shortName(name)} ${value}`);
  return [names, inLines(texts)].filter(Boolean).join("\n");
}

/** Words separated by commas, in lines that are no wider than a panel if the words are not. */
function inLines(words: readonly string[]): string {
  const lines: string[] = [];
  for (const word of words) {
    const longer = `${lines.at(-1)}, ${word}`;
    if (lines.length > 0 && textWidth(longer, HEAD_SIZE) <= PANELS.side) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines.join(",\n");
}
