import type { Comparison } from "../../compare/comparison.ts";
import { countText } from "../../text/count-text.ts";
import { Markdown, markdown } from "../../text/markdown.ts";
import { answerOf } from "./answer.ts";
import { CELL_COLUMNS, cellTexts, MEAN_COLUMNS } from "./cell-columns.ts";
import { type NamedCell, namedCells } from "./cell-names.ts";
import { intervalText, meanChange, shareText } from "./change-text.ts";
import { type Block, fittedBlocks } from "./fitted-blocks.ts";
import {
  differenceTable,
  groupTable,
  oneSidedTable,
  type SideTable,
  sideText,
  workTable,
} from "./side-tables.ts";
import { comparisonTrust, machineText } from "./trust.ts";
import { byWeight, isBroken, isDetected, verdictCounts, verdictWord } from "./verdicts.ts";

/** What a comment of GitHub may hold. A step's summary may hold 1 MiB. */
const COMMENT_LIMIT = 65_536;

export interface MarkdownSettings {
  /** The most bytes. */
  readonly limit?: number;
  /** Where to find the rows that are omitted, such as a link to what a run keeps. */
  readonly elsewhere?: string;
}

/**
 * A comparison for a pull request's comment or a step's summary: the outcome and what changed, all else
 * folded. The first line is a comment by which a later run finds its own comment again. Every string of the
 * comparison is data.
 */
export function comparisonMarkdown(
  comparison: Comparison,
  { limit = COMMENT_LIMIT, elsewhere = "the other outputs have them all" }: MarkdownSettings = {},
): string {
  const { kind, work, oneSided } = comparison;
  const cells = byWeight(namedCells(comparison.cells));
  const cut = (count: number) => markdown`\n${count} more rows are omitted here; ${elsewhere}.\n`;
  const changed = cells.filter(({ cell }) => isDetected(cell.verdict));
  const broken = oneSided.filter(isBroken);
  const pending = work.filter(({ accepted }) => !accepted);
  const blocks = [
    top(comparison, cut),
    cellBlock(changed, kind, changedTitle(changed, comparison), cut),
    open(oneSidedTable(comparison, broken), "Broken in head", cut),
    open(workTable(comparison, pending), "Changed work", cut),
    ...(["unresolved", "same-median", "same"] as const).map((verdict) =>
      foldedCells(
        cells.filter(({ cell }) => cell.verdict === verdict),
        kind,
        verdictWord(kind, verdict),
        cut,
      ),
    ),
    folded(groupTable(comparison), cut),
    folded(
      {
        ...workTable(
          comparison,
          work.filter(({ accepted }) => accepted),
        ),
        title: "Changed work, accepted",
      },
      cut,
    ),
    folded(
      oneSidedTable(
        comparison,
        oneSided.filter((one) => !isBroken(one)),
      ),
      cut,
    ),
    folded(differenceTable(comparison), cut),
    remarks(comparison, cut),
  ];
  return fittedBlocks(
    blocks.filter((block) => block !== null),
    limit,
  );
}

type Cut = (count: number) => Markdown;

const nothing = new Markdown("");

function top(comparison: Comparison, leftOut: Cut): Block {
  const { kind, outcome, reasons, geometricMean, margin } = comparison;
  const { sign, text } = comparisonTrust(comparison);
  const mean =
    geometricMean === null
      ? ""
      : markdown` Geometric mean ${meanChange(geometricMean, margin)} (${intervalText(geometricMean)}); less than ${shareText(margin)} is never called a change.`;
  return {
    open: markdown`<!-- attnbench:${kind} -->
## attnbench ${kind}: ${outcome}

Head ${sideText(comparison.head)} against base ${sideText(comparison.base)} · ${machineText(comparison)} · ${`${sign} ${text}`}

**${answerOf(comparison).join(" ")}**

`,
    rows: items(reasons),
    leftOut,
    close: markdown`
${verdictCounts(comparison)}.${mean}
`,
  };
}

function changedTitle(changed: readonly NamedCell[], { kind }: Comparison): Markdown {
  if (changed.length > 0)
    return markdown`\n### ${kind === "gate" ? "Regressed and improved" : "Slower and faster"}\n\n`;
  return markdown`\nNo cell's time is known to have changed.\n`;
}

/** Words come last. */
const COLUMNS = [
  ...CELL_COLUMNS.filter((column) => column !== "verdict"),
  ...MEAN_COLUMNS,
  "verdict",
] as const;

function cellBlock(
  cells: readonly NamedCell[],
  kind: Comparison["kind"],
  title: Markdown,
  leftOut: Cut,
): Block {
  const noted = cells.some(({ cell }) => cell.note !== null);
  const rows = cells.map((named) => {
    const texts = cellTexts(named, kind);
    return row([
      named.name,
      ...COLUMNS.map((column) => texts[column]),
      ...(noted ? [named.cell.note ?? ""] : []),
    ]);
  });
  const head = tableHead(["cell", ...COLUMNS, ...(noted ? ["note"] : [])], 1, noted ? 2 : 1);
  return { open: cells.length === 0 ? title : markdown`${title}${head}`, rows, leftOut, close: nothing };
}

function foldedCells(
  cells: readonly NamedCell[],
  kind: Comparison["kind"],
  word: string,
  leftOut: Cut,
): Block | null {
  if (cells.length === 0) return null;
  const count = countText(cells.length, "cell");
  const block = cellBlock(cells, kind, details(`${count} ${word}`), leftOut);
  return { ...block, close: end };
}

/** A table that is shown unfolded. */
function open(table: SideTable, title: string, leftOut: Cut): Block | null {
  if (table.rows.length === 0) return null;
  return { ...tableBlock(table, markdown`\n### ${title}\n\n`, leftOut), close: nothing };
}

function folded(table: SideTable, leftOut: Cut): Block | null {
  if (table.rows.length === 0) return null;
  return { ...tableBlock(table, details(`${table.title}: ${table.rows.length}`), leftOut), close: end };
}

function tableBlock(table: SideTable, title: Markdown, leftOut: Cut): Omit<Block, "close"> {
  const { heads, rows, numbers, words } = table;
  const head = tableHead(heads, heads.length - numbers - words, words);
  return { open: markdown`${title}${head}`, rows: rows.map(row), leftOut };
}

function remarks(comparison: Comparison, leftOut: Cut): Block | null {
  const { remarks } = comparison;
  if (remarks.length === 0) return null;
  return {
    open: details(`Before believing it: ${remarks.length}`),
    rows: items(remarks),
    leftOut,
    close: end,
  };
}

/** What opens a folded part; Markdown is parsed in it only after an empty line. */
function details(summary: string): Markdown {
  return markdown`\n<details>\n<summary>${summary}</summary>\n\n`;
}

const end = new Markdown("\n</details>\n");

function tableHead(heads: readonly string[], wordsBefore: number, wordsAfter: number): Markdown {
  const rule = heads.map((_, column) =>
    column < wordsBefore || column >= heads.length - wordsAfter ? "|---" : "|---:",
  );
  return markdown`${row(heads)}${new Markdown(`${rule.join("")}|\n`)}`;
}

function row(cells: readonly string[]): Markdown {
  return markdown`${cells.map((cell) => markdown`| ${cell} `)}|\n`;
}

function items(texts: readonly string[]): readonly Markdown[] {
  return texts.map((text) => markdown`- ${text}\n`);
}
