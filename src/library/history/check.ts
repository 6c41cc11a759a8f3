import { CHANGE_DEFAULTS } from "../../core/defaults.ts";
import { UsageError } from "../../core/errors.ts";
import { checkChanges, type HistoryCheck } from "../../history/changes/check-changes.ts";
import { parseInteger, type Typed } from "../../text/units.ts";
import { type ChangeOptions, type HistoryChanges, historyChanges } from "./changes.ts";
import { positionAfter } from "./commit-named.ts";

/** What is checked of a history. */
export interface CheckOptions extends ChangeOptions {
  /** Only commits after this one: a revision, or the beginning of a measured commit's hash. */
  readonly since?: string | undefined;
  /** Only the last so many commits of the history; 100 if neither is given. */
  readonly last?: Typed | undefined;
}

/** Whether anything slowed down lately, and what all its series did. */
export function checkHistory(options: CheckOptions): HistoryChanges & { readonly check: HistoryCheck } {
  const { since, last } = options;
  if (since !== undefined && last !== undefined) {
    throw new UsageError("--since: says from where on, and so does --last; omit one");
  }
  const count = parseInteger("--last", last ?? CHANGE_DEFAULTS.last, 1, 1e9);
  const found = historyChanges(options);
  const { order, accepted } = found.history;
  const start =
    since === undefined
      ? Math.max(0, order.commits.length - count)
      : positionAfter("--since", since, order.commits, options.repository);
  return { ...found, check: checkChanges(found.judged, order.commits, start, accepted, found.settings) };
}
