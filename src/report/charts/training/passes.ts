import type { TopLevelSpec } from "vega-lite";
import type { Results } from "../../../record/case-row.ts";
import { formatLength, formatRatio, formatSeconds } from "../../../text/format.ts";
import { type BothPasses, bothPassesOf, type Split, splitsOf } from "../../training.ts";
import { onlyOf } from "../../units.ts";
import { lengthTitle } from "../axes.ts";
import type { Chart } from "../chart.ts";
import { tooltip } from "../details.ts";
import { type DrawnSeries, drawnSeries } from "../drawn-series.ts";
import { inks, palette } from "../look.ts";
import { AT_LENGTH } from "../mean-layers.ts";
import { sheet } from "../paper.ts";
import { LABEL_SIZE } from "../place-labels.ts";
import { ROW_STEP, rowChannel } from "../rows.ts";
import { labelExpression } from "../ticks.ts";

const title = "Time of the forward and the backward pass";

/** The time of both passes, one upon the other, a row a variant. */
export const passes: Chart = {
  id: "passes",
  title,
  caption:
    "Median time of a forward and a backward pass in one call, at one length. Dark: the forward pass, timed alone; light: what the backward pass " +
    "adds, and what the forward pass saves for it. To the right the same with each whole as long: the number is how many times the " +
    "forward pass its backward pass takes. By products alone it would be 2.",
  absent: "No variant was measured at one length both in training and as a forward pass alone.",
  spec: passesChart,
};

const PARTS = ["forward pass", "backward pass"] as const;

/** What stands in a row that has no bars at a length. */
const MISSING = "not measured";

/** Pixels of the two panels, and what the time at the end of a bar needs. */
const WIDTH = 330;
const SHARE_WIDTH = 150;
const LABEL = 56;

interface Drawn {
  readonly series: DrawnSeries;
  readonly splits: readonly Split[];
}

