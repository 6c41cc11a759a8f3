import type { TopLevelSpec } from "vega-lite";
import type { Results } from "../../../record/case-row.ts";
import { isBaseline } from "../../../record/schema/baseline.ts";
import { formatBytes, formatLength, formatRatio } from "../../../text/format.ts";
import { shortName } from "../../../text/labels.ts";
import { PIXELS } from "../../looks/paper-look.ts";
import { isTimed, speedUp, type TimedRow } from "../../speed-up.ts";
import { onlyOf, unitsIn } from "../../units.ts";
import type { Words } from "../../words.ts";
import { lengthTitle, spanOf } from "../axes.ts";
import { bytesChannel, familyChannel, radiusOf, speedChannel } from "../bubble-chart.ts";
import type { Chart } from "../chart.ts";
import { tooltip } from "../details.ts";
import { type DrawnSeries, drawnSeries } from "../drawn-series.ts";
import { familiesOf, familyColour } from "../family-looks.ts";
import { drawable } from "../line-chart.ts";
import { inks } from "../look.ts";
import { AT_LENGTH } from "../mean-layers.ts";
import { panels } from "../panels.ts";
import { sheet } from "../paper.ts";
import { pixelAxis } from "../pixel-axis.ts";
import { LABEL_SIZE, placeLabels } from "../place-labels.ts";
import { labelExpression } from "../ticks.ts";
import { accuracyAt, accuracyChannel } from "./accuracy-axis.ts";
import { type DrawnRow, drawnRows } from "./drawn-rows.ts";
import { type Panel, panelsOf, titleOf } from "./panel.ts";
import { IS_CHOSEN, taskChoice } from "./task-choice.ts";
import { learnedDetails, learnedTooltip } from "./tooltips.ts";

const title = "Speed, memory and what is learned";

/** Figure 3 of Long Range Arena, Tay et al. 2020, arXiv 2011.04006, with all three axes measured here. */
export function learnedArena({ attention, baseline }: Pick<Words, "attention" | "baseline">): Chart {
  return {
    id: "learned-arena",
    title,
    caption:
      "The picture of Tay et al. 2020 (arXiv 2011.04006, figure 3) with what is measured here: upwards more answers are right, " +
      `further right is faster than ${attention}, and the area of a bubble is memory, here the workspace. A bubble stands at the ` +
      "mean of its test seeds, a thin line joins the least and the most and is no interval. Speed and memory are of calls of the " +
      "length that is chosen, with the numbers of heads and channels that were timed: larger than the models that were trained.",
    absent: `No variant was both trained and timed beside ${attention}.`,
    concerns: (results) => bubblesOf(results).length > 0,
    spec(results) {
      const bubbles = bubblesOf(results);
      return bubbles.length === 0 ? null : arenaChart(bubbles, results, baseline);
    },
  };
}

const SIZES = { one: { width: 640, height: 420 }, several: { width: 400, height: 320 } } as const;
const ROOM = 26;
const FOR_BUBBLES = { room: 0.08 };
/** Variants besides the baseline that make it a picture. */
const ENOUGH = 2;

/** A case of a variant that was trained. */
interface LearnedBubble {
  readonly trained: DrawnRow & { readonly accuracy: NonNullable<DrawnRow["accuracy"]> };
  readonly series: DrawnSeries;
  readonly row: TimedRow;
  readonly speed: number;
  readonly bytes: number;
}

/** Of the unit that the results are mainly about; none if too few variants were both trained and timed. */
function bubblesOf(results: Results): readonly LearnedBubble[] {
  const [unit] = unitsIn(results);
  if (results.learned === undefined || unit === undefined) return [];
  const series = drawnSeries(onlyOf(unit, results));
  const bubbles = drawnRows(results).flatMap((trained) => {
    const { accuracy } = trained;
    if (accuracy === null) return [];
    return series
      .filter((one) => one.variant === trained.variant)
      .flatMap((one) =>
        one.rows.flatMap((row) => {
          const speed = speedUp(one, row.length)?.ratio ?? 0;
          if (!isTimed(row) || !drawable(speed)) return [];
          return [
            { trained: { ...trained, accuracy }, series: one, row, speed, bytes: row.workspace_bytes ?? 0 },
          ];
        }),
      );
  });
  const others = new Set(bubbles.flatMap(({ series: one }) => (isBaseline(one) ? [] : [one.variant])));
  return others.size < ENOUGH ? [] : bubbles;
}

