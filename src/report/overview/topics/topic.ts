import type { Table } from "../../topics/details.ts";
import type { Overview } from "../overview.ts";

/** One question about a collection, and the tables that answer it: a section of the page and of the summary. */
export interface OverviewTopic {
  /** Names the section in addresses. */
  readonly id: string;
  readonly title: (overview: Overview) => string;
  /** The answer in a sentence or two; null if the tables say it all. */
  readonly answer: (overview: Overview) => string | null;
  /** Seen at once. */
  readonly tables: (overview: Overview) => readonly Table[];
  /** Folded. */
  readonly details?: (overview: Overview) => readonly Table[];
}
