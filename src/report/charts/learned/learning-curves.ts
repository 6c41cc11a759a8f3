import type { TopLevelSpec } from "vega-lite";
import type { TrainedLine } from "../../../record/schema/learning-lines.ts";
import { shareText } from "../../../text/share-text.ts";
import type { Chart } from "../chart.ts";
import { inks } from "../look.ts";
import { panels } from "../panels.ts";
import { sheet } from "../paper.ts";
import { accuracyChannel } from "./accuracy-axis.ts";
import { type DrawnRow, drawnRows } from "./drawn-rows.ts";
import { type Panel, panelsOf, titleOf } from "./panel.ts";
import { TASK, taskChoice } from "./task-choice.ts";
import { learnedDetails, learnedTooltip } from "./tooltips.ts";

const title = "Learning curves";

/** How accuracy rose, one line a test seed, a panel a variant: thirty lines in one panel could not be told apart. */
export const learningCurves: Chart = {
  id: "learning-curves",
  title,
  caption:
    "Accuracy on validation examples, which are neither trained nor tested on, as training went on: one line for each test seed, " +
    "at the learning rate of its variant, a panel each. The dotted line is what the mask lets be known, the dashed one " +
    "is chance. Where lines still rise at the end, more steps would change the picture; where they leave chance late, so would " +
    "fewer.",
  absent: "No test run looked at its accuracy on the way.",
  concerns: ({ learned }) => learned !== undefined,
  spec(results) {
    const rows = drawnRows(results).filter((row) => linesOf(row).length > 0);
    return rows.length === 0 ? null : curvesChart(rows);
  },
};

const PANEL = { width: 150, height: 110 } as const;
const COLUMNS = 4;
/** A mask that reaches more than this is not the limit. */
const ALL = 0.995;
/** More panels than this are not looked at: of each task as many of the first are drawn. A task that is chosen is drawn whole. */
const MOST_PANELS = 60;

function curvesChart(all: readonly DrawnRow[]): TopLevelSpec {
  const shown = panelsOf(all);
  const several = shown.length > 1;
  const most = Math.max(1, Math.floor(MOST_PANELS / shown.length));
  const rows = several ? all : all.slice(0, MOST_PANELS);
  const remarks = rows.map(remarksOn);
  const lines = remarks.some((remark) => remark !== "");
  const before = new Map<number, number>();
  const named = rows.map((row, index) => {
    const name = several ? `${row.label}, ${row.taskLabel}` : row.label;
    const place = before.get(row.at) ?? 0;
    before.set(row.at, place + 1);
    // Two lines each, so that panels of a row begin at one height.
    return { row, place, panel: lines ? `${name}\n${remarks[index]}` : name };
  });
  const looks = new Map(rows.map(({ label, look }) => [label, look]));
  const last = stepsText(shown);
  const x = {
    field: "step",
    type: "quantitative" as const,
    title: null,
    scale: { domainMin: 0, domainMax: { expr: last }, nice: false },
    axis: { values: { expr: `[0, round((${last}) / 2), ${last}]` }, format: "d", grid: false },
  };
  const y = accuracyChannel(null, { room: 0.03 });
  const left = several ? named.filter(({ place }) => place >= most).length : all.length - rows.length;
  const notes = [
    `${titleOf(shown)}${several ? "" : `, ${shown[0].task}`}: on validation examples, by steps`,
    ...(left === 0 ? [] : [`${left} more are left out${several ? ", until a task is chosen" : ""}`]),
  ];
  const { params, tasks } = taskChoice(shown);
  const rule = (kind: string, strokeDash: number[]) => ({
    transform: [{ filter: `datum.kind === '${kind}'` }],
    mark: { type: "rule" as const, color: inks.line.light, strokeDash, strokeWidth: 1.5 },
    encoding: { y },
  });
  return {
    ...sheet(title, notes),
    ...(several && {
      params: [...params],
      transform: [{ filter: `${TASK} < 0 ? datum.place < ${most} : datum.at === ${TASK}` }],
    }),
    usermeta: { panels: Math.min(COLUMNS, rows.length), notes, ...(several && { tasks }) },
    data: { values: named.flatMap(({ row, place, panel }) => valuesOf(row, place, panel)) },
    ...panels(
      named.map(({ panel }) => panel),
      COLUMNS,
    ),
    resolve: { axis: { x: "independent" } },
    spec: {
      ...PANEL,
      layer: [
        rule("chance", [6, 3]),
        rule("ceiling", [2, 2]),
        {
          transform: [{ filter: "datum.kind === 'look'" }],
          mark: { type: "line" as const, strokeWidth: 1.5, strokeJoin: "round" as const },
          encoding: {
            x,
            y,
            color: {
              field: "series",
              type: "nominal" as const,
              scale: { domain: [...looks.keys()], range: [...looks.values()].map(({ color }) => color) },
              legend: null,
            },
            detail: { field: "seed", type: "nominal" as const },
            tooltip: learnedTooltip,
          },
        },
      ],
    },
  };
}

/** Steps to the end of the axis, as an expression: those of the task that is chosen, the most of any if all are. */
function stepsText(shown: readonly Panel[]): string {
  const steps = shown.map(({ at, rows: [{ task }] }) => ({ at, steps: task.steps }));
  const most = `${steps.reduce((sum, one) => Math.max(sum, one.steps), 0)}`;
  if (shown.length < 2) return most;
  return steps.reduceRight((text, one) => `${TASK} === ${one.at} ? ${one.steps} : ${text}`, most);
}

/** What to know of the lines of a panel; empty if there is nothing. */
function remarksOn({ stillGaining, tests, lost }: DrawnRow): string {
  const diverged = lost.filter(({ outcome }) => outcome === "diverged").length;
  return [
    ...(stillGaining === 0 ? [] : [`${stillGaining} of ${tests.length} still gaining`]),
    ...(diverged === 0 ? [] : [`${diverged} of ${tests.length + lost.length} diverged`]),
  ].join(", ");
}

/** The test runs that have a curve, to where they diverged. */
function linesOf({ tests, lost }: DrawnRow): readonly TrainedLine[] {
  return [...tests, ...lost].filter(({ curve }) => curve.length > 1);
}

function valuesOf(row: DrawnRow, place: number, name: string) {
  const details = learnedDetails(row);
  const { series, variant } = details;
  const panel = { panel: name, at: row.at, place };
  return [
    { kind: "chance", ...panel, series, variant, accuracy: row.task.chance },
    ...(row.ceiling === null || row.ceiling >= ALL
      ? []
      : [{ kind: "ceiling", ...panel, series, variant, accuracy: row.ceiling }]),
    ...linesOf(row).flatMap(({ seed, curve }) =>
      curve.map(({ step, accuracy }) => ({
        ...{ kind: "look", ...panel, ...details },
        ...{ seed: `${seed}`, step, accuracy, now: shareText(accuracy) },
      })),
    ),
  ];
}
