import type { Results } from "../../record/case-row.ts";
import { roundMedians } from "../../stats/round-medians.ts";
import { type Html, html } from "../../text/html.ts";
import { trust } from "../answers/trust.ts";
import { comparedFacts, comparedTitle } from "../compared-facts.ts";
import { partOf } from "../parts.ts";
import type { ReportedResults } from "../reported-results.ts";
import { seriesOf } from "../series.ts";
import { partsOf } from "../units.ts";

/** The questions that the file answers, each with its sentences; the last, about trust, always is. */
export function answers(results: Results, warnings: number): Html {
  const times = roundMedians(results.rounds);
  const answered = partsOf(results).flatMap(({ rows }) => {
    const series = seriesOf(rows);
    const settings = [...Map.groupBy(series, (one) => one.setting)];
    return Object.entries(partOf(series).questions).map(([question, answer]) => {
      const sentences = settings.flatMap(([setting, alike]) => {
        const sentence = answer(alike, times);
        return sentence === null ? [] : [setting === "" ? sentence : `${setting}: ${sentence}`];
      });
      return entry(question, sentences);
    });
  });
  return html`<dl class="answers">${answered}${entry("Can I trust this?", [trust(results.rows, warnings)])}
</dl>`;
}

/** How the file compares with the first; nothing if it is not compared. */
export function comparedAnswers({ comparison }: ReportedResults): Html {
  if (comparison === undefined) return html``;
  const entries = comparedFacts(comparison).map(({ title, items }) => entry(title, items));
  return html`<h3>${comparedTitle(comparison)}</h3>
<dl class="answers">${entries}
</dl>
<h3>By itself</h3>
`;
}

/** The clauses of a sentence are data one by one, so that none is cut for the others. */
function entry(question: string, sentences: readonly string[]): Html {
  if (sentences.length === 0) return html``;
  return html`
<div><dt>${question}</dt><dd><ul>${sentences.map((sentence) => html`<li>${sentence.split(/(?<=; )/)}</li>`)}</ul></dd></div>`;
}
