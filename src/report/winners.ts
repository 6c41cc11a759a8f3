import { fastestAt } from "./answers/fastest.ts";
import { lengthsOf, rowAt, type Series } from "./series.ts";
import { isTimed, type SpeedUp, speedUp, type TimedRow } from "./speed-up.ts";

/** The fastest at one length. */
export interface Winner {
  readonly length: number;
  /** The series with the least median, and those that it cannot be told from. */
  readonly series: readonly Series[];
  readonly row: TimedRow;
  /** Null if the baseline was not measured there. */
  readonly speedUp: SpeedUp | null;
}

/**
 * The fastest at each length at which anything was measured, by setting: different settings do not compete.
 */
export function winnersOf(series: readonly Series[]): ReadonlyMap<string, readonly Winner[]> {
  const settings = [...Map.groupBy(series, (one) => one.setting)];
  return new Map(
    settings.map(([setting, rivals]) => [setting, lengthsOf(rivals).flatMap((at) => winnerAt(rivals, at))]),
  );
}

function winnerAt(rivals: readonly Series[], length: number): readonly Winner[] {
  const series = fastestAt(rivals, length);
  if (series.length === 0) return [];
  const row = rowAt(series[0], length);
  return row === undefined || !isTimed(row)
    ? []
    : [{ length, series, row, speedUp: speedUp(series[0], length) }];
}
