import type { TopLevelSpec } from "vega-lite";
import type { Results } from "../../record/case-row.ts";
import { isBaseline } from "../../record/schema/baseline.ts";
import { type MediansByCase, roundMedians } from "../../stats/round-medians.ts";
import { crossingText } from "../answers/crossing-text.ts";
import { byLength, type Crossing, crossingOf, readingOf } from "../crossing.ts";
import { lengthsOf } from "../series.ts";
import { isTimed } from "../speed-up.ts";
import { type Words, wordsFor } from "../words.ts";
import { lengthChannel, lengthTitle } from "./axes.ts";
import type { Chart } from "./chart.ts";
import { type Marks, marksOf, saidOf } from "./crossing-marks.ts";
import { tooltip } from "./details.ts";
import { type DrawnSeries, drawnSeries } from "./drawn-series.ts";
import { inks } from "./look.ts";
import { sheet } from "./paper.ts";
import { LABEL_SIZE } from "./place-labels.ts";
import { ROW_STEP, rowChannel } from "./rows.ts";

/** A series with the length from which it is faster than its baseline, by itself and with the time of preparing. */
interface Compared {
  readonly series: DrawnSeries;
  readonly crossing: Crossing;
  readonly first: Crossing | null;
}

/** Where variants start to pay: one row each, the shortest length first. */
export function crossovers(words: Words, id: string): Chart {
  const { baseline, fasterThan, fullLength, atEvery, notAtLast } = words;
  return {
    id,
    title: `From which ${fullLength === "position" ? "position" : "length"} each is ${fasterThan}`,
    caption:
      `One row a variant. A dot is where it overtakes ${baseline} for good, read off between measured ones; its line is the 95 % interval. ` +
      `A triangle at the left edge is faster ${atEvery}, a cross at the right edge is ${notAtLast}. ` +
      "A hollow dot counts the time of preparing the kernel as well.",
    absent: `Nothing was measured together with ${baseline}, so nothing can be faster than it.`,
    spec: crossoverChart,
  };
}

function crossoverChart(results: Results): TopLevelSpec | null {
  const compared = comparedIn(results, roundMedians(results.rounds));
  if (compared.length === 0) return null;
  const all = compared.map(({ series }) => series);
  const words = wordsFor(all);
  const lengths = lengthsOf(all.map((one) => ({ ...one, rows: one.rows.filter(isTimed) })));
  const [first, last] = [lengths[0], lengths[lengths.length - 1]];
  const labels = all.map(({ label }) => label);
  const y = rowChannel(labels);
  const title = words.fullLength === "position" ? "position" : lengthTitle(results.rows);
  const x = lengthChannel(lengths, title);
  const color = {
    field: "series",
    type: "nominal" as const,
    legend: null,
    scale: { domain: labels, range: all.map(({ look }) => look.color) },
  };
  const values = compared.map(({ series, crossing, first: prepared }) => {
    const marks = marksOf(crossing, first, last);
    const later = prepared?.kind === "from" ? marksOf(prepared, first, last).length : null;
    return {
      series: series.label,
      variant: series.variantLabel,
      kind: crossing.kind,
      ...marks,
      ...(later !== null && { prepared: later }),
      ...labelOf(crossing, marks, later, [first, last]),
      text: crossingText(crossing, words),
      prepare_text: prepared === null ? "–" : crossingText(prepared, words),
    };
  });
  const tips = tooltip({
    series: "series",
    text: words.fasterThan,
    prepare_text: "with prepare time",
  });
  const only = (kind: Crossing["kind"]) => [{ filter: { field: "kind", equal: kind } }];
  return {
    ...sheet(`From where it is ${words.fasterThan}`),
    width: 520,
    height: { step: ROW_STEP },
    data: { values },
    layer: [
      {
        transform: [{ filter: { field: "low", valid: true } }],
        mark: { type: "rule", strokeWidth: 2.5, strokeCap: "round" },
        encoding: { y, x: { ...x, field: "low" }, x2: { field: "high" }, color },
      },
      {
        transform: [{ filter: { field: "prepared", valid: true } }],
        mark: { type: "point", fill: inks.ground.light, size: 40, strokeWidth: 1.5, opacity: 1 },
        encoding: { y, x: { ...x, field: "prepared" }, color, tooltip: tips },
      },
      ...(
        [
          ["always", "triangle-left"],
          ["from", "circle"],
          ["never", "cross"],
        ] as const
      ).map(([kind, shape]) => ({
        transform: only(kind),
        mark: { type: "point" as const, filled: true, shape, size: 70, opacity: 1 },
        encoding: { y, x, color, tooltip: tips },
      })),
      ...(["left", "right"] as const).map((align) => ({
        transform: [{ filter: { field: "align", equal: align } }],
        mark: {
          type: "text" as const,
          align,
          dx: align === "left" ? 10 : -10,
          fontSize: LABEL_SIZE,
          color: inks.text.light,
        },
        encoding: { y, x: { ...x, field: "said_at" }, text: { field: "said", type: "nominal" as const } },
      })),
    ],
  };
}

/** Of the axis, what a label beside a mark needs at least. */
const ROOM = 0.12;
/** Of the axis, how far apart two marks are that are seen as two. */
const APART = 0.02;

/**
 * The length beside what is drawn of a row, where there is room; nothing where its interval leaves none. It is left of the
 * mark if that with prepare time is right of it, whose length it would seem to be.
 */
function labelOf(
  { kind, crossover }: Crossing,
  { length, low = length, high = length }: Marks,
  prepared: number | null,
  [first, last]: readonly [number, number],
) {
  const said = kind === "from" && crossover !== null ? saidOf(readingOf(crossover)) : kind;
  const place = (at: number) => Math.log(at / first) / Math.max(Math.log(last / first), Number.MIN_VALUE);
  const isBetween = prepared !== null && place(prepared) - place(high) > APART;
  if (!isBetween && !(place(high) > 1 - ROOM)) return { said, said_at: high, align: "left" };
  return place(low) > ROOM ? { said, said_at: low, align: "right" } : {};
}

/** Faster ones first: at every length, then by the length from which, then those that never are. */
function comparedIn(results: Results, times: MediansByCase): readonly Compared[] {
  return drawnSeries(results)
    .filter((one) => !isBaseline(one) && !one.operation.ofBaselineAlone)
    .flatMap((series): readonly Compared[] => {
      const crossing = crossingOf(series, times);
      if (crossing === null) return [];
      const first = series.operation.keepsState ? null : crossingOf(series, times, "with prepare");
      return [{ series, crossing, first }];
    })
    .sort((a, b) => byLength(a.crossing, b.crossing));
}
