import { printable } from "../core/errors.ts";
import type { Results } from "../record/case-row.ts";
import { roundMedians } from "../stats/round-medians.ts";
import { formatLength } from "../text/format.ts";
import { Markdown, markdown } from "../text/markdown.ts";
import { formulaText, lettersOf, TABLE_NOTE, TABLE_TITLE } from "../text/table-one.ts";
import { comparedFacts, comparedTitle } from "./compared-facts.ts";
import { findings } from "./findings.ts";
import { fullPatterns } from "./full-patterns.ts";
import { partOf } from "./parts.ts";
import { placedRemarks } from "./places.ts";
import { provenanceFacts } from "./provenance.ts";
import type { ReportedResults } from "./reported-results.ts";
import { lengthsOf, type Series, seriesOf } from "./series.ts";
import { rankingMarkdown } from "./summary-ranking.ts";
import { ARENA_NOTE, arenaTable } from "./tables/arena-table.ts";
import { cellOf } from "./tables/cell.ts";
import { FAIR_NOTE, fairTable, PAPER_NOTE } from "./tables/fair-table.ts";
import { tableOneOf } from "./tables/table-one.ts";
import { WORKLOAD_NOTE, workloadTable } from "./tables/workload-table.ts";
import { WORTH_HEADS, WORTH_NOTE, worthTable } from "./tables/worth-table.ts";
import { partsOf } from "./units.ts";
import { warningsOf } from "./warnings.ts";
import { wordsFor } from "./words.ts";

/** A results file with those of its charts that were drawn and can be linked to; file names are safe. */
export interface SummaryPart {
  readonly results: ReportedResults;
  readonly charts: readonly { readonly title: string; readonly file: string }[];
}

/**
 * The report in Markdown, for pull requests and notes: one section per results file. Every string of a
 * results file is data.
 */
export function summaryMarkdown(parts: readonly SummaryPart[], title: string, page: string | null): string {
  const link = page === null ? "" : new Markdown(`[The whole report](${page}).\n\n`);
  return markdown`# ${title}\n\n${link}${parts.map(section)}`.text.trimEnd().concat("\n");
}

function section({ results, charts }: SummaryPart): Markdown {
  const parts = partsOf(results).map(({ rows }) => seriesOf(rows));
  return markdown`## ${printable(results.name, 100)}

${rankingMarkdown(results)}${list(findings(results).map(sentence))}
${compared(results)}${parts.map((series) => (series.length === 0 ? "" : times(series, results)))}${list([...reasons(results), ...fullPatterns(results.rows)])}
### Warnings

${list(warningsOf(results), "None.")}
${charts.length === 0 ? "" : markdown`### Charts\n\n${charts.map(({ title, file }) => markdown`![${title}](${new Markdown(file)})\n\n`)}`}### Where the numbers come from

${list(provenanceFacts(results).map(([name, value]) => `${name}: ${value}`))}
`;
}

/** How the file compares with the first. */
function compared({ comparison }: ReportedResults): readonly Markdown[] {
  if (comparison === undefined) return [];
  const facts = comparedFacts(comparison).flatMap(({ title, items }) =>
    items.map((item) => `${title}: ${item}`),
  );
  return [markdown`### ${comparedTitle(comparison)}\n\n${list(facts)}\n`];
}

/** Series by length: time with half its interval and the speed-up; then how time grows. */
function times(series: readonly Series[], results: Results): Markdown {
  const lengths = lengthsOf(series);
  const byRound = roundMedians(results.rounds);
  const words = wordsFor(series);
  const { growth, growthText } = partOf(series);
  const cells = series.map((one) => {
    const { time, declared } = growth(one, byRound);
    return [
      one.label,
      ...lengths.map((length) => {
        const { time: text, speedUp } = cellOf(one, length);
        return speedUp === "" ? text : `${text} (${speedUp})`;
      }),
      time === null ? "–" : growthText(time),
      `${declared}`,
    ];
  });
  const heads = ["variant", ...lengths.map(formatLength), "grows as", "declared"];
  const rule = heads.map((_, column) => (column === 0 ? "|---" : "|---:")).join("");
  return markdown`### ${words.times}

${row(heads)}${new Markdown(`${rule}|\n`)}${cells.map(row)}
${workloads(series)}${worth(series)}${arena(series)}${theory(series, results)}${fair(series)}`;
}

