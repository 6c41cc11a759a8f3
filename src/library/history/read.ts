import { HISTORY_DEFAULTS } from "../../core/defaults.ts";
import { UsageError } from "../../core/errors.ts";
import { type CommitOrder, commitOrder } from "../../history/commit-order.ts";
import type { Series } from "../../history/entry.ts";
import { knownCommits } from "../../history/git-commits.ts";
import { type History, readHistory } from "../../history/read-history.ts";
import { seriesOf } from "../../history/series.ts";

/** Which history is read, and along which commits. */
export interface HistoryOptions {
  /** Files that are read as one; `history.jsonl` if omitted. */
  readonly history?: readonly string[] | undefined;
  /** A folder in the repository of the commits; the working directory if omitted. */
  readonly repository?: string | undefined;
  /** The branch along whose first parents the series run; the commit that is checked out if omitted. */
  readonly branch?: string | undefined;
}

/** A history with its series. */
export interface OrderedHistory extends History {
  readonly order: CommitOrder;
  readonly series: readonly Series[];
  /** Whether there is no repository, so that commits are in the order of their dates. */
  readonly byDate: boolean;
}

/** Reads a history, and puts its commits into the order that git has for them, or into that of their dates. */
export function orderedHistory({ history = [], repository, branch }: HistoryOptions): OrderedHistory {
  const read = readHistory(history.length === 0 ? [HISTORY_DEFAULTS.history] : history);
  const commits = read.entries.map(({ commit }) => commit);
  const known = knownCommits(repository ?? ".", branch ?? "HEAD", commits);
  if (known === null && (repository !== undefined || branch !== undefined)) {
    throw new UsageError(
      `--${branch === undefined ? "repository" : "branch"}: must name ${branch === undefined ? "a folder of a git repository" : "a branch of the repository"} with commits; see git -C FOLDER log`,
    );
  }
  const order = commitOrder(read.entries, known);
  return { ...read, order, series: seriesOf(read.entries, order), byDate: known === null };
}
