import { CHANGE_DEFAULTS } from "../../core/defaults.ts";
import { chosenSeries } from "../../history/changes/cells-named.ts";
import { findChanges, type JudgedSeries } from "../../history/changes/find-changes.ts";
import type { ChangeSettings } from "../../history/changes/settings.ts";
import { parseShare, type Typed } from "../../text/units.ts";
import { type HistoryOptions, type OrderedHistory, orderedHistory } from "./read.ts";

/** Whose changes are looked for, and what counts as one. */
export interface ChangeOptions extends HistoryOptions {
  /** Names of cells, with * for anything, or parts of names; all if omitted. */
  readonly cells?: readonly string[] | undefined;
  /** A share such as 0.02: a smaller change of a level is none. */
  readonly threshold?: Typed | undefined;
  /** The probability that anything is called a change where nothing changes, over all cells and machines. */
  readonly falseAlarms?: Typed | undefined;
}

/** A history and where its series changed. */
export interface HistoryChanges {
  readonly history: OrderedHistory;
  readonly judged: readonly JudgedSeries[];
  readonly settings: ChangeSettings;
}

/** Reads a history and finds the changes of the chosen cells. */
export function historyChanges(options: ChangeOptions): HistoryChanges {
  const { cells = [], threshold, falseAlarms } = options;
  const settings = {
    threshold: parseShare("--threshold", threshold ?? CHANGE_DEFAULTS.threshold),
    falseAlarms: parseShare("--false-alarms", falseAlarms ?? CHANGE_DEFAULTS.falseAlarms),
    least: CHANGE_DEFAULTS.least,
    seed: CHANGE_DEFAULTS.seed,
  };
  const history = orderedHistory(options);
  const series = chosenSeries(history.series, cells);
  return { history, judged: findChanges(series, history.order.commits, settings), settings };
}