/** Errors on several inputs. */
function workloads(series: readonly Series[]): Markdown {
  const table = workloadTable(series);
  if (table === null) return new Markdown("");
  const { title, heads, rows, means } = table;
  const lines = rows.map(({ series: one, cells }) =>
    row([
      one.label,
      ...cells.map(({ error, overMean }) => (overMean === "" ? error : `${error} (${overMean})`)),
    ]),
  );
  return markdown`### ${title}

${row(["variant", ...heads])}${new Markdown(`|---${heads.map(() => "|---:").join("")}|\n`)}${lines}${row(["mean of v", ...means])}
${note(WORKLOAD_NOTE)}\n`;
}

/** Table 1 of Vaswani et al., and its values at the longest length. */
function theory(series: readonly Series[], results: Results): Markdown {
  const table = tableOneOf(series, results);
  if (table === null) return new Markdown("");
  const { lengths, rows } = table;
  const last = lengths.length - 1;
  const heads = [
    "variant",
    "complexity per layer and head",
    "sequential operations",
    "maximum path length",
    `at ${formatLength(lengths[last])}`,
    "time grows as",
  ];
  const lines = rows.map(({ series: one, entry, values, measured }) =>
    row([
      one.label,
      formulaText(entry.perLayer),
      formulaText(entry.sequential, lettersOf(entry)),
      formulaText(entry.path, lettersOf(entry)),
      [values[last].perLayer, values[last].sequential, values[last].path].join(" · "),
      measured,
    ]),
  );
  return markdown`### ${TABLE_TITLE}

${row(heads)}${new Markdown("|---|---|---|---|---:|---:|\n")}${lines}
${note(TABLE_NOTE)}\n`;
}

/** What a faster attention is worth in the layer. */
function worth(series: readonly Series[]): Markdown {
  const lines = worthTable(series);
  if (lines.length === 0) return new Markdown("");
  const heads = ["variant", "length", ...WORTH_HEADS];
  const rule = heads.map((_, column) => (column === 0 ? "|---" : "|---:")).join("");
  return markdown`### What a faster attention is worth in the layer

${row(heads)}${new Markdown(`${rule}|\n`)}${lines.map(({ series: one, length, cells }) =>
  row([one.label, formatLength(length), ...cells]),
)}
${note(WORTH_NOTE)}\n`;
}

/** Long Range Arena's published speeds beside those here. */
function arena(series: readonly Series[]): Markdown {
  const table = arenaTable(series);
  if (table === null) return new Markdown("");
  const { heads, rows } = table;
  const lines = rows.map(({ model, series: one, cells }) =>
    row([model, one.label, ...cells.map(({ value }) => value)]),
  );
  return markdown`### Long Range Arena, published and here

${row(["model", "variant", ...heads])}${new Markdown(`|---|---${heads.map(() => "|---:").join("")}|\n`)}${lines}
${note(ARENA_NOTE)}\n`;
}

/** The unfair and the fair ratio to softmax, side by side. */
function fair(series: readonly Series[]): Markdown {
  const table = fairTable(series);
  if (table === null) return new Markdown("");
  const { tokens, rows } = table;
  const rule = tokens.map(() => "|---:").join("");
  const lines = rows.map(({ name, over, cells }) => row([name, over, ...cells.map(({ ratio }) => ratio)]));
  return markdown`### Generating N tokens: the unfair and the fair ratio to softmax

${row(["variant", "over", ...tokens.map(formatLength)])}${new Markdown(`|---|---${rule}|\n`)}${lines}
${note(FAIR_NOTE)}\n${note(PAPER_NOTE)}`;
}

/** One of our own notes, longer than a string of a results file may be. */
function note(text: string): Markdown {
  return new Markdown(`${text}\n`);
}

function row(cells: readonly string[]): Markdown {
  return markdown`${cells.map((cell) => markdown`| ${cell} `)}|\n`;
}

/** A sentence of ours with a stranger's names in it: its clauses are data one by one, so that none is cut for the others. */
function sentence(text: string): Markdown {
  const [first, ...others] = text.split("; ");
  return markdown`${first}${others.map((clause) => markdown`; ${clause}`)}`;
}

function list(items: readonly (string | Markdown)[], none = ""): Markdown {
  return items.length === 0
    ? new Markdown(none === "" ? "" : `${none}\n`)
    : markdown`${items.map((item) => markdown`- ${item}\n`)}`;
}

/** Why cases have no time. */
function reasons({ rows }: Results): readonly string[] {
  return (["failed", "unproven", "skipped"] as const).flatMap((outcome) =>
    placedRemarks(rows, (row) => (row.outcome === outcome ? [row.reason ?? "no reason given"] : [])).map(
      ({ text, places }) => `${outcome}: ${places}: ${text}`,
    ),
  );
}
