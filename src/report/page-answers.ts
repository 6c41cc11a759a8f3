import type { Results } from "../record/case-row.ts";
import { cost } from "./answers/cost.ts";
import { fastest } from "./answers/fastest.ts";
import { pays } from "./answers/pays.ts";
import { theory } from "./answers/theory.ts";
import { trust } from "./answers/trust.ts";
import { comparedFacts, comparedTitle } from "./compared-facts.ts";
import { growthOverRounds } from "./growth.ts";
import { type Html, html } from "./html.ts";
import type { ReportedResults } from "./reported-results.ts";
import { type RoundTimes, roundTimes } from "./round-medians.ts";
import { type Series, seriesOf } from "./series.ts";

/** The reader's questions in their order, and what answers each for the series of one setting. */
const questions: Readonly<Record<string, (series: readonly Series[], times: RoundTimes) => string | null>> = {
  "Which is fastest at my length?": fastest,
  "From which length does it pay?": pays,
  "What does it cost in memory and in faithfulness to full attention?": cost,
  "Is the curve what theory says?": (series, times) =>
    theory(series.map((one) => growthOverRounds(one, times))),
};

/** The questions that the file answers, each with its sentences; the last, of trust, it always does. */
export function answers({ rows, rounds }: Results, warnings: number): Html {
  const times = roundTimes(rounds);
  const settings = [...Map.groupBy(seriesOf(rows), (one) => one.setting)];
  const answered = Object.entries(questions).map(([question, answer]) => {
    const sentences = settings.flatMap(([setting, series]) => {
      const sentence = answer(series, times);
      return sentence === null ? [] : [setting === "" ? sentence : `${setting}: ${sentence}`];
    });
    return entry(question, sentences);
  });
  return html`<dl class="answers">${answered}${entry("Can I trust this?", [trust(rows, warnings)])}
</dl>`;
}

/** How the file stands against the first; nothing where it is not held against one. */
export function comparedAnswers({ comparison }: ReportedResults): Html {
  if (comparison === undefined) return html``;
  const entries = comparedFacts(comparison).map(({ title, items }) => entry(title, items));
  return html`<h3>${comparedTitle(comparison)}</h3>
<dl class="answers">${entries}
</dl>
<h3>By itself</h3>
`;
}

function entry(question: string, sentences: readonly string[]): Html {
  if (sentences.length === 0) return html``;
  return html`
<div><dt>${question}</dt><dd><ul>${sentences.map((sentence) => html`<li>${sentence}</li>`)}</ul></dd></div>`;
}
