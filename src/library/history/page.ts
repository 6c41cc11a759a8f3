import { CHANGE_DEFAULTS } from "../../core/defaults.ts";
import { refusePageName, refuseUnwritableFolder, writeFolder } from "../../files/write-folder.ts";
import { changesOf } from "../../history/changes/check-changes.ts";
import { checkedCommitUrl } from "../../report/history/commit-link.ts";
import { historyPageText } from "../../report/history/page.ts";
import { historySummary } from "../../report/history/summary.ts";
import type { HistoryView } from "../../report/history/view.ts";
import { type ChangeOptions, type HistoryChanges, historyChanges } from "./changes.ts";

/** What a page of a history shows, and where it is written. */
export interface HistoryPageOptions extends ChangeOptions {
  /** The folder; `reports/history` if omitted. */
  readonly out?: string | undefined;
  /** Where commits are shown, with `{commit}` in it; without it they are no links. */
  readonly commitUrl?: string | undefined;
}

/** Writes the page of a history and its summary. Returns their paths, the page first, and what they show. */
export function writeHistoryPage(options: HistoryPageOptions): {
  readonly paths: readonly string[];
  readonly view: HistoryView;
  readonly found: HistoryChanges;
} {
  const { out = CHANGE_DEFAULTS.page } = options;
  const commitUrl = checkedCommitUrl(options.commitUrl);
  refusePageName("--out", out);
  refuseUnwritableFolder(out);
  const found = historyChanges(options);
  const { history, judged, settings } = found;
  const present = new Set(judged.map(({ series }) => series.machine));
  const view: HistoryView = {
    machines: history.machines.filter(({ name }) => present.has(name)),
    commits: history.order.commits,
    series: judged.map((one) => ({ series: one.series, changes: changesOf(one, history.accepted) })),
    ...settings,
    commitUrl,
  };
  const files = new Map([
    ["index.html", historyPageText(view)],
    ["summary.md", historySummary(view)],
  ]);
  return { paths: writeFolder(out, files), view, found };
}
