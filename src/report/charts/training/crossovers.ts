import type { TopLevelSpec } from "vega-lite";
import type { Results } from "../../../record/case-row.ts";
import { roundMedians } from "../../../stats/round-medians.ts";
import { crossingText } from "../../answers/crossing-text.ts";
import { byLength, type Crossing, readingOf } from "../../crossing.ts";
import { lengthsOf } from "../../series.ts";
import { isTimed } from "../../speed-up.ts";
import { type BothCrossings, bothCrossingsOf } from "../../training-crossings.ts";
import { onlyOf } from "../../units.ts";
import { type Words, wordsOver } from "../../words.ts";
import { lengthChannel, lengthTitle } from "../axes.ts";
import type { Chart } from "../chart.ts";
import { type Marks, marksOf, saidOf } from "../crossing-marks.ts";
import { tooltip } from "../details.ts";
import { type DrawnSeries, drawnSeries } from "../drawn-series.ts";
import { inks } from "../look.ts";
import { sheet } from "../paper.ts";
import { LABEL_SIZE } from "../place-labels.ts";
import { rowChannel } from "../rows.ts";

const title = "From where it pays in training, and in inference";

/** From which length each variant is faster than the baseline in training, beside the same of a forward pass alone. */
export function trainingCrossovers({ baseline }: Pick<Words, "baseline">): Chart {
  return {
    id: "training-crossovers",
    title,
    caption:
      `Two lanes a variant: from which length it is faster than ${baseline} with forward and backward pass together (above, filled), and with ` +
      "the forward pass alone (below, hollow). A mark lies between two measured lengths, its line is the 95 % interval; a triangle at the left " +
      "edge is faster at every length measured, a cross at the right edge is not at the longest. Where the two lie apart, a choice made by " +
      "timing inference is another one than training asks for.",
    absent: `Nothing was measured together with ${baseline} both in training and as a forward pass alone.`,
    spec: (results) => crossoverChart(results, baseline),
  };
}

const PASSES = ["training", "inference"] as const;

type Pass = (typeof PASSES)[number];

/** Pixels of a lane, two of which are a row. */
const LANE = 17;

/** What a variant's row shows. */
interface Row extends BothCrossings {
  readonly series: DrawnSeries;
}

function crossoverChart(results: Results, baseline: string): TopLevelSpec | null {
  const drawn = drawnSeries(onlyOf("training", results));
  const rows = bothCrossingsOf(results.rows, roundMedians(results.rounds))
    .flatMap((one): readonly Row[] => {
      const series = drawn.find(({ label }) => label === one.passes.training.label);
      return series === undefined ? [] : [{ ...one, series }];
    })
    .toSorted((a, b) => byLength(a.training, b.training));
  if (rows.length === 0) return null;
  const timed = rows.flatMap(({ passes: { training, forward } }) => [training, forward]);
  const lengths = lengthsOf(timed.map((one) => ({ ...one, rows: one.rows.filter(isTimed) })));
  const ends = [lengths[0], lengths[lengths.length - 1]] as const;
  const labels = rows.map(({ series }) => series.label);
  const y = rowChannel(labels);
  const yOffset = { field: "pass", type: "nominal" as const, scale: { domain: [...PASSES] } };
  const x = lengthChannel(lengths, lengthTitle(results.rows));
  const color = {
    field: "series",
    type: "nominal" as const,
    legend: null,
    scale: { domain: labels, range: rows.map(({ series }) => series.look.color) },
  };
  const words = wordsOver(baseline).pass;
  const tips = tooltip({ series: "series", pass: "pass", text: `faster than ${baseline}` });
  const marks = (pass: Pass) =>
    (
      [
        ["always", "triangle-left"],
        ["from", "circle"],
        ["never", "cross"],
      ] as const
    ).map(([kind, shape]) => ({
      transform: [{ filter: { field: "kind", equal: kind } }, { filter: { field: "pass", equal: pass } }],
      mark: {
        type: "point" as const,
        shape,
        size: 60,
        opacity: 1,
        ...(pass === "training" ? { filled: true } : { fill: inks.ground.light, strokeWidth: 1.5 }),
      },
      encoding: { y, yOffset, x, color, tooltip: tips },
    }));
  return {
    ...sheet(`From where it is faster than ${baseline}: training, inference`),
    width: 520,
    height: { step: LANE, for: "offset" },
    data: {
      values: rows.flatMap(({ series, training, inference }) =>
        (
          [
            ["training", training],
            ["inference", inference],
          ] as const
        ).map(([pass, crossing]) => {
          const places = marksOf(crossing, ...ends);
          return {
            series: series.label,
            variant: series.variantLabel,
            pass,
            kind: crossing.kind,
            ...places,
            ...saidBeside(pass, crossing, places, ends),
            text: crossingText(crossing, words),
          };
        }),
      ),
    },
    layer: [
      {
        transform: [{ filter: { field: "low", valid: true } }],
        mark: { type: "rule", strokeWidth: 2.5, strokeCap: "round" },
        encoding: { y, yOffset, x: { ...x, field: "low" }, x2: { field: "high" }, color },
      },
      ...PASSES.flatMap(marks),
      ...(["left", "right"] as const).map((align) => ({
        transform: [{ filter: { field: "align", equal: align } }],
        mark: {
          type: "text" as const,
          align,
          dx: align === "left" ? 10 : -10,
          fontSize: LABEL_SIZE,
          color: inks.text.light,
        },
        encoding: {
          y,
          yOffset,
          x: { ...x, field: "said_at" },
          text: { field: "said", type: "nominal" as const },
        },
      })),
    ],
  };
}

/** Of the axis, what a label beside a mark needs. */
const ROOM = 0.25;

/** The pass and its length beside what is drawn of a lane, on the side that has room; nothing where its interval leaves none. */
function saidBeside(
  pass: Pass,
  { kind, crossover }: Crossing,
  { length, low = length, high = length }: Marks,
  [first, last]: readonly [number, number],
) {
  const said = `${pass}: ${kind === "from" && crossover !== null ? saidOf(readingOf(crossover)) : kind}`;
  const place = (at: number) => Math.log(at / first) / Math.max(Math.log(last / first), Number.MIN_VALUE);
  if (!(place(high) > 1 - ROOM)) return { said, said_at: high, align: "left" };
  return place(low) > ROOM ? { said, said_at: low, align: "right" } : {};
}
