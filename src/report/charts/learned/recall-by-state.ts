import type { TopLevelSpec } from "vega-lite";
import { PIXELS } from "../../looks/paper-look.ts";
import type { Chart } from "../chart.ts";
import { inks } from "../look.ts";
import { panels } from "../panels.ts";
import { sheet } from "../paper.ts";
import { type Box, LABEL_SIZE, LINE, placeLabels, type Segment, widthOf } from "../place-labels.ts";
import { accuracyAt, accuracyChannel } from "./accuracy-axis.ts";
import { type DrawnRow, drawnRows } from "./drawn-rows.ts";
import { type Panel, panelsOf, titleOf } from "./panel.ts";
import { type StateAxis, stateAxis } from "./state-axis.ts";
import { IS_CHOSEN, taskChoice } from "./task-choice.ts";
import { learnedDetails, learnedTooltip } from "./tooltips.ts";

const title = "What is learned, against the state that is kept";

/** Figure 2 of Based, Arora et al. 2024, arXiv 2402.18668, of what was trained here. */
export const recallByState: Chart = {
  id: "recall-by-state",
  title,
  caption:
    "The picture of Based (Arora et al. 2024, arXiv 2402.18668, figure 2): further up more answers are right, further right a " +
    "layer keeps more numbers of the tokens before. A dot is one test seed, a thin line joins the seeds of a variant and is no " +
    "interval. A short bar in the colour of a variant is what its mask lets be known; the dashed line is chance. The state counts what a " +
    "layer must keep of one example: where it grows with length, after all of its tokens. What has no step is at the right.",
  absent: "No test run of a task that is causal has ended.",
  concerns: ({ learned }) => learned !== undefined,
  spec: (results) =>
    stateChart(
      panelsOf(drawnRows(results).filter(({ tests }) => tests.length > 0)).filter(({ rows }) =>
        // Of a task that is not causal no variant has a step, and nothing is left to draw it over.
        rows.some(({ cell }) => cell.state_numbers !== null),
      ),
    ),
};

const FOR_DOTS = { room: 0.03 };
/** Half the length of a bar, and the radius of a dot, in pixels. */
const BAR = 11;
const RADIUS = 5;
const SIZES = { one: { width: 620, height: 400 }, several: { width: 400, height: 320 } } as const;
/** A mask that reaches more than this is not the limit. */
const ALL = 0.995;

function stateChart(shown: readonly Panel[]): TopLevelSpec | null {
  if (shown.length === 0) return null;
  const several = shown.length > 1;
  const size = several ? SIZES.several : SIZES.one;
  const all = shown.flatMap(({ rows }) => rows);
  const axis = stateAxis(
    all.map(({ cell }) => cell.state_numbers),
    size.width,
  );
  const channels = { x: axis.channel, y: accuracyChannel(titleOf(shown), FOR_DOTS) };
  const spec = { ...size, layer: layersOf(all, channels) };
  const data = { values: shown.flatMap((panel) => valuesOf(panel, axis, size)) };
  const notes = several ? [] : [shown[0].task];
  const { params, tasks } = taskChoice(shown);
  const head = {
    ...sheet(title, notes),
    ...(several && { params: [...params], transform: [{ filter: IS_CHOSEN }] }),
    usermeta: { places: PIXELS, notes, ...(several && { tasks }) },
    data,
  };
  if (!several) return { ...head, ...spec };
  const names = shown.map(({ name }) => name);
  // Or the last row would have an axis below a panel that is not there.
  return { ...head, ...panels(names, 2), resolve: { axis: { x: "independent" } }, spec };
}

interface Size {
  readonly width: number;
  readonly height: number;
}

/** Rows by their `kind`: a row of data is drawn by one layer, so that all of them stand in one list and panels share it. */
function valuesOf({ name: panel, at, rows }: Panel, axis: StateAxis, { width, height }: Size) {
  const [{ task }] = rows;
  const place = ({ cell: { state_numbers: state } }: DrawnRow, accuracy: number) => ({
    x: axis.at(state),
    y: accuracyAt(accuracy, height, FOR_DOTS),
  });
  const chance = accuracyAt(task.chance, height, FOR_DOTS);
  const below = { left: 0, right: widthOf(CHANCE) + 8, top: chance - LINE - 3, bottom: chance };
  const named = rows.map((row) => ({ row, accuracy: nearest(row) }));
  // One name a variant: where a sweep has several states of it, at the largest.
  const last = new Map(
    named
      .toSorted((a, b) => (a.row.cell.state_numbers ?? 0) - (b.row.cell.state_numbers ?? 0))
      .map((one) => [one.row.label, one]),
  );
  const points = [...last.values()];
  const dots = rows.flatMap((row) => row.tests.map(({ accuracy }) => boxAround(place(row, accuracy))));
  const bars = rows.flatMap((row): Segment[] => {
    if (row.ceiling === null || row.ceiling >= ALL) return [];
    const { x, y } = place(row, row.ceiling);
    return [{ from: { x: x - BAR, y }, to: { x: x + BAR, y } }];
  });
  const labels = placeLabels(
    points.map(({ row, accuracy }) => ({ ...place(row, accuracy), radius: RADIUS + 1, text: row.label })),
    {
      width,
      height,
      taken: [below],
      across: dots,
      drawn: [...bars, { from: { x: 0, y: chance }, to: { x: width, y: chance } }],
    },
  );
  return [
    { kind: "chance", panel, at, accuracy: task.chance, text: CHANCE },
    ...rows.flatMap((row) => {
      const shared = { panel, at, ...learnedDetails(row), state: axis.drawn(row.cell.state_numbers) };
      const { accuracy, ceiling } = row;
      return [
        ...(accuracy === null
          ? []
          : [
              {
                kind: "range",
                ...shared,
                accuracy: accuracy.least,
                most: accuracy.most,
                mean: accuracy.mean,
              },
            ]),
        ...(ceiling === null || ceiling >= ALL ? [] : [{ kind: "ceiling", ...shared, accuracy: ceiling }]),
        ...row.tests.map((run) => ({ kind: "seed", ...shared, accuracy: run.accuracy })),
      ];
    }),
    ...points.flatMap(({ row, accuracy }, index) => {
      const label = labels[index];
      if (label === null) return [];
      const { x, y, align, lead } = label;
      const { label: series, variantLabel: variant } = row;
      const from = { state: axis.drawn(row.cell.state_numbers), accuracy };
      return [
        {
          ...{ kind: "name", panel, at, series, variant, ...from, label_x: x, label_y: y, align },
          ...(lead !== null && { lead_x: lead.x, lead_y: lead.y }),
        },
      ];
    }),
  ];
}

