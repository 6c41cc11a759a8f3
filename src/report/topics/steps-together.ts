import { entriesOf } from "../ranking/entries.ts";
import { seriesOf } from "../series.ts";
import { onlyOf } from "../units.ts";
import { answerOf } from "./answer.ts";
import { sentences } from "./details.ts";
import type { Topic, TopicResults } from "./topic.ts";

/** Topics about steps as one topic, for files in which they come beside passes. */
export function stepsTogether(topics: readonly Topic[], main: Topic): Topic {
  const others = topics.filter((topic) => topic !== main);
  const ofSteps = (about: TopicResults): TopicResults => ({
    ...about,
    series: seriesOf(onlyOf("step", about.results).rows),
    entries: entriesOf(about.results).filter(({ unit }) => unit === "step"),
  });
  return {
    id: main.id,
    title: "Decoding: a token at a time",
    charts: topics.flatMap(({ charts }) => charts),
    answer: (about) => answerOf(main, ofSteps(about)),
    details(about) {
      const steps = ofSteps(about);
      return [main, ...others].flatMap((topic) => {
        const answer = topic === main ? null : answerOf(topic, steps);
        const said = answer === null ? [] : sentences(topic.title, [answer]);
        const told = (topic.details?.(steps) ?? []).map((one) => ({
          ...one,
          title: `${topic.title}: ${one.title}`,
        }));
        return [...said, ...told];
      });
    },
  };
}
