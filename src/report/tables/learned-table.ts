import { cutName } from "../../text/cut-text.ts";
import { formatCount } from "../../text/format.ts";
import { Markdown, markdown } from "../../text/markdown.ts";
import { shareRange, shareText } from "../../text/share-text.ts";
import { textColumns } from "../../text/text-columns.ts";
import { guessesText } from "../learning/guesses-text.ts";
import { byTask, type LearnedRow } from "../learning/learned-rows.ts";
import { capitalised, measureText } from "../learning/measure-text.ts";
import { untrainedLines } from "../learning/untrained-lines.ts";

/** What was learned on one task, the same in a terminal, in the page and in Markdown. */
export interface LearnedTable {
  /** Such as `Recall at 64 tokens after 800 steps, mqar; by chance 0.8 %`. */
  readonly title: string;
  /** Heads of the columns but the first, which holds labels. */
  readonly heads: readonly string[];
  readonly rows: readonly LearnedTableRow[];
}

interface LearnedTableRow {
  readonly row: LearnedRow;
  /** One for each head, with what a column of them is sorted by; null if it is missing. */
  readonly cells: readonly { readonly text: string; readonly sort: number | null }[];
}

/** How its columns are to be read. */
export const LEARNED_NOTE =
  "Accuracies are of unseen examples, one for each test seed, by the rate that did best in other runs, on other seeds, or in a quick study by one that comes with the package. " +
  "“Reachable” is what a mask lets be known through all layers, and what guessing adds. “State” is the numbers that a layer " +
  "must keep of an example to go on from there; where it grows, after all of the example's tokens. “To 99 %” is the first look " +
  "at which 99 % were right. “Still gaining”: seeds whose accuracy still rose in the last fifth of the steps, over which the rate falls to 0: “none” does not " +
  "show that more steps would not help.";

/** A table a task. */
export function learnedTables(rows: readonly LearnedRow[]): readonly LearnedTable[] {
  return byTask(rows).map((own) => {
    const [{ task }] = own;
    const seeds = own.reduce((most, { tests, lost }) => Math.max(most, tests.length + lost.length), 0);
    return {
      title: `${capitalised(measureText(task))}, ${own[0].taskLabel}; ${guessesText(task)}`,
      heads: [
        seeds > 1 ? "test seeds" : "test seed",
        "mean",
        "reachable",
        "state",
        "rate",
        "to 99 %",
        "still gaining",
        "parameters",
      ],
      rows: own.map((row) => ({ row, cells: cellsOf(row) })),
    };
  });
}

function cellsOf(row: LearnedRow): LearnedTableRow["cells"] {
  const { accuracy, ceiling, cell, rate, edge, stepsTo99, tests, lost, stillGaining } = row;
  const seeds = [...tests, ...lost].toSorted((a, b) => a.seed - b.seed);
  const each = seeds.map((run) => (run.outcome === "trained" ? percent(run.accuracy) : run.outcome));
  return [
    { text: each.length === 0 ? row.state : each.join(" "), sort: accuracy?.mean ?? null },
    written(accuracy?.mean ?? null, shareText),
    written(ceiling, shareText),
    written(cell.state_numbers, formatCount),
    rate === null ? NONE : { text: `${rate}${edge === null ? "" : `, ${edge} tried`}`, sort: rate },
    stepsTo99.length === 0
      ? NONE
      : {
          text: `${stepsTo99.join(" ")}${stepsTo99.length < tests.length ? ` (${stepsTo99.length} of ${tests.length})` : ""}`,
          sort: stepsTo99[0],
        },
    tests.length === 0
      ? NONE
      : { text: stillGaining === 0 ? "none" : `${stillGaining} of ${tests.length}`, sort: stillGaining },
    written(cell.parameters, formatCount),
  ];
}

function percent(accuracy: number | null): string {
  return accuracy === null ? "–" : shareRange(accuracy, accuracy).replace(" %", "");
}

function written(value: number | null, format: (value: number) => string) {
  return value === null ? NONE : { text: format(value), sort: value };
}

const NONE = { text: "–", sort: null } as const;

/** The tables in plain text, in blocks where `width` characters do not hold them, and below them what was not trained. */
export function learnedText(rows: readonly LearnedRow[], width = 100): string {
  const limit = Math.max(8, Math.floor(width / 3));
  const blocks = learnedTables(rows).map(({ title, heads, rows: lines }) => {
    const names = { head: "variant", cells: lines.map(({ row }) => cutName(row.label, limit)) };
    const columns = heads.map((head, at) => ({ head, cells: lines.map(({ cells }) => cells[at].text) }));
    return [title, ...textColumns(names, columns, width)].join("\n");
  });
  const untrained = untrainedLines(rows);
  return [...blocks, ...(untrained.length === 0 ? [] : [untrained.join("\n")])].join("\n\n");
}

/** One of the tables in Markdown, its note left to the caller. */
export function learnedMarkdown({ heads, rows }: LearnedTable): Markdown {
  const line = (cells: readonly string[]) => markdown`${cells.map((cell) => markdown`| ${cell} `)}|\n`;
  const rule = new Markdown(`|---${"|---:".repeat(heads.length)}|\n`);
  return markdown`${line(["variant", ...heads])}${rule}${rows.map(({ row, cells }) =>
    line([row.label, ...cells.map(({ text }) => text)]),
  )}`;
}
