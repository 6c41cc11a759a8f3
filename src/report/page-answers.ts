import type { Results } from "../record/case-row.ts";
import { findings } from "./findings.ts";
import { growthLines } from "./growth.ts";
import { type Html, html } from "./html.ts";

/** A question that a reader brings, and the sentences with which the numbers answer it. */
interface Answer {
  readonly question: string;
  readonly sentences: readonly string[];
}

/** The reader's questions in their order. */
function answersOf({ rows }: Results): readonly Answer[] {
  const sentences = findings(rows);
  const about = (pattern: RegExp) => sentences.filter((sentence) => pattern.test(sentence));
  return [
    { question: "Which is fastest at my length?", sentences: about(/(?:^|: )Fastest: /) },
    { question: "From which length does it pay?", sentences: about(/(?:^|: )Faster than /) },
    { question: "What does it cost in memory and in faithfulness to full attention?", sentences: [] },
    { question: "Is the curve what theory says?", sentences: growthLines(rows) },
    {
      question: "Can I trust this?",
      sentences: sentences.filter((sentence) => !/(?:^|: )Fast(?:est:|er than) /.test(sentence)),
    },
  ];
}

/** The questions that the file answers, each with its sentences. */
export function answers(results: Results): Html {
  const told = answersOf(results).filter(({ sentences }) => sentences.length > 0);
  return html`<dl class="answers">${told.map(
    ({ question, sentences }) => html`
<div><dt>${question}</dt><dd><ul${sentences.length > MOST ? html` class="columns"` : ""}>${sentences.map((sentence) => html`<li>${sentence}</li>`)}</ul></dd></div>`,
  )}
</dl>`;
}

/** Sentences below one another before they take columns. */
const MOST = 6;