function arenaChart(bubbles: readonly LearnedBubble[], results: Results, baseline: string): TopLevelSpec {
  const rows = new Map(
    bubbles.map(({ trained }) => [JSON.stringify([trained.label, trained.taskLabel]), trained]),
  );
  const shown = panelsOf([...rows.values()]);
  const several = shown.length > 1;
  const size = several ? SIZES.several : SIZES.one;
  const x = pixelAxis(
    bubbles.map(({ speed }) => speed),
    size.width,
    ROOM,
  );
  const [, most] = spanOf([1, ...bubbles.map(({ bytes }) => bytes)]);
  const families = familiesOf(results);
  const lengths = [...new Set(bubbles.map(({ row }) => row.length))].sort((a, b) => a - b);
  const values = shown.flatMap((panel) =>
    lengths.flatMap((length) => {
      const own = bubbles.filter(
        ({ trained, row }) =>
          row.length === length &&
          panel.rows.some(
            ({ label, taskLabel }) => label === trained.label && taskLabel === trained.taskLabel,
          ),
      );
      const labels = placeLabels(
        own.map(({ trained, series, speed, bytes }) => ({
          x: x.at(speed),
          y: accuracyAt(trained.accuracy.mean, size.height, FOR_BUBBLES),
          radius: radiusOf(bytes, most),
          text: series.label,
        })),
        size,
      );
      return own.map((bubble, index) =>
        rowFor(bubble, panel, families.of(bubble.series.variant), labels[index]),
      );
    }),
  );
  const drawn = new Set(values.map(({ family }) => family));
  const colours = new Map(
    families.all.filter((family) => drawn.has(family)).map((family) => [family, familyColour(family)]),
  );
  const channels = {
    x: speedChannel(x, { title: `times as fast as ${baseline}`, format: formatRatio }),
    y: accuracyChannel(titleOf(shown), FOR_BUBBLES),
  };
  const names = shown.map(({ name }) => name);
  const spec = { ...size, layer: layersOf(channels, colours, most) };
  const notes = several ? [] : [shown[0].task];
  const { params, tasks } = taskChoice(shown);
  const head = {
    ...sheet(
      {
        expr: `"${title}, speeds at ${lengthTitle(results.rows)} " + ${labelExpression(lengths, formatLength, "length")}`,
      },
      notes,
    ),
    // Another value selects another length, or one task.
    params: [{ name: "length", value: lengths[lengths.length - 1] }, ...params],
    ...(several && { transform: [{ filter: IS_CHOSEN }] }),
    usermeta: { places: PIXELS, notes, ...(several && { tasks }) },
    data: { values },
  };
  if (!several) return { ...head, ...spec };
  return { ...head, ...panels(names, 2), resolve: { axis: { x: "independent" } }, spec };
}

function rowFor(
  { trained, series, row, speed, bytes }: LearnedBubble,
  { name: panel, at }: Panel,
  family: string,
  label: ReturnType<typeof placeLabels>[number],
) {
  const { variant: _, series: trainedAs, ...told } = learnedDetails(trained);
  const { least, mean, most } = trained.accuracy;
  return {
    ...{ panel, at, family, series: series.label, variant: series.variantLabel, length: row.length },
    ...told,
    ...{ trained: withParams(trainedAs, trained.cell.params), timed: withParams(series.label, row.params) },
    ...{ speed, bytes, accuracy: mean, least, most },
    speed_text: formatRatio(speed),
    workspace: row.workspace_bytes === null ? "–" : formatBytes(row.workspace_bytes),
    ...(label !== null && { label_x: label.x, label_y: label.y, align: label.align }),
    ...(label !== null && label.lead !== null && { lead_x: label.lead.x, lead_y: label.lead.y }),
  };
}

/** A variant may be timed with larger parameters than it was trained with. */
function withParams(label: string, params: Readonly<Record<string, unknown>>): string {
  const set = Object.entries(params).filter(([, value]) => value !== null);
  return set.length === 0
    ? label
    : shortName(`${label}, ${set.map(([name, value]) => `${name} ${value}`).join(", ")}`, 80);
}

interface Channels {
  readonly x: ReturnType<typeof speedChannel>;
  readonly y: ReturnType<typeof accuracyChannel>;
}

function layersOf({ x, y }: Channels, colours: ReadonlyMap<string, string>, most: number) {
  const family = familyChannel(colours);
  return [
    {
      transform: [{ filter: AT_LENGTH }],
      mark: { type: "rule" as const, strokeWidth: 1, color: inks.line.light },
      encoding: { x, y: { ...y, field: "least" }, y2: { field: "most" } },
    },
    {
      transform: [{ filter: `${AT_LENGTH} && isValid(datum.lead_x)` }],
      mark: { type: "rule" as const, color: inks.line.light, strokeWidth: 1 },
      encoding: {
        x,
        y,
        x2: { value: { expr: "datum.lead_x" } },
        y2: { value: { expr: "datum.lead_y" } },
      },
    },
    {
      transform: [{ filter: AT_LENGTH }],
      mark: { type: "point" as const, strokeWidth: 1.5, fillOpacity: 0.7 },
      encoding: {
        x,
        y,
        stroke: family,
        fill: family,
        size: bytesChannel(most),
        // Small bubbles over large ones.
        order: { field: "bytes", type: "quantitative" as const, sort: "descending" as const },
        tooltip: [
          ...learnedTooltip,
          ...tooltip({ trained: "trained", timed: "timed", speed_text: "speed", workspace: "workspace" }),
        ],
      },
    },
    {
      transform: [{ filter: `${AT_LENGTH} && isValid(datum.label_x)` }],
      mark: {
        type: "text" as const,
        fontSize: LABEL_SIZE,
        color: inks.text.light,
        align: { expr: "datum.align" },
      },
      encoding: {
        x: { value: { expr: "datum.label_x" } },
        y: { value: { expr: "datum.label_y" } },
        text: { field: "series", type: "nominal" as const },
      },
    },
  ];
}
