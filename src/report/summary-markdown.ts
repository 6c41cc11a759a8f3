import { printable } from "../core/errors.ts";
import type { Learned } from "../record/learned.ts";
import { Markdown, markdown } from "../text/markdown.ts";
import { learnedAnswer } from "./answers/learned.ts";
import { isLearnedOnly } from "./learning/learned-only.ts";
import { learnedRows } from "./learning/learned-rows.ts";
import type { ReportedResults } from "./reported-results.ts";
import { rankingMarkdown } from "./summary-ranking.ts";
import { LEARNED_NOTE, learnedMarkdown, learnedTables } from "./tables/learned-table.ts";
import { answerOf } from "./topics/answer.ts";
import { aboutOf, topicsOf } from "./topics/index.ts";
import { misleading } from "./topics/learned.ts";
import type { Topic, TopicResults } from "./topics/topic.ts";

/** A results file with those of its charts that were drawn and can be linked to; file names are safe. */
export interface SummaryPart {
  readonly results: ReportedResults;
  readonly charts: readonly SummaryChart[];
}

interface SummaryChart {
  readonly id: string;
  readonly title: string;
  readonly file: string;
}

/**
 * The report in Markdown, for pull requests and notes: one section per results file, with the topics of the page. Every
 * string of a results file is data. `lead` is what is said of all of them together.
 */
export function summaryMarkdown(
  parts: readonly SummaryPart[],
  title: string,
  page: string | null,
  lead?: Markdown,
): string {
  const link = page === null ? "" : new Markdown(`[The whole report](${page}).\n\n`);
  return markdown`# ${title}\n\n${link}${lead ?? ""}${parts.map(section)}`.text.trimEnd().concat("\n");
}

function section({ results, charts }: SummaryPart): Markdown {
  const about = aboutOf(results);
  return markdown`## ${printable(results.name, 100)}

${isLearnedOnly(results) && results.learned !== undefined ? tablesOf({ ...results, learned: results.learned }) : rankingMarkdown(results)}${topicsOf(results).map((topic) => part(topic, about, charts))}`;
}

/** What was learned, a table a task, for a file that is about nothing else. */
function tablesOf(results: ReportedResults & { readonly learned: Learned }): Markdown {
  const { learned } = results;
  const folds = misleading(results).flatMap(({ title, summary }) =>
    summary === null ? [] : [folded(title, summary)],
  );
  const tables = learnedTables(learnedRows(learned)).map(
    (table) => markdown`### ${table.title}\n\n${learnedMarkdown(table)}\n`,
  );
  return markdown`${sentence(learnedAnswer(learned))}${tables}${new Markdown(LEARNED_NOTE)}\n\n${folds}`;
}

/** A topic: its answer, the first of its charts, and all else folded. */
function part(topic: Topic, about: TopicResults, all: readonly SummaryChart[]): Markdown {
  const answer = answerOf(topic, about);
  const own = topic.charts.flatMap(({ id }) => all.filter((chart) => chart.id === id));
  const [first, ...others] = own.map(picture);
  const details = (topic.details?.(about) ?? []).flatMap(({ title, summary }) =>
    summary === null ? [] : [folded(title, summary)],
  );
  if (answer === null && own.length === 0 && details.length === 0) return new Markdown("");
  return markdown`### ${topic.title}

${answer === null ? "" : sentence(answer)}${first ?? ""}${others.length === 0 ? "" : folded("Further charts", markdown`${others}`)}${details}`;
}

function picture({ title, file }: SummaryChart): Markdown {
  return markdown`![${title}](${new Markdown(file)})\n\n`;
}

/** Markdown is parsed within only after an empty line. */
function folded(title: string, content: Markdown): Markdown {
  return markdown`<details>\n<summary>${title}</summary>\n\n${content}</details>\n\n`;
}

/** Its clauses are data one by one, so that none is cut for the others. */
function sentence(text: string): Markdown {
  const [first, ...others] = text.split("; ");
  return markdown`${first}${others.map((clause) => markdown`; ${clause}`)}\n\n`;
}