const CHANCE = "chance";

/** The seed whose accuracy is nearest to the mean. */
function nearest({ tests, accuracy }: DrawnRow): number {
  const mean = accuracy?.mean ?? 0;
  return tests
    .map((run) => run.accuracy)
    .reduce((best, one) => (Math.abs(one - mean) < Math.abs(best - mean) ? one : best));
}

function boxAround({ x, y }: { readonly x: number; readonly y: number }): Box {
  return { left: x - RADIUS, right: x + RADIUS, top: y - RADIUS, bottom: y + RADIUS };
}

interface Channels {
  readonly x: StateAxis["channel"];
  readonly y: ReturnType<typeof accuracyChannel>;
}

function layersOf(rows: readonly DrawnRow[], { x, y }: Channels) {
  const looks = new Map(rows.map(({ label, look }) => [label, look]));
  const byLabel = (of: (look: DrawnRow["look"]) => string) => ({
    field: "series",
    type: "nominal" as const,
    scale: { domain: [...looks.keys()], range: [...looks.values()].map(of) },
    legend: null,
  });
  const color = byLabel((look) => look.color);
  const sweeps = new Set(
    [...Map.groupBy(rows, ({ label }) => label)].flatMap(([label, own]) =>
      new Set(own.map(({ cell }) => cell.state_numbers)).size > 1 ? [label] : [],
    ),
  );
  return [
    {
      transform: [{ filter: "datum.kind === 'chance'" }],
      mark: { type: "rule" as const, color: inks.line.light, strokeDash: [6, 3] },
      encoding: { y },
    },
    {
      transform: [{ filter: "datum.kind === 'chance'" }],
      mark: {
        type: "text" as const,
        align: "left" as const,
        baseline: "bottom" as const,
        dx: 4,
        dy: -3,
        fontSize: LABEL_SIZE,
        color: inks.text.light,
      },
      encoding: { x: { value: 0 }, y, text: { field: "text", type: "nominal" as const } },
    },
    ...(sweeps.size === 0
      ? []
      : [
          {
            transform: [{ filter: "datum.kind === 'range'" }],
            mark: { type: "line" as const, strokeWidth: 1.5, opacity: 0.6 },
            encoding: {
              x,
              y: { ...y, field: "mean" },
              color,
              detail: { field: "series", type: "nominal" as const },
              order: { field: "state", type: "quantitative" as const },
            },
          },
        ]),
    {
      transform: [{ filter: "datum.kind === 'range'" }],
      mark: { type: "rule" as const, strokeWidth: 1, opacity: 0.6 },
      encoding: { x, y, y2: { field: "most" }, color },
    },
    {
      transform: [{ filter: "datum.kind === 'ceiling'" }],
      mark: { type: "tick" as const, orient: "horizontal" as const, size: 2 * BAR, thickness: 2.5 },
      encoding: { x, y, color, tooltip: learnedTooltip },
    },
    {
      transform: [{ filter: "datum.kind === 'name' && isValid(datum.lead_x)" }],
      mark: { type: "rule" as const, color: inks.line.light, strokeWidth: 1 },
      encoding: {
        x,
        y,
        x2: { value: { expr: "datum.lead_x" } },
        y2: { value: { expr: "datum.lead_y" } },
      },
    },
    {
      transform: [{ filter: "datum.kind === 'seed'" }],
      mark: { type: "point" as const, size: 60, strokeWidth: 1.5, opacity: 1, fillOpacity: 0.25 },
      encoding: {
        x,
        y,
        stroke: color,
        fill: color,
        shape: byLabel((look) => look.shape),
        tooltip: learnedTooltip,
      },
    },
    {
      transform: [{ filter: "datum.kind === 'name'" }],
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
