import { withSketches } from "../../library/sketches.ts";
import { withTableOne } from "../../library/table-one.ts";
import { builtInTraits } from "../../library/traits.ts";
import { withTwins } from "../../library/twins.ts";
import { summarize } from "../../record/case-row.ts";
import type { ResultLine, RunLine } from "../../record/schema/result-lines.ts";
import { drawCharts } from "../../report/drawings.ts";
import { framedPage, type PageScripts, reportPage } from "../../report/page/layout.ts";
import type { ReportedResults } from "../../report/reported-results.ts";
import { rankingText } from "../../report/tables/ranking-text.ts";
import { caseNotes } from "../../report/tables/summary-table.ts";
import type { DrawnAs } from "./protocol.ts";

/** The lines of a run so far. */
export interface LinesSoFar {
  /** Of the results file, without its ending. */
  readonly name: string;
  readonly run: RunLine;
  readonly lines: readonly Exclude<ResultLine, RunLine>[];
}

/** Characters of a line of text: what a page 72 rem wide holds. */
const WIDTH = 100;

/** The report on the lines so far, as a page: the same that `attnbench report` makes of their file. */
export async function pageOf(results: ReportedResults, as: DrawnAs, scripts: PageScripts): Promise<string> {
  const drawn = [await drawCharts(withTwins(withTableOne(withSketches(results))))];
  switch (as) {
    case "still":
      return framedPage(drawn, null);
    case "live":
      return framedPage(drawn, scripts);
    case "file":
      return reportPage(drawn, scripts);
    default:
      return as satisfies never;
  }
}

/** What was found, as `attnbench run` prints it: the ranking, and what cases note. */
export function foundIn(results: ReportedResults): string {
  const parts = [
    hasTimes(results) ? [rankingText({ ...results, traits: builtInTraits() }, WIDTH)] : [],
    caseNotes(results.rows, WIDTH),
  ];
  const told = parts.flatMap((lines) => (lines.length === 0 ? [] : [lines.join("\n")]));
  return told.length === 0 ? "nothing has a time yet" : told.join("\n\n");
}

/** Whether any case has a time. */
export function hasTimes({ rows }: ReportedResults): boolean {
  return rows.some(({ median_s: median }) => median !== null);
}

/** The same without the cases whose turn is still to come: nothing is wrong with them. */
export function withoutWaiting({ name, run, lines }: LinesSoFar): LinesSoFar {
  const timed = new Set(lines.flatMap((line) => (line.type === "round" ? [line.case] : [])));
  const told = lines.filter(
    (line) => line.type === "round" || line.outcome !== "measured" || timed.has(line.case),
  );
  const known = new Set(told.map((line) => line.case));
  const cases = run.plan.cases.filter((one) => known.has(one.case));
  return { name, run: { ...run, plan: { ...run.plan, cases } }, lines: told };
}

export function resultsOf({ name, run, lines }: LinesSoFar): ReportedResults {
  return { ...summarize(name, run, lines), file: `${name}.jsonl` };
}
