import type { MediansByCase } from "../../stats/round-medians.ts";
import type { Html } from "../../text/html.ts";
import type { Markdown } from "../../text/markdown.ts";
import type { Chart } from "../charts/chart.ts";
import type { Entry } from "../ranking/entry.ts";
import type { ReportedResults } from "../reported-results.ts";
import type { Series } from "../series.ts";
import type { TellerName } from "../told/index.ts";

/** What a topic says of one results file. */
export interface TopicResults {
  /** The whole file, also cases of other units. */
  readonly results: ReportedResults;
  /** Of one unit: the topic's. */
  readonly series: readonly Series[];
  /** The file's series, those of each unit together. */
  readonly parts: readonly (readonly Series[])[];
  /** The same as entries. */
  readonly entries: readonly Entry[];
  readonly times: MediansByCase;
  /** The place of a series in its file, by which the page knows rows of tables: `Entry.place`. */
  placeOf(series: Series): number;
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
  /**
   * The answer in one short sentence with its numbers, at most 25 words; null if the results do not answer it. If it
   * follows from entries, the name of what tells it.
   */
  readonly answer: TellerName | ((about: TopicResults) => string | null);
  /** Of those that can be drawn the first is seen, the others are folded. */
  readonly charts: readonly Chart[];
  /** Further details, folded: longer sentences, tables. */
  details?(about: TopicResults): readonly Detail[];
}

/** One thing to unfold, the same in the page and in the summary. */
export interface Detail {
  readonly title: string;
  readonly page: Html;
  /** Null if it would be too long for a summary. */
  readonly summary: Markdown | null;
}
