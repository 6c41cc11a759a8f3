import type { Results } from "../../record/case-row.ts";
import type { Html } from "../../text/html.ts";
import type { Markdown } from "../../text/markdown.ts";
import type { Chart } from "../charts/chart.ts";
import type { Series } from "../series.ts";

/** What a topic says of one results file. */
export interface TopicResults {
  readonly results: Results;
  /** Of one unit: the topic's. */
  readonly series: readonly Series[];
}

/**
 * One question that people ask, and all that answers it: a section of the page and of the summary. A new topic is a file
 * and a line in the list, in order of how often people ask.
 */
export interface Topic {
  /** Names the section in addresses, such as `pays`. */
  readonly id: string;
  /** The question in a few words: `From where it pays`. */
  readonly title: string;
  /** The answer in one short sentence with its numbers, at most 25 words; null if the results do not answer it, which omits the topic. */
  answer(about: TopicResults): string | null;
  /** The first is seen, the others are folded. */
  readonly charts: readonly Chart[];
  /** Further details, folded: longer sentences, tables. */
  details?(about: TopicResults): Html;
  /** The same for the summary; omitted if the answer is all. */
  markdown?(about: TopicResults): Markdown;
}
