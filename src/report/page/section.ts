import { printable } from "../../core/errors.ts";
import type { Results } from "../../record/case-row.ts";
import { roundMedians } from "../../stats/round-medians.ts";
import { type Html, html } from "../../text/html.ts";
import type { Drawing, DrawnResults } from "../drawings.ts";
import { fullPatterns } from "../full-patterns.ts";
import { partOf } from "../parts.ts";
import { placedRemarks } from "../places.ts";
import { provenance } from "../provenance.ts";
import { type Series, seriesOf } from "../series.ts";
import { caseTable } from "../tables/case-table.ts";
import { partsOf } from "../units.ts";
import { warningsOf } from "../warnings.ts";
import { wordsFor } from "../words.ts";
import { answers, comparedAnswers } from "./answers.ts";
import { arenaSection } from "./arena.ts";
import { figure } from "./figure.ts";
import { firstScreen, heroOf } from "./first-screen.ts";
import { scroll } from "./scroll.ts";
import { tableOneSection } from "./table-one.ts";
import { overviewTable } from "./tables.ts";
import { type PageVariant, variantControls, variantsOf } from "./variants.ts";
import { winnerTables } from "./winners.ts";
import { workloadSection } from "./workloads.ts";
import { worthSection } from "./worth.ts";

/** All that the page says about one results file. Charts in `live` answer to the reader. */
export function section({ results, drawings }: DrawnResults, id: string, live: ReadonlySet<Drawing>): Html {
  const { rows } = results;
  const series = seriesOf(rows);
  const variants = variantsOf(series, results);
  const parts = partsOf(results).map((part) => seriesOf(part.rows));
  const warnings = warningsOf(results);
  const hero = heroOf({ results, drawings });
  return html`<section id="${id}" aria-labelledby="${id}-name">
<h2 id="${id}-name">${fileName(results)}</h2>
${firstScreen({ results, drawings }, id, live)}${comparedAnswers(results)}${answers(results, warnings.length)}
${parts.map((part) => winners(part, variants))}
${list("Warnings", warnings)}
${list("Not measured", unmeasured(results))}${list("Not sparse at these lengths", fullPatterns(results.rows))}
<h3>Charts</h3>
${charts(
  drawings.filter((drawing) => drawing !== hero),
  id,
  variants,
  live,
)}
${parts.map((part) => (part.length === 0 ? "" : tables(part, variants, results)))}
<h3 id="${id}-evidence">Where the numbers come from</h3>
${provenance(results)}
</section>
`;
}

/** The name of a results file, safe to print and short. */
export function fileName({ name }: Results): string {
  return printable(name, 100);
}

/** The name by which the page's style sheet and its reader's address call a chart. */
export function figureId(section: string, { chart }: Drawing): string {
  return `${section}-${chart.id}`;
}

function winners(series: readonly Series[], variants: readonly PageVariant[]): Html {
  const tables = winnerTables(series, variants);
  if (tables.length === 0) return html``;
  const { fastestAt: title } = wordsFor(series);
  return html`<h3>${title}</h3>
<p class="note">Several names mean that their times cannot be told apart: the intervals overlap.</p>
${tables.map((table) => scroll(title.replace(/^T/, "t"), table))}`;
}

function list(title: string, items: readonly string[]): Html {
  if (items.length === 0) return html``;
  return html`<h3>${title}</h3><ul class="warnings">${items.map((item) => html`<li>${item}</li>`)}</ul>`;
}

/** What failed or was skipped and why, each reason once. */
function unmeasured({ rows }: Results): readonly string[] {
  return (["failed", "unproven", "skipped"] as const).flatMap((outcome) =>
    placedRemarks(rows, (row) => (row.outcome === outcome ? [row.reason ?? "no reason given"] : [])).map(
      ({ text, places }) => `${outcome}: ${places}: ${printable(text, 500)}`,
    ),
  );
}

function charts(
  drawings: readonly Drawing[],
  id: string,
  variants: readonly PageVariant[],
  live: ReadonlySet<Drawing>,
): Html {
  if (drawings.every(({ drawn }) => drawn === null)) {
    return html`<p class="note">No case has a time, so there is no chart to draw.</p>`;
  }
  return html`${variantControls(variants)}
${drawings.map((drawing) => figure(drawing, figureId(id, drawing), variants, live.has(drawing)))}`;
}

function tables(series: readonly Series[], variants: readonly PageVariant[], results: Results): Html {
  const { timesByLength, timesNote, casesNote } = wordsFor(series);
  return html`<h3>${timesByLength}</h3>
<p class="note">${timesNote}</p>
${scroll(timesByLength.replace(/^T/, "t"), overviewTable(series, variants))}
${workloadSection(series, variants)}${worthSection(series, variants)}${arenaSection(series, variants)}${partOf(series).growthSection(series, variants, roundMedians(results.rounds))}
${tableOneSection(series, variants, results)}
<h3>All cases</h3>
<p class="note">${casesNote}</p>
${scroll("all cases", caseTable(series, variants), "scroll wide")}`;
}
