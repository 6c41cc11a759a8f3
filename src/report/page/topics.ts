import { type Html, html } from "../../text/html.ts";
import type { Drawing, DrawnResults } from "../drawings.ts";
import { isLearnedOnly } from "../learning/learned-only.ts";
import { answerOf } from "../topics/answer.ts";
import { aboutOf, topicsOf } from "../topics/index.ts";
import type { Topic, TopicResults } from "../topics/topic.ts";
import { figure } from "./figure.ts";
import { heroOf } from "./first-screen.ts";

/** A section for each topic that the results say something about, and a list of the charts that could not be drawn. */
export function topicSections(file: DrawnResults, id: string, live: ReadonlySet<Drawing>): Html {
  const { results, drawings } = file;
  const about = aboutOf(results);
  const hero = heroOf(file);
  const drawingOf = new Map(
    drawings.flatMap((drawing) => (drawing === hero ? [] : [[drawing.chart.id, drawing] as const])),
  );
  return html`${topicsOf(results).map((topic) => {
    const own = topic.charts.flatMap(({ id: chart }) => drawingOf.get(chart) ?? []);
    return section(topic, about, { id, live, drawings: own });
  })}
${absent(drawings, isLearnedOnly(results))}`;
}

interface Place {
  /** Of the results file's section. */
  readonly id: string;
  readonly drawings: readonly Drawing[];
  readonly live: ReadonlySet<Drawing>;
}

/** The title, the answer, the first chart; all else is folded. */
function section(topic: Topic, about: TopicResults, { id, drawings, live }: Place): Html {
  const answer = answerOf(topic, about);
  const teller = typeof topic.answer === "string" ? html` data-told="${topic.answer}"` : "";
  const drawn = drawings.filter((drawing) => drawing.drawn !== null);
  const details = topic.details?.(about) ?? [];
  if (answer === null && drawn.length === 0 && details.length === 0) return html``;
  const [first, ...others] = drawn.map((drawing) => ({
    title: drawing.chart.title,
    page: figure(drawing, `${id}-${drawing.chart.id}`, live.has(drawing)),
  }));
  return html`<section class="topic" id="${id}-${topic.id}" aria-labelledby="${id}-${topic.id}-title">
<h3 id="${id}-${topic.id}-title">${topic.title}</h3>
${
  answer === null
    ? ""
    : html`<p class="answer"${teller}>${answer}</p>
`
}${first === undefined ? "" : first.page}${[...others, ...details].map(folded)}</section>
`;
}

function folded({ title, page }: { readonly title: string; readonly page: Html }): Html {
  return html`<details><summary>${title}</summary>
${page}</details>
`;
}

/** Why charts are missing that other reports have. */
function absent(drawings: readonly Drawing[], learned: boolean): Html {
  const missing = drawings.filter(({ drawn }) => drawn === null);
  if (missing.length === 0) return html``;
  if (missing.length === drawings.length) {
    const why = learned ? "No test run has ended" : "No case has a time";
    return html`<p class="note">${why}, so there is no chart to draw.</p>`;
  }
  return folded({
    title: "Charts that these results do not have",
    page: html`<ul class="said">${missing.map(({ chart }) => html`<li>${chart.title}: ${chart.absent}</li>`)}</ul>`,
  });
}