function passesChart(results: Results): TopLevelSpec | null {
  const drawn = drawnSeries(onlyOf("training", results));
  const found = bothPassesOf(results.rows).flatMap((one) => drawnOf(one, drawn));
  if (found.length === 0) return null;
  const lengths = [...new Set(found.flatMap(({ splits }) => splits.map(({ length }) => length)))].sort(
    (a, b) => a - b,
  );
  const counts = new Map(
    lengths.map((at) => [at, found.filter((one) => atLength(one, at) !== undefined).length]),
  );
  const most = Math.max(...counts.values());
  const chosen = lengths.findLast((at) => counts.get(at) === most) ?? lengths[0];
  const slowest = (one: Drawn) => atLength(one, chosen)?.both ?? Number.POSITIVE_INFINITY;
  const rows = found.toSorted((a, b) => slowest(a) - slowest(b));
  const rowsOfAll = rowChannel(rows.map(({ series }) => series.label));
  const y = { ...rowsOfAll, axis: { ...rowsOfAll.axis, grid: false } };
  const color = {
    field: "part",
    type: "nominal" as const,
    title: null,
    scale: { domain: [...PARTS], range: [palette[1].light, palette[6].light] },
    legend: { orient: "top" as const, offset: 6 },
  };
  const tips = tooltip({
    series: "series",
    length: "length",
    forward: PARTS[0],
    backward: PARTS[1],
    both: "both in one call",
    ratio: "backward over forward",
  });
  const text = {
    type: "text" as const,
    align: "left" as const,
    dx: 5,
    fontSize: LABEL_SIZE,
    color: inks.text.light,
  };
  const only = (part: string) => [{ filter: { field: "part", equal: part } }];
  const missing = rows.flatMap((one) => missingOf(one, lengths));
  const measured = [{ filter: { field: "part", oneOf: [...PARTS] } }];
  const bar = { type: "bar" as const, height: { band: 0.72 } };
  const seconds = {
    field: "from",
    type: "quantitative" as const,
    title: "time of both passes",
    scale: { zero: true, nice: false, range: [0, WIDTH - LABEL] },
    axis: { labelExpr: SECONDS, tickCount: 4 },
  };
  const share = {
    field: "share_from",
    type: "quantitative" as const,
    title: "share",
    scale: { domain: [0, 1], nice: false },
    axis: { format: ".0%", tickCount: 3 },
  };
  // At the left, wherever an axis of times would have it: where there are none it has no reach.
  const absent =
    missing.length === 0
      ? []
      : [
          {
            transform: only(MISSING),
            mark: { ...text, color: inks.line.light },
            encoding: { y, x: { value: 0 }, text: { value: MISSING } },
          },
        ];
  return {
    ...sheet({
      expr: `"${title}, ${lengthTitle(results.rows)} " + ${labelExpression(lengths, formatLength, "length")}`,
    }),
    // Another value selects another length.
    params: [{ name: "length", value: chosen }],
    data: { values: [...rows.flatMap(rowsOf), ...missing] },
    transform: [{ filter: AT_LENGTH }],
    spacing: 24,
    hconcat: [
      {
        width: WIDTH,
        height: { step: ROW_STEP },
        layer: [
          ...absent,
          {
            transform: measured,
            mark: bar,
            encoding: { y, x: seconds, x2: { field: "to" }, color, tooltip: tips },
          },
          {
            transform: only(PARTS[1]),
            mark: text,
            encoding: { y, x: { ...seconds, field: "to" }, text: { field: "both", type: "nominal" } },
          },
        ],
      },
      {
        width: SHARE_WIDTH,
        height: { step: ROW_STEP },
        layer: [
          {
            transform: measured,
            mark: bar,
            encoding: {
              y: { ...y, axis: null },
              x: share,
              x2: { field: "share_to" },
              color,
              tooltip: tips,
            },
          },
          {
            transform: only(PARTS[1]),
            mark: text,
            encoding: {
              y: { ...y, axis: null },
              x: { ...share, field: "share_to" },
              text: { field: "ratio", type: "nominal" },
            },
          },
        ],
      },
    ],
  };
}

/** A tick of an axis of seconds, whose reach depends on the length chosen. */
const SECONDS =
  "datum.value === 0 ? '0' : datum.value < 1e-3 ? format(datum.value * 1e6, '.3~g') + ' µs' : " +
  "datum.value < 1 ? format(datum.value * 1e3, '.3~g') + ' ms' : format(datum.value, '.3~g') + ' s'";

function drawnOf(passes: BothPasses, drawn: readonly DrawnSeries[]): readonly Drawn[] {
  const series = drawn.find(({ label }) => label === passes.training.label);
  const splits = splitsOf(passes);
  return series === undefined || splits.length === 0 ? [] : [{ series, splits }];
}

function atLength({ splits }: Drawn, length: number): Split | undefined {
  return splits.find((one) => one.length === length);
}

function rowsOf({ series, splits }: Drawn) {
  return splits.flatMap(({ length, forward, backward, both, ratio }) => {
    const share = forward / both;
    const told = {
      series: series.label,
      variant: series.variantLabel,
      length,
      forward: formatSeconds(forward),
      backward: formatSeconds(backward),
      both: formatSeconds(both),
      ratio: formatRatio(ratio),
    };
    return [
      { ...told, part: PARTS[0], from: 0, to: forward, share_from: 0, share_to: share },
      { ...told, part: PARTS[1], from: forward, to: both, share_from: share, share_to: 1 },
    ];
  });
}

/** The lengths at which a row has none. */
function missingOf({ series, splits }: Drawn, lengths: readonly number[]) {
  return lengths
    .filter((length) => splits.every((one) => one.length !== length))
    .map((length) => ({
      series: series.label,
      length,
      part: MISSING,
      from: 0,
      to: 0,
      share_from: 0,
      share_to: 0,
    }));
}
