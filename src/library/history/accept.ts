import { HISTORY_DEFAULTS } from "../../core/defaults.ts";
import { FailureError, printable, UsageError } from "../../core/errors.ts";
import type { Accepted } from "../../history/accepted.ts";
import { addAccepted, refuseUnfitHistory } from "../../history/add-entries.ts";
import { chosenSeries } from "../../history/changes/cells-named.ts";
import { changesOf, type FoundChange } from "../../history/changes/check-changes.ts";
import { isName, MOST_REMARK } from "../../history/schema.ts";
import { historyChanges } from "./changes.ts";
import { measuredCommit, positionAfter } from "./commit-named.ts";

/** Which change is accepted, and why. */
export interface AcceptOptions {
  /** A revision, or the beginning of a measured commit's hash. */
  readonly commit: string;
  /** Names of cells, with * for anything, or parts of names; all if omitted. */
  readonly cells?: readonly string[] | undefined;
  readonly why?: string | undefined;
  /** The file that holds the history; `history.jsonl` if omitted. */
  readonly history?: string | undefined;
  readonly repository?: string | undefined;
  readonly branch?: string | undefined;
}

export interface AcceptedChanges {
  readonly path: string;
  readonly accepted: Accepted;
  /** Whether it was added: the history did not say just this before. */
  readonly isNew: boolean;
  /** The last acceptance of the same commit and cells before, whatever it gave as the reason; null if there was none. */
  readonly before: Accepted | null;
  /** The changes that it is about; none if none has been found so far. */
  readonly changes: readonly FoundChange[];
}

/** Notes in a history that what came with a commit is known and wanted. `now` is the wall clock. */
export function acceptChange(options: AcceptOptions, now: Date): AcceptedChanges {
  const { history: path = HISTORY_DEFAULTS.history, cells = [], repository, branch } = options;
  refuseUnfitHistory(path);
  const { history, judged } = historyChanges({ history: [path], repository, branch });
  chosenSeries(history.series, cells);
  for (const pattern of cells) {
    if (!isName(pattern))
      throw new UsageError(`--cells: must be a pattern of names, got '${printable(pattern, 80)}'`);
  }
  const accepted: Accepted = {
    commit: firstMeasured(options.commit, history.order.commits, repository),
    ...(cells.length > 0 && { cells }),
    why: remarkOf(options.why),
    accepted: now.toISOString().replace(/\.\d+Z$/, "Z"),
  };
  const same = history.accepted.filter((one) => meaningOf(one) === meaningOf(accepted));
  const equal = same.find(({ why }) => why === accepted.why);
  const isNew = equal === undefined && addAccepted(path, accepted);
  const changes = judged.flatMap((one) => changesOf(one, [accepted])).filter((one) => one.accepted !== null);
  return { path, accepted, isNew, before: equal ?? same.at(-1) ?? null, changes };
}

/** Equal for acceptances of the same changes. */
function meaningOf({ commit, cells = [] }: Accepted): string {
  return JSON.stringify([commit, ...new Set(cells.toSorted())]);
}

/** The first measured commit that contains the one that is named: what came with a commit shows from there on. */
function firstMeasured(name: string, commits: readonly string[], repository: string | undefined): string {
  const { commit, position } = measuredCommit("accept", name, commits, repository);
  if (position !== null) return commit;
  const next = commits[positionAfter("accept", name, commits, repository)];
  if (next !== undefined) return next;
  throw new FailureError(
    `accept: no commit from ${commit.slice(0, 12)} on has been measured; add one to the history first`,
  );
}

function remarkOf(why: string | undefined): string {
  if (why === undefined) {
    throw new UsageError("history accept: --why must be given: say on one line why the change is wanted");
  }
  const text = why.trim();
  if (text !== "" && text.length <= MOST_REMARK && text.isWellFormed() && !/\p{Cc}/u.test(text)) return text;
  throw new UsageError(
    `--why: must say in 1 to ${MOST_REMARK} characters, on one line, why the change is wanted, got '${printable(text, 60)}'`,
  );
}
