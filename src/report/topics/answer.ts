import { told } from "../told/index.ts";
import { wordsFor } from "../words.ts";
import type { Topic, TopicResults } from "./topic.ts";

/** What a topic answers of a results file; null if that does not answer it. */
export function answerOf({ answer }: Topic, about: TopicResults): string | null {
  if (typeof answer === "function") return answer(about);
  const { entries, series } = about;
  return told(answer, { entries, all: entries, baseline: wordsFor(series).baseline });
}
